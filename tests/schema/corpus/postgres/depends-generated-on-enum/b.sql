CREATE TYPE e AS ENUM ('b', 'a');
CREATE TABLE t (v e, g boolean GENERATED ALWAYS AS (v = 'a') STORED);
