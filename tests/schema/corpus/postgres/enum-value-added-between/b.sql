CREATE TYPE mood AS ENUM ('first', 'sad', 'so', 'la', 'ok', 'happy', 'last');
CREATE TABLE t (m mood, ms mood[]);
