CREATE TABLE t (a integer DEFAULT 2, b text, c timestamptz DEFAULT now());
