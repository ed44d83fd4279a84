CREATE TYPE e AS ENUM ('a', 'b');
CREATE TABLE t (v e, g boolean GENERATED ALWAYS AS (v = 'a') STORED);
