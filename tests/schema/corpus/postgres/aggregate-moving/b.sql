CREATE AGGREGATE m(double precision) (SFUNC = float8_accum, STYPE = double precision[], FINALFUNC = float8_avg, INITCOND = '{0,0,0}', MSFUNC = float8pl, MINVFUNC = float8mi, MSTYPE = double precision, MINITCOND = '0');
CREATE AGGREGATE mx(integer) (SFUNC = int4larger, STYPE = integer, SORTOP = >);
