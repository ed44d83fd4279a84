// Rows 10 to 13, 15 to 17 and 52: several flux started at the same time.
#include <iostream>
#include <sstream>

#include "pgbouncer.hpp"
#include "scene.hpp"

using namespace flux::testing;

namespace {

constexpr int rounds = sanitized ? 5 : 50, eight = 8;

// What became of flux started several times at once, over all rounds.
struct Tally {
  int runs = 0, good = 0;
  std::string problems;  // what the others wrote

  // Starts `starters` at once and waits for them all.
  void race(const Project& project, int starters, const std::string& uri) {
    std::vector<std::unique_ptr<Child>> all;
    for (int i = 0; i < starters; ++i) all.push_back(start_flux(project, {"apply", uri, "--yes"}));
    for (const auto& one : all) {
      const int code = one->wait();
      ++runs;
      if (code == 0)
        ++good;
      else
        problems += "exit " + std::to_string(code) + ": " + one->text() + "\n";
    }
  }
  void expect(const std::string& what, const std::string& is, const std::string& should) {
    if (is != should) problems += what + " is " + is + ", not " + should + "\n";
  }
  void report(const std::string& name) const {
    std::cout << name << ": " << good << " of " << runs << " ended with 0"
              << (sanitized ? " (fewer rounds: sanitizers are on)" : "") << std::endl;
    CAPTURE(problems);
    CHECK(good == runs);
    CHECK(problems.empty());
  }
};

void write_batch(const Project& project) {
  project.write("01_log.sql", "create table log (what int);\n");
  project.write("02_one.sql", "insert into log values (1);\n");
  project.write("03_two.sql", "create table more (a int); insert into log values (2);\n");
}

// Rounds of eight on an empty database, where each migration has to be applied once.
void race_empty(const std::string& name, const PostgresScene& scene, const std::string& uri) {
  write_batch(scene.project);
  Tally tally;
  for (int round = 0; round < rounds; ++round) {
    scene.run("set client_min_messages = warning; drop schema public cascade; create schema public");
    tally.race(scene.project, eight, uri);
    tally.expect("the log", scene.run("select string_agg(what::text, ' ' order by what) from log"), "1 2");
    tally.expect("the history", history_of(*scene.database), "01_log 02_one 03_two");
    tally.expect("what holds advisory locks", scene.run("select count(*) from pg_locks where locktype = 'advisory'"),
                 "0");
  }
  tally.report(name);
}

// Rounds of eight with one more DML migration pending each time.
void race_pending(const std::string& name, const PostgresScene& scene, const std::string& uri) {
  write_batch(scene.project);
  scene.project.must({"apply", "--yes"});
  Tally tally;
  for (int round = 1; round <= rounds; ++round) {
    const std::string value = std::to_string(1000 + round);
    scene.project.write("1" + value + ".sql", "insert into log values (" + value + ");\n");
    tally.race(scene.project, eight, uri);
    tally.expect("round " + value, scene.run("select count(*) from log where what = " + value), "1");
  }
  tally.expect("the log", scene.run("select count(*) from log"), std::to_string(rounds + 2));
  tally.report(name);
}

// What a pool's server connections have that a fresh one does not have.
std::string left_behind(const PgBouncer& pool, const PostgresScene& scene) {
  const std::string sql =
      "select coalesce(string_agg(name || '=' || setting, ' ' order by name), '') from pg_settings where source = "
      "'session' and name not in "
      "('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings', 'search_path')"
      " union all select 'role=' || current_setting('role') || ' user=' || current_user || ' path=' || "
      "current_setting('search_path') ||"
      " ' strings=' || current_setting('standard_conforming_strings') || ' zone=' || (current_setting('TimeZone') = "
      "'Asia/Tokyo')";
  const ProcessResult result =
      run_process({(postgres().programs() / "psql").string(), pool.uri(scene.name()), "-qAtXc", sql});
  return result.exit_code == 0 ? result.out : result.err;
}

}  // namespace

TEST_SUITE_BEGIN("races");

TEST_CASE("row 10: eight starters on an empty database") {
  const PostgresScene scene;
  race_empty("PostgreSQL, empty database", scene, scene.database->uri());
}

TEST_CASE("row 11: eight starters with DML pending") {
  const PostgresScene scene;
  race_pending("PostgreSQL, DML pending", scene, scene.database->uri());
}

TEST_CASE("row 12: two starters, DML in a no-transaction migration") {
  PostgresScene scene;
  scene.project.write("01.sql", "create table log (what int);\n");
  scene.project.must({"apply", "--yes"});
  Tally tally;
  for (int round = 1; round <= rounds; ++round) {
    const std::string value = std::to_string(1000 + round);
    scene.project.write("1" + value + ".sql", "-- flux: no-transaction\ninsert into log values (" + value +
                                                  ");\ninsert into log values (" + value + ");\n");
    tally.race(scene.project, 2, scene.database->uri());
    tally.expect("round " + value, scene.run("select count(*) from log where what = " + value), "2");
  }
  tally.report("PostgreSQL, no-transaction");
}

TEST_CASE("row 13: CREATE INDEX CONCURRENTLY while others wait") {
  PostgresScene scene;
  Tally tally;
  for (int round = 0; round < (sanitized ? 2 : 10); ++round) {
    scene.run(
        "set client_min_messages = warning; drop schema public cascade; create schema public; create table big as "
        "select g from generate_series(1, 1000) g");
    scene.project.write("01.sql", "-- flux: no-transaction\ncreate index concurrently big_g on big (g);\n");
    scene.project.write("02.sql", "create table log (what int); insert into log values (1);\n");
    // A writer makes the index wait, so that the others meet it while it is built.
    Child writer({(postgres().programs() / "psql").string(), scene.database->uri(), "-qXc",
                  "begin; insert into big values (0); select pg_sleep(0.5); commit"});
    REQUIRE(eventually([&] { return sessions_with(*scene.database, "pg_sleep") == 1; }));
    tally.race(scene.project, round % 2 == 0 ? 2 : 4, scene.database->uri());
    writer.wait();
    tally.expect("valid index", scene.run("select indisvalid from pg_index where indexrelid = to_regclass('big_g')"),
                 "t");
    tally.expect("the history", history_of(*scene.database), "01 02");
  }
  tally.report("PostgreSQL, CREATE INDEX CONCURRENTLY");
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("races_pool");

TEST_CASE("row 15: two and eight starters through a transaction pooler") {
  const PgBouncer pool(postgres());
  {
    const PostgresScene scene;
    race_empty("pgbouncer, empty database", scene, pool.uri(scene.name()));
  }
  const PostgresScene scene;
  write_batch(scene.project);
  Tally tally;
  tally.race(scene.project, 2, pool.uri(scene.name()));
  tally.expect("the history", history_of(*scene.database), "01_log 02_one 03_two");
  tally.report("pgbouncer, two starters");
}

TEST_CASE("row 15: CREATE INDEX CONCURRENTLY through a transaction pooler works, or is refused with nothing left") {
  const PgBouncer pool(postgres());
  PostgresScene scene;
  scene.run("create table big as select g from generate_series(1, 1000) g");
  scene.project.write("01.sql", "-- flux: no-transaction\ncreate index concurrently big_g on big (g);\n");
  scene.project.write("02.sql", "create table log (what int); insert into log values (1);\n");
  Tally tally;
  tally.race(scene.project, eight, pool.uri(scene.name()));
  CAPTURE(tally.problems);
  CHECK((tally.good == tally.runs || (tally.good == 0 && contains(tally.problems, "direct URI"))));
  CHECK(history_of(*scene.database) == (tally.good > 0 ? "01 02" : ""));
  CHECK_NOTHROW(scene.project.must({"apply", "--yes"}));
  CHECK(scene.run("select indisvalid from pg_index where indexrelid = to_regclass('big_g')") == "t");
  CHECK(history_of(*scene.database) == "01 02");
}

TEST_CASE("rows 16 and 17: nothing is left behind on the pool") {
  // One server connection for each pool would starve the second lock, so there are two, and both are looked at.
  const PgBouncer pool(postgres(), {"default_pool_size = 2"});
  PostgresScene scene;
  scene.run("drop role if exists app_role; create role app_role; grant app_role to postgres; create schema elsewhere");
  const std::string before = left_behind(pool, scene);
  for (const std::string change :
       {"set search_path to elsewhere;", "set role app_role;", "set statement_timeout to '1234ms';",
        "set standard_conforming_strings to off;", "set session_replication_role to replica;",
        "set timezone to 'Asia/Tokyo';", "set default_transaction_read_only to on;", "set work_mem to '1MB';",
        "create temp table leaked (a int);", "prepare leaked as select 1;", "select pg_advisory_lock(4711);",
        "listen leaked;", "declare leaked cursor with hold for select 1;"}) {
    CAPTURE(change);
    static int number = 10;
    scene.project.write(std::to_string(++number) + ".sql", change);
    const ProcessResult result = scene.project.flux({"apply", pool.uri(scene.name()), "--yes"});
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    // Both connections of the pool, as they come.
    for (int look = 0; look < 4; ++look) CHECK(left_behind(pool, scene) == before);
    CHECK(scene.run("select count(*) from pg_locks where locktype = 'advisory'") == "0");
    CHECK(scene.run("select count(*) from pg_class where relname = 'leaked'") == "0");
  }
  CHECK(scene.run("select count(*) from pg_stat_activity where datname = current_database() and state <> 'idle' and "
                  "pid <> pg_backend_pid()") == "0");
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("races_sqlite");

TEST_CASE("row 52: SQLite, eight starters") {
  Tally tally;
  for (int round = 0; round < rounds; ++round) {
    const auto database = new_sqlite();
    const Project project(*database);
    write_batch(project);
    tally.race(project, eight, database->uri());
    tally.expect("the log", database->run("select group_concat(what, ' ') from (select what from log order by what)"),
                 "1 2");
    tally.expect("the history", history_of(*database), "01_log 02_one 03_two");
  }
  tally.report("SQLite");
}

TEST_SUITE_END();
