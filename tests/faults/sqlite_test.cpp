// Rows 53 and 54, on SQLite. Row 52 is among the races.
#include "scene.hpp"

using namespace flux::testing;

TEST_SUITE_BEGIN("sqlite");

TEST_CASE("row 53: SQLite, bodies of triggers") {
  const auto database = new_sqlite();
  const Project project(*database);
  project.write("01.sql",
                "create table t (a int);\ncreate table log (what text);\n"
                "create trigger added after insert on t begin\n  insert into log values ('it''s; added');\n"
                "  insert into log select case when new.a > 1 then 'big; end' else 'small' end; -- end;\nend;\n"
                "insert into t values (2);\n");
  CHECK_NOTHROW(project.must({"apply", "--yes"}));
  CHECK(database->run("select group_concat(what, '|') from log") == "it's; added|big; end");
}

TEST_CASE("row 54: SQLite, COMMIT inside a script") {
  const auto database = new_sqlite();
  const Project project(*database);
  project.write("01.sql", "create table good (a int);\n");
  project.write("02.sql", "create table b (x int);\ncommit;\ncreate table c (x int);\n");
  CHECK(contains(project.must({"apply", "--yes"}, 3), "02.sql:2:1"));
  for (const char* table : {"good", "b", "c"}) CHECK_FALSE(has_relation(*database, table));
}

TEST_SUITE_END();
