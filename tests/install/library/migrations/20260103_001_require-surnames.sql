create table no_null (value integer not null);
insert into no_null select case when surname is null then null else 1 end from customers;
drop table no_null;
