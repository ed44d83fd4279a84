#include "long_history.hpp"

#include <array>

namespace flux::testing {
namespace {

struct Pattern {
  const char *up, *undo;
};

// "@" stands for the number of the migration, so that each one has names of its own; "@@" for that of the first of its
// group, which the others build on.
constexpr std::array<Pattern, 12> postgres_patterns = {{
    {R"(-- a table; its comment has a semicolon
create table t@@ (
  id bigint generated always as identity primary key,
  name text not null default 'a;b''c' check (name <> ';'), /* here; /* and nested; */ too */
  price numeric(10, 2) default 0,
  made timestamptz not null default now()
);
comment on table t@@ is E'it\'s; quoted';
create index t@@_name on t@@ (lower(name)) where price > 0;
)",
     "drop table t@@;\n"},
    {R"(create function f@(a int) returns int language plpgsql as $$
declare x int := 0; -- ; in a comment
begin
  for i in 1..a loop x := x + i; end loop;
  execute $q$ select 1; $q$;
  if x > 10 then return x; else return -x; end if;
end;
$$;
)",
     "drop function f@(int);\n"},
    {R"(create function atomic@(a int, b int) returns int language sql
begin atomic
  select case when a > b then a else case b when 0 then -1 else b end end;
end;
create procedure proc@(p text) language sql begin atomic insert into t@@ (name) values (p); end;
)",
     "drop procedure proc@(text);\ndrop function atomic@(int, int);\n"},
    {"create view v@ as select id, name || ';' as \"odd;name\" from t@@ where name <> $x$;$x$;\n", "drop view v@;\n"},
    {"create type mood@ as enum ('sad', 'o;k', 'happy''s');\ncreate table m@ (id int, mood mood@ default 'o;k');\n",
     "drop table m@;\ndrop type mood@;\n"},
    {R"(create function touch@() returns trigger language plpgsql as $body$
begin
  new.made := now();
  return new;
end $body$;
create trigger touch@ before update on t@@ for each row when (old.name is distinct from new.name) execute function touch@();
)",
     "drop trigger touch@ on t@@;\ndrop function touch@();\n"},
    {R"(create table p@ (id int, at date not null) partition by range (at);
create table p@_old partition of p@ for values from (minvalue) to ('2020-01-01');
create table p@_new partition of p@ for values from ('2020-01-01') to (maxvalue);
)",
     "drop table p@;\n"},
    {R"(insert into t@@ (name, made) values ('x;y', '2020-01-01'), (E'back\\slash;\'', '2020-01-01'), ($$dollar;$$, '2020-01-01');
update t@@ set price = 1 where name like '%;%';
)",
     "delete from t@@;\n"},
    {"alter table t@@ add column c@ int default 5;\ncreate unique index t@@_c@ on t@@ (id, c@);\n", "alter table t@@ drop column c@;\n"},
    {R"(create table audit@ (what text);
create rule log@ as on delete to t@@ do also (insert into audit@ values ('gone;'); insert into audit@ values ('twice'));
create materialized view mv@ as select count(*) as n from t@@ with no data;
)",
     "drop materialized view mv@;\ndrop rule log@ on t@@;\ndrop table audit@;\n"},
    {R"(do $do$
begin
  if not exists (select from pg_roles where rolname = 'nobody;') then
    create sequence s@ start 10;
  end if;
end
$do$;
set local search_path to pg_catalog;
)",
     "drop sequence public.s@;\n"},
    {R"(begin;
create domain d@ as text check (value ~ '^[a-z;]+$');
create table copied@ (id int, text text);
copy copied@ from stdin;
1	one; and 'more
2	\N
\.
commit;
)",
     "drop table copied@;\ndrop domain d@;\n"},
}};

constexpr std::array<Pattern, 8> sqlite_patterns = {{
    {R"(-- a table; with a generated column
create table t@@ (
  id integer primary key,
  name text not null default 'a;b''c' check (name <> ';'), /* here; */
  price real default 0,
  taxed real generated always as (price * 1.2) stored,
  upper_name text as (upper(name)) virtual
);
create index t@@_name on t@@ (lower(name)) where price > 0;
)",
     "drop table t@@;\n"},
    {R"(create table log@ (what text, at text);
create trigger tr@ after update on t@@ for each row when new.name <> old.name begin
  insert into log@ values (case when new.price > 1 then 'dear;' else 'cheap' end, datetime('now'));
  select case new.name when 'x' then raise(abort, 'no; never') end;
end;
)",
     "drop trigger tr@;\ndrop table log@;\n"},
    {"create view v@ as select id, name || ';' as [odd;name], `price` from \"t@@\";\n", "drop view v@;\n"},
    {"insert into t@@ (name, price) values ('x;y', 1), ('it''s', 2);\nupdate t@@ set price = 3 where name = 'x;y';\n", "delete from t@@;\n"},
    {"create table strict@ (id integer primary key, body any) strict;\ncreate table rowless@ (k text primary key, v) without rowid;\n",
     "drop table rowless@;\ndrop table strict@;\n"},
    {"alter table t@@ add column c@ int default 5;\ncreate unique index t@@_c@ on t@@ (id, c@);\n",
     "drop index t@@_c@;\nalter table t@@ drop column c@;\n"},
    {R"(create table parent@ (id integer primary key);
create table child@ (id integer primary key, parent int references parent@ (id));
insert into parent@ values (1);
insert into child@ values (1, 1);
pragma foreign_keys = off;
create table parent_new (id integer primary key, extra text);
insert into parent_new (id) select id from parent@;
drop table parent@;
alter table parent_new rename to parent@;
pragma foreign_keys = on;
)",
     "drop table child@;\ndrop table parent@;\n"},
    {"begin immediate;\ncreate virtual table fts@ using fts5(title, body);\ninsert into fts@ values ('a;b', 'c');\nend transaction;\n",
     "drop table fts@;\n"},
}};

std::string filled(const char* pattern, const std::string& number, const std::string& group) {
  std::string out;
  for (const char* c = pattern; *c != '\0'; ++c) {
    const bool is_group = c[0] == '@' && c[1] == '@';
    if (is_group) ++c;
    if (*c == '@') out += is_group ? group : number;
    else out += *c;
  }
  return out;
}

template <std::size_t n>
std::vector<LongMigration> history(const std::array<Pattern, n>& patterns, std::size_t count) {
  std::vector<LongMigration> list;
  for (std::size_t i = 0; i < count; ++i) {
    std::string number = std::to_string(i);
    number.insert(0, 4 - number.size(), '0');
    const std::string group = std::to_string(i - i % n);
    list.push_back({"2026_" + number + "_change", filled(patterns[i % n].up, number, group), filled(patterns[i % n].undo, number, group)});
  }
  return list;
}

}  // namespace

std::vector<LongMigration> long_postgres_history(std::size_t count) { return history(postgres_patterns, count); }
std::vector<LongMigration> long_sqlite_history(std::size_t count) { return history(sqlite_patterns, count); }

}  // namespace flux::testing
