update customers set name = name || ' ' || surname where surname is not null;
alter table customers drop column surname;
