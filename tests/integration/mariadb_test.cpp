#include <doctest/doctest.h>
#include <signal.h>

#include <chrono>
#include <functional>
#include <thread>

#include "project.hpp"

TEST_SUITE_BEGIN("mariadb");

using namespace flux::testing;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string row(const Database& database, const std::string& id) {
  return database.run("select concat(state, ' ', statements_started, ' ', statements_done, ' ', statements_total) from _flux_migrations where id = '" + id + "'");
}

bool eventually(const std::function<bool()>& is) {
  for (int i = 0; i < 1200; ++i) {
    if (is()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  return false;
}

bool is_running(const Database& database, const std::string& statement) {
  return database.run("select count(*) from information_schema.processlist where info = '" + statement + "'") == "1";
}

}  // namespace

TEST_CASE("a script that fails half way keeps what is done, says so, and resumes with the rest") {
  const auto database = new_mariadb();
  const Project project(*database);
  project.migration("01", "create table a (x int);", "drop table a;");
  project.migration("02", "create table b (x int);\ninsert into b values (1);\ninsert into nowhere values (1);\nalter table b add y int;\n", "drop table b;");
  project.migration("03", "create table c (x int);", "drop table c;");
  const std::string plan = project.must({"plan"});
  CHECK(contains(plan, "mariadb cannot roll back a whole script, so each runs statement by statement"));
  const std::string failed = project.must({"apply", "--yes"}, 7);
  for (const char* part : {"02 was interrupted", "02.sql:3:13", "in statement 3 of 4; 2 done", "flux resolve 02 --resume", "not run: 1"}) CHECK(contains(failed, part));
  CHECK(row(*database, "02") == "interrupted 2 2 4");
  CHECK(contains(project.must({"apply", "--yes"}, 7), "it stopped before statement 3 of 4"));
  project.write("02.sql", "create table b (x int, z int);\ninsert into b values (1);\nalter table b add y int;\n");
  CHECK(contains(project.must({"resolve", "02", "--resume", "--yes"}, 3), "have been changed since"));
  project.write("02.sql", "create table b (x int);\ninsert into b values (1);\ninsert into b values (2);\nalter table b add y int;\n");
  project.must({"resolve", "02", "--resume", "--yes"});
  CHECK(row(*database, "02") == "applied 4 4 4");
  CHECK(database->run("select count(*) from b") == "2");
  project.must({"apply", "--yes"});
  CHECK(applied_ids(*database) == "01 02 03");
  project.must({"rollback", "--all", "--yes"});
  CHECK(applied_ids(*database) == "");
}

TEST_CASE("a script whose first statement fails leaves nothing, and needs no resolve") {
  const auto database = new_mariadb();
  const Project project(*database);
  project.migration("01", "set foreign_key_checks = 0;\ncreate tabel a (x int);\ncreate table b (x int);\n", "drop tabel a;\ndrop table b;");
  const std::string failed = project.must({"apply", "--yes"}, 1);
  CHECK(contains(failed, "01 failed and was rolled back"));
  CHECK(contains(failed, "01.sql:2:8"));
  CHECK(applied_ids(*database) == "");
  project.write("01.sql", "set foreign_key_checks = 0;\ncreate table a (x int);\ncreate table b (x int);\n");
  project.must({"apply", "--yes"});
  // An undo script as well: the migration is applied as before.
  project.must({"rollback", "1", "--yes"}, 1);
  CHECK(row(*database, "01") == "applied 3 3 3");
  CHECK(database->run("select script is not null from _flux_migrations") == "1");
  project.must({"validate"});
  project.write("01.undo.sql", "drop table a;\ndrop table b;");
  project.must({"rollback", "1", "--yes"});
}

TEST_CASE("a repeatable that has run keeps its row where it is changed and its first statement fails") {
  const auto database = new_mariadb();
  const Project project(*database);
  const std::string head = "-- flux: run=on-change\n", before = "select concat(state, hash, applied_at, script) from _flux_migrations";
  project.write("post-apply/view.sql", head + "create or replace view v as select 1 as a;\nselect 1;\n");
  project.must({"apply", "--yes"});
  const std::string row = database->run(before);
  project.write("post-apply/view.sql", head + "alter tabel nowhere add a int;\nselect 1;\n");
  project.must({"apply", "--yes"}, 1);
  CHECK(database->run(before) == row);
  project.write("post-apply/view.sql", head + "alter table nowhere add a int;\nselect 1;\n");
  project.must({"apply", "--yes"}, 1);
  CHECK(database->run(before) == row);
  project.write("post-apply/view.sql", head + "create or replace view v as select 1 as a;\nselect 1;\n");
  CHECK(contains(project.must({"apply", "--yes"}), "nothing to apply"));
}

TEST_CASE("several migrations in a single transaction are refused") {
  const auto database = new_mariadb();
  const Project project(*database);
  project.write("01.sql", "insert into nowhere values (1);");
  CHECK(contains(project.must({"apply", "--yes", "--single-transaction"}, 2), "single transaction"));
}

TEST_CASE("BEGIN and COMMIT hold rows together, and around DDL promise nothing") {
  const auto database = new_mariadb();
  const Project project(*database);
  project.write("01.sql", "begin;\ncreate table t (a int primary key);\ninsert into t values (1);\ncommit;\n");
  project.must({"apply", "--yes"});
  CHECK(row(*database, "01") == "applied 2 2 2");
  project.write("02.sql", "insert into t values (2);\nstart transaction;\ninsert into t values (3);\ninsert into t values (1);\ncommit;\n");
  CHECK(contains(project.must({"apply", "--yes"}, 7), "02.sql:4:"));
  CHECK(row(*database, "02") == "interrupted 1 1 3");
  CHECK(database->run("select group_concat(a order by a) from t") == "1,2");
  project.write("02.sql", "insert into t values (2);\nstart transaction;\ninsert into t values (3);\ninsert into t values (4);\ncommit;\n");
  project.must({"resolve", "02", "--resume", "--yes"});
  CHECK(database->run("select group_concat(a order by a) from t") == "1,2,3,4");
  project.write("03.sql", "insert into t values (9);\ncommit;\n");
  CHECK(contains(project.must({"apply", "--yes"}, 3), "03.sql:2:1"));
  project.write("03.sql", "select 1;\nbegin;\ninsert into t values (9);\ndrop table t;\ncommit;\n");
  CHECK(contains(project.must({"apply", "--yes"}, 3), "DROP TABLE cannot run inside a transaction"));
}

TEST_CASE("what commits by itself is refused wherever it stands between BEGIN and COMMIT, and counts as itself where these are around all") {
  const auto database = new_mariadb();
  const Project project(*database);
  database->run("create table t (a int); create table a (x int); create table b (x int); create procedure p() begin commit; end; create user if not exists someone");
  for (const std::string statement : {"drop table a, b", "create or replace table a (y int)", "grant select on t to someone", "analyze table t", "flush tables", "call p()",
                                      "execute immediate 'commit'"})
    for (const std::string& group : {statement + "; insert into t values (1); insert into t values (2);", "insert into t values (1); " + statement + "; insert into t values (2);",
                                     "insert into t values (1); insert into t values (2); " + statement + ";"}) {
      CAPTURE(group);
      project.write("01.sql", "select 1;\nbegin;\n" + group + "\ncommit;\n");
      CHECK(contains(project.must({"apply", "--yes"}, 3), "cannot run inside a transaction"));
    }
  CHECK(database->run("select count(*) from t") == "0");
  project.write("01.sql", "begin;\ninsert into t values (1);\ndrop table a, b;\ninsert into nowhere values (1);\ncommit;\n");
  CHECK(contains(project.must({"apply", "--yes"}, 7), "in statement 3 of 3; 2 done and not rolled back"));
  CHECK(database->run("select count(*) from t") == "1");
}

TEST_CASE("a migration has nothing of the session of the one before, nor post-apply of one that failed") {
  const auto database = new_mariadb();
  const Project project(*database);
  database->run("create table t (a int)");
  project.write("01.sql", "create temporary table t (a int);");
  project.write("02.sql", "insert into t values (1);");
  project.must({"apply", "--yes"});
  CHECK(database->run("select count(*) from t") == "1");
  project.write("03.sql", "create temporary table t (a int);\ninsert into nowhere values (1);\nselect 1;\n");
  project.write("post-apply/late.sql", "insert into t values (2);");
  project.must({"apply", "--yes"}, 7);
  CHECK(database->run("select group_concat(a order by a) from t") == "1,2");
}

TEST_CASE("a dump, with tables that it locks and settings that it saves, runs as a migration") {
  const auto source = new_mariadb(), database = new_mariadb();
  source->run(
      "create table a (x int primary key, t varchar(50)) charset utf8mb4; insert into a values (1, 'it''s; \\\\'), (2, 'b'); create view v as select x from a;"
      "create trigger tr before insert on a for each row begin if new.x = 0 then set new.x = 9; end if; end;"
      "create procedure p() begin select 1; select 2; end");
  const Project project(*database);
  project.write("01_dump.sql", source->dump());
  project.must({"apply", "--yes"});
  CHECK(database->run("select group_concat(t order by x separator '|') from a") == "it's; \\|b");
  CHECK(database->dump() == source->dump());
}

TEST_CASE("a signal ends the statement and leaves it undone, or its script interrupted") {
  const auto database = new_mariadb();
  const Project project(*database);
  project.write("01.sql", "create table t (a int);\n");
  project.must({"apply", "--yes"});
  project.write("02.sql", "insert into t select sleep(100);\n");
  ProcessResult result = project.flux({"apply", "--yes"}, [&](pid_t pid) {
    CHECK(eventually([&] { return is_running(*database, "insert into t select sleep(100)"); }));
    ::kill(pid, SIGINT);
  });
  CAPTURE(result.err);
  CHECK(result.exit_code == 130);
  CHECK(applied_ids(*database) == "01");
  CHECK(database->run("select count(*) from t") == "0");
  CHECK(eventually([&] { return !is_running(*database, "insert into t select sleep(100)"); }));

  project.write("02.sql", "insert into t values (1);\ncreate table u as select sleep(100);\n");
  result = project.flux({"apply", "--yes"}, [&](pid_t pid) {
    CHECK(eventually([&] { return is_running(*database, "create table u as select sleep(100)"); }));
    ::kill(pid, SIGTERM);
  });
  CAPTURE(result.err);
  CHECK(result.exit_code == 143);
  CHECK(contains(result.err, "in statement 2 of 2; 1 done"));
  CHECK(row(*database, "02") == "interrupted 1 1 2");
}

TEST_CASE("DDL behind an open transaction gives way, tries again, and says who is in the way") {
  const auto database = new_mariadb();
  const Project project(*database, "statement_lock_timeout = \"1s\"\nlock_retries = 5");
  project.write("01.sql", "create table t (a int) engine = InnoDB;\ninsert into t values (1);\n");
  project.must({"apply", "--yes"});
  project.write("02.sql", "alter table t add b int;\ninsert into t values (2, 2);\n");
  std::thread reader([&] { database->run("start transaction; select * from t; do sleep(2.5); commit"); });
  CHECK(eventually([&] { return is_running(*database, "do sleep(2.5)"); }));
  const std::string text = project.must({"apply", "--yes"});
  reader.join();
  CAPTURE(text);
  CHECK(contains(text, "trying again"));
  CHECK(contains(text, "in a transaction since"));
  CHECK(database->run("select count(*) from t") == "2");
}

TEST_CASE("who waits too long for the lock ends with 4 and is told which connection holds it, which can be ended") {
  const auto database = new_mariadb();
  const Project slow(*database), hasty(*database, "lock_timeout = \"300ms\"");
  slow.write("01.sql", "do sleep(60);");
  hasty.write("01.sql", "do sleep(60);");
  const ProcessResult ended = slow.flux({"apply", "--yes"}, [&](pid_t) {
    CHECK(eventually([&] { return is_running(*database, "do sleep(60)"); }));
    CHECK(contains(hasty.must({"apply", "--yes"}, 4), "held by connection "));
    CHECK(contains(hasty.must({"lock"}), "is held by connection "));
    hasty.must({"lock", "--release", "--yes"});
    CHECK(contains(hasty.must({"lock"}), "nobody holds"));
  });
  CAPTURE(ended.err);
  CHECK(ended.exit_code == 5);
  CHECK(database->run("select count(*) from _flux_migrations") == "0");
}

TEST_CASE("no connection ends with 5, nothing is created, and no password is shown, on MariaDB") {
  const auto database = new_mariadb();
  const Project project(*database);
  project.write("01.sql", "select 1;");
  const std::string server = database->uri().substr(0, database->uri().rfind('/'));
  const std::string guarded = "mariadb://root:Geheim42@" + server.substr(server.find('@') + 1);
  for (const std::string& uri : {server + "/mistyped", guarded + "/mysql", guarded + "x/mysql", std::string("mysql://u:Geheim42@nowhere.invalid/d"),
                                 std::string("mariadb://u:Geheim@42@h/d")}) {
    CAPTURE(uri);
    const std::string text = project.must({"apply", uri, "--yes"}, 5);
    CHECK_FALSE(contains(text, "Geheim"));
  }
  CHECK(database->run("select count(*) from information_schema.schemata where schema_name = 'mistyped'") == "0");
}

TEST_SUITE_END();
