alter table customers add column surname text;
update customers set surname = substr(name, instr(name, ' ') + 1), name = substr(name, 1, instr(name, ' ') - 1)
  where instr(name, ' ') > 0;
