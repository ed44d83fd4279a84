CREATE TYPE mood AS ENUM ('sad', 'o''k', 'a\b');
CREATE TABLE t (m mood, ms mood[]);
