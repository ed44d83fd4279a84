CREATE TABLE m (k uuid, v integer) PARTITION BY RANGE (k);
CREATE TABLE x (k bigint, v integer) PARTITION BY RANGE ((k + 1));
