CREATE EXTENSION "uuid-ossp";
CREATE TABLE x (id uuid DEFAULT uuid_generate_v4());
