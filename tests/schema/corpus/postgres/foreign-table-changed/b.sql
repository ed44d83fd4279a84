CREATE FOREIGN DATA WRAPPER w OPTIONS (debug 'true');
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE f (a bigint OPTIONS (column_name 'y', z '1'), b text DEFAULT 'q' NOT NULL, d integer) SERVER s OPTIONS (schema_name 'u');
