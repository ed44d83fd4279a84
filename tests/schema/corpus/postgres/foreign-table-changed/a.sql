CREATE FOREIGN DATA WRAPPER w OPTIONS (debug 'true');
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE f (a integer OPTIONS (column_name 'x'), b text, c integer) SERVER s OPTIONS (table_name 't');
