CREATE TABLE t (v integer DEFAULT 5);
