CREATE TABLE x (a integer PRIMARY KEY);
CREATE PUBLICATION p FOR TABLE x WHERE (a > 1) WITH (publish = 'insert');
