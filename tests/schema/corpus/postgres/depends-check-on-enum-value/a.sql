CREATE TYPE e AS ENUM ('a', 'b');
CREATE TABLE t (v e, CONSTRAINT c CHECK (v <> 'b'));
