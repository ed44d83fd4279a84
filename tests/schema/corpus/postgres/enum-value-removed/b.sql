CREATE TYPE mood AS ENUM ('ok', 'happy');
CREATE TABLE t (m mood, ms mood[]);
