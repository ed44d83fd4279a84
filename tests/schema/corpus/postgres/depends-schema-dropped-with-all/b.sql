CREATE TABLE u (t integer);
