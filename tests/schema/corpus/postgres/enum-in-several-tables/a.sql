CREATE TYPE mood AS ENUM ('a', 'b', 'c');
CREATE TABLE t (m mood);
CREATE TABLE u (n mood NOT NULL, CONSTRAINT k PRIMARY KEY (n));
