create table customers (id integer primary key, name text not null);
insert into customers (name) values ('Ada Lovelace'), ('Plato');
