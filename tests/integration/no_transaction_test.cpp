#include <doctest/doctest.h>

#include "project.hpp"

TEST_SUITE_BEGIN("no transaction");

using namespace flux::testing;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const char* const row_query = "select state || ' ' || statements_started || ' ' || statements_done || ' ' || statements_total from _flux_migrations where id = '02'";

}  // namespace

TEST_CASE("a script without a transaction runs statement by statement, up, down and as a repeatable") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.migration("01", "-- flux: no-transaction\ncreate table t (a int);\nvacuum;\ninsert into t values (1);\n",
                      "-- flux: no-transaction\nvacuum;\ndrop table t;\n");
    project.write("post-apply/tidy.sql", "-- flux: no-transaction\nvacuum;\nselect 1;\n");
    project.must({"apply", "--yes"});
    CHECK(database->run("select state || ' ' || statements_done from _flux_migrations") == "applied 3");
    CHECK(database->run("select count(*) from t") == "1");
    project.must({"rollback", "1", "--yes"});
    CHECK(database->run("select count(*) from _flux_migrations") == "0");
    project.must({"apply", "--yes"});
  }
}

TEST_CASE("one that fails half way keeps what is done, is refused until it is resolved, and resumes where it stopped") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.write("01.sql", "create table t (a int primary key);\n");
    project.write("02.sql", "-- flux: no-transaction\ninsert into t values (1);\nvacuum;\ninsert into t values (2);\ninsert into t values (1);\ninsert into t values (4);\n");
    project.write("03.sql", "insert into t values (5);\n");
    const std::string failed = project.must({"apply", "--yes"}, 7);
    CAPTURE(failed);
    for (const char* part : {"02 was interrupted", "02.sql:5:1", "in statement 4 of 5; 3 done", "flux resolve 02 --resume", "not run: 1"}) CHECK(contains(failed, part));
    CHECK(database->run(row_query) == "interrupted 3 3 5");

    for (const char* command : {"apply", "validate", "plan"}) {
      CAPTURE(command);
      std::vector<std::string> arguments{command};
      if (arguments[0] == "apply") arguments.emplace_back("--yes");
      CHECK(contains(project.must(arguments, 7), "it stopped before statement 4 of 5"));
    }
    CHECK(contains(project.must({"resolve", "02", "--resume", "--statement-redo", "--yes"}, 2), "no statement is in doubt"));
    CHECK(contains(project.must({"resolve", "01", "--resume", "--yes"}, 2), "interrupted: 02"));
    CHECK(contains(project.must({"resolve", "02", "--resume"}, 2), "run 02 from statement 4 on"));

    project.write("02.sql", "-- flux: no-transaction\ninsert into t values (9);\nvacuum;\ninsert into t values (2);\ninsert into t values (3);\n");
    CHECK(contains(project.must({"resolve", "02", "--resume", "--yes"}, 3), "the first 3 statements"));
    // Another comment and other blanks between statements that are done are no change.
    project.write("02.sql", "-- flux: no-transaction\n\n-- first\ninsert into t values (1);\nvacuum; insert into t values (2);\ninsert into t values (3);\ninsert into t values (4);\n");
    project.must({"resolve", "02", "--resume", "--yes"});
    CHECK(database->run(row_query) == "applied 5 5 5");
    CHECK(contains(database->run("select note from _flux_migrations where id = '02'"), "resumed behind statement 3"));
    project.must({"apply", "--yes"});
    CHECK(database->run("select count(*) from t") == "5");
    project.must({"validate"});
  }
}

TEST_CASE("one whose first statement fails inside its transaction leaves nothing behind") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.write("01.sql", "-- flux: no-transaction\ncreate table t (a int);\ncreate table t (a int);\n");
    project.write("01.sql", "-- flux: no-transaction\ninsert into nowhere values (1);\nvacuum;\n");
    const std::string failed = project.must({"apply", "--yes"}, 1);
    CHECK(contains(failed, "01 failed and was rolled back"));
    CHECK(database->run("select count(*) from _flux_migrations") == "0");
    project.write("01.sql", "select 1;\n");
    project.must({"apply", "--yes"});
  }
}

TEST_CASE("BEGIN and COMMIT keep statements together, and other transaction control is refused") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.write("01.sql", "create table t (a int primary key);\n");
    project.write("02.sql", "-- flux: no-transaction\nvacuum;\nbegin;\ninsert into t values (1);\ninsert into t values (1);\ncommit;\nvacuum;\n");
    CHECK(contains(project.must({"apply", "--yes"}, 7), "02.sql:5:"));
    CHECK(database->run("select count(*) from t") == "0");
    CHECK(database->run(row_query) == "interrupted 1 1 4");
    project.write("02.sql", "-- flux: no-transaction\nvacuum;\nbegin;\ninsert into t values (1);\ninsert into t values (2);\ncommit;\nvacuum;\n");
    project.must({"resolve", "02", "--resume", "--yes"});
    CHECK(database->run("select count(*) from t") == "2");

    project.write("03.sql", "-- flux: no-transaction\nbegin;\nselect 1;\nrollback;\n");
    CHECK(contains(project.must({"apply", "--yes"}, 3), "ROLLBACK in a script that runs statement by statement"));
    project.write("03.sql", "-- flux: no-transaction\nselect 1;\nbegin;\nselect 1;\n");
    CHECK(contains(project.must({"apply", "--yes"}, 3), "BEGIN without a COMMIT"));
    project.write("03.sql", "-- flux: no-transaction\nselect 1;\nbegin;\nvacuum;\ncommit;");
    CHECK(contains(project.must({"apply", "--yes"}, 3), "VACUUM cannot run inside a transaction"));
    const bool sqlite = database->backend() == "sqlite";
    project.write("03.sql", std::string("-- flux: no-transaction\nvacuum;\nbegin;\n") + (sqlite ? "pragma foreign_keys = off" : "set search_path = public") + ";\nselect 1;\ncommit;");
    CHECK(contains(project.must({"apply", "--yes"}, 3), "between BEGIN and COMMIT"));
    CHECK(contains(project.must({"apply", "--yes", "--single-transaction"}, 2), "cannot be applied in a single transaction"));
  }
}

TEST_CASE("what a statement changes of its session holds for the next ones, and for nothing else") {
  const auto database = new_postgres();
  const Project project(*database);
  database->run("create schema other; create role worker; grant create, usage on schema other to worker");
  project.write("01.sql", "-- flux: no-transaction\nset search_path = other;\nset role worker;\ncreate table t (a int);\nvacuum;\ncreate table u (a int);\n");
  project.write("02.sql", "create table v (a int);\n");
  project.must({"apply", "--yes"});
  CHECK(database->run("select string_agg(schemaname || '.' || tablename || ' ' || tableowner, ',' order by tablename) from pg_tables where tablename in ('t', 'u', 'v')") ==
        "other.t worker,other.u worker,public.v postgres");
  CHECK(database->run("select count(*) from public._flux_migrations where state = 'applied'") == "2");
}

TEST_CASE("what the script had set of its session is set again where it is resumed") {
  const auto database = new_postgres();
  const Project project(*database);
  database->run("create schema other");
  project.write("01.sql", "-- flux: no-transaction\nset search_path = other;\ncreate table t (a int);\nselect nope;\n");
  project.must({"apply", "--yes"}, 7);
  project.write("01.sql", "-- flux: no-transaction\nset search_path = other;\ncreate table t (a int);\ncreate table u (a int);\n");
  project.must({"resolve", "01", "--resume", "--yes"});
  CHECK(database->run("select string_agg(schemaname || '.' || tablename, ',' order by tablename) from pg_tables where tablename in ('t', 'u')") == "other.t,other.u");
}

TEST_CASE("a script of one statement runs as the session is set, not as a migration in a transaction") {
  const auto database = new_sqlite();
  const Project project(*database);
  project.write("01.sql", "create table p (id integer primary key);\ncreate table c (p integer references p on delete cascade);\ninsert into p values (1);\ninsert into c values (1);\n");
  project.write("02.sql", "-- flux: no-transaction\ndelete from p;\n");
  project.must({"apply", "--yes"});
  CHECK(database->run("select count(*) from c") == "0");
}

TEST_CASE("an interrupted undo and an interrupted repeatable are resolved as well") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.migration("01", "create table t (a int primary key);\ninsert into t values (1);\n",
                      "-- flux: no-transaction\nvacuum;\ninsert into t values (1);\ndrop table t;\n");
    project.must({"apply", "--yes"});
    CHECK(contains(project.must({"rollback", "1", "--yes"}, 7), "the undo of 01 was interrupted"));
    CHECK(contains(project.must({"apply", "--yes"}, 7), "the undo of 01 was interrupted"));
    project.must({"resolve", "01", "--applied", "--yes"});
    CHECK(database->run("select state from _flux_migrations") == "applied");
    project.must({"rollback", "1", "--yes"}, 7);
    project.write("01.undo.sql", "-- flux: no-transaction\nvacuum;\ndrop table t;\n");
    project.must({"resolve", "01", "--resume", "--yes"});
    CHECK(database->run("select count(*) from _flux_migrations") == "0");

    project.write("post-apply/tidy.sql", "-- flux: no-transaction\nvacuum;\nselect nope;\n");
    CHECK(contains(project.must({"apply", "--yes"}, 7), "post-apply/tidy"));
    CHECK(contains(project.must({"apply", "--yes"}, 7), "flux resolve post-apply/tidy --resume"));
    project.must({"resolve", "post-apply/tidy", "--not-applied", "--yes"});
    project.write("post-apply/tidy.sql", "-- flux: no-transaction run=on-change\nvacuum;\nselect 1;\n");
    project.must({"apply", "--yes"});
    CHECK(database->run("select state from _flux_migrations where id = 'post-apply/tidy'") == "repeatable");
  }
}

TEST_CASE("an INVALID index is named, and never counts as applied") {
  const auto database = new_postgres();
  const Project project(*database);
  project.write("01.sql", "create table t (a int);\ninsert into t values (1), (1);\n");
  project.write("02.sql", "-- flux: no-transaction\ncreate unique index concurrently t_a on t (a);\n");
  CHECK(contains(project.must({"apply", "--yes"}, 7), "t_a"));
  CHECK(contains(project.must({"apply", "--yes"}, 7), "t_a"));
  project.write("02.sql", "-- flux: no-transaction\ncreate unique index concurrently if not exists t_a on t (a);\n");
  database->run("delete from t");
  CHECK(contains(project.must({"resolve", "02", "--resume", "--yes"}, 7), "t_a"));
  CHECK(database->run("select state from _flux_migrations where id = '02'") == "interrupted");
  database->run("drop index t_a");
  project.must({"resolve", "02", "--resume", "--yes"});
  CHECK(database->run("select count(*) from pg_index where indexrelid = 't_a'::regclass and indisvalid") == "1");
}

TEST_SUITE_END();
