CREATE TABLE r (a integer, b integer, UNIQUE (a, b));
CREATE TABLE t (a integer, b integer, CONSTRAINT f FOREIGN KEY (a, b) REFERENCES r (a, b) ON DELETE SET NULL (b));
