CREATE TABLE m (k integer, v integer) PARTITION BY RANGE (k);
CREATE TABLE x (k integer, v integer) PARTITION BY RANGE ((k + 1));
