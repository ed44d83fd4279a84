CREATE TABLE t (a integer, b integer);
CREATE INDEX t_b ON t (b);
ALTER TABLE t ADD CONSTRAINT ab CHECK (a < b);
