#include <doctest/doctest.h>

#include "project.hpp"

TEST_SUITE_BEGIN("postgresql");

using namespace flux::testing;

namespace {
bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
}  // namespace

TEST_CASE("a role that may only read gets status, plan and validate, and a no-op apply") {
  const auto database = new_postgres();
  const Project project(*database);
  project.migration("01", "create table t (a int);", "drop table t;");
  project.must({"apply", "--yes"});
  database->run("do $$ begin if not exists (select from pg_roles where rolname = 'reader') then create role reader login; end if; end $$;"
                "grant select on _flux_migrations to reader");
  const std::string uri = postgres().uri(database->run("select current_database()"), "reader");
  for (const char* command : {"status", "plan", "validate", "history"}) project.must({command, uri});
  project.must({"apply", uri, "--yes"});
  project.write("02.sql", "create table u (a int);");
  project.must({"plan", uri});
  const ProcessResult refused = project.flux({"apply", uri, "--yes"});
  CHECK(refused.exit_code != 0);
  CHECK(applied_ids(*database) == "01");
}

TEST_CASE("schema and table names of the history are quoted") {
  const auto database = new_postgres();
  const Project project(*database, "", "migrations_schema = 'we\"ird; schema'\nmigrations_table = 'his\"tory'\n");
  project.migration("it's; \"one\" 50%", "create table t (a int);", "drop table t;");
  project.must({"apply", "--yes"});
  CHECK(database->run("select id from \"we\"\"ird; schema\".\"his\"\"tory\"") == "it's; \"one\" 50%");
  project.must({"rollback", "--all", "--yes"});
}

TEST_CASE("what a script changes of the session reaches neither the history nor the next script") {
  for (const char* change : {"set search_path to nowhere;", "create role app; set role app;", "set session authorization app2;", "set client_encoding to latin1;",
                             "set standard_conforming_strings to off;", "set session_replication_role to replica;", "set statement_timeout to '1ms';",
                             "set timezone to 'Asia/Tokyo'; set datestyle to 'German';", "set default_transaction_read_only to on;",
                             "create temp table _flux_migrations (id text);", "prepare p as select 1;"}) {
    CAPTURE(change);
    const auto database = new_postgres();
    database->run("drop role if exists app; do $$ begin if not exists (select from pg_roles where rolname = 'app2') then create role app2; end if; end $$;");
    const Project project(*database, "", "init_sql = [\"set intervalstyle to 'iso_8601'\"]");
    project.write("01.sql", change);
    project.write("02.sql", "create table seen as select current_user::text as who, current_setting('search_path') as path, 'größe\\x' as word,"
                            " current_setting('intervalstyle') as init;");
    project.must({"apply", "--yes"});
    CHECK(database->run("select who || ' ' || path || ' ' || word || ' ' || init from seen") == "postgres \"$user\", public größe\\x iso_8601");
    CHECK(database->run("select count(*) from public._flux_migrations") == "2");
  }
}

TEST_CASE("any conninfo is a URI") {
  const auto database = new_postgres();
  const Project project(*database);
  const std::string name = database->run("select current_database()");
  project.must({"status", postgres().conninfo(name)});
  project.must({"status", postgres().socket_uri(name)});
  write_file(project.folder() / "services", "[app]\nhost=127.0.0.1\nport=" + std::to_string(postgres().port()) + "\ndbname=" + name + "\nuser=postgres\n");
  ProcessOptions options;
  options.cwd = project.folder();
  options.env["PGSERVICEFILE"] = (project.folder() / "services").string();
  CHECK(run_process({FLUX_PROGRAM, "status", "service=app"}, options).exit_code == 0);
}

TEST_CASE("no connection ends with 5, nothing is created, and no password is shown") {
  const auto database = new_postgres();
  const Project project(*database);
  project.write("01.sql", "select 1;");
  const std::string port = std::to_string(postgres().port());
  for (const std::string& uri : {"postgresql://postgres:hun%74er2@127.0.0.1:" + port + "/nosuchdatabase", std::string("postgresql://bob:hun%74er2@127.0.0.1:1/x"),
                                 std::string("host=127.0.0.1 port=1 password=hunter2"), std::string("postgresql://bob:hunter2@127.0.0.1:notaport/x")}) {
    CAPTURE(uri);
    for (const std::vector<std::string>& command : {std::vector<std::string>{"apply", uri, "--yes"}, {"--format", "json", "status", uri}, {"--log-level", "trace", "plan", uri}}) {
      const ProcessResult result = project.flux(command);
      CHECK(result.exit_code == 5);
      CHECK_FALSE(contains(result.out + result.err, "hunter2"));
      CHECK_FALSE(contains(result.out + result.err, "hun%74er2"));
    }
  }
  CHECK(postgres().run("postgres", "select count(*) from pg_database where datname = 'nosuchdatabase'") == "0");
}

TEST_CASE("notices of the server are log lines") {
  const auto database = new_postgres();
  const Project project(*database);
  project.write("01.sql", "do $$ begin raise notice 'hello; there'; raise warning 'careful'; end $$;");
  const ProcessResult result = project.flux({"apply", "--yes"});
  CHECK(contains(result.err, "hello; there"));
  CHECK(contains(result.err, "careful"));
  CHECK_FALSE(contains(result.out, "hello; there"));
}

TEST_CASE("a server that goes away in the middle ends with 5 and leaves nothing of the migration") {
  PostgresServer server;
  const std::string name = server.create_database();
  const TempDir folder;
  write_file(folder / "flux.toml", "[flux]\nbackend = \"postgres\"\nmigration_directory = \"migrations\"\ndatabase_uri = \"" + server.uri(name) + "\"\n");
  write_file(folder / "migrations/01.sql", "create table a (x int);");
  write_file(folder / "migrations/02.sql", "create table b (x int); select pg_terminate_backend(pg_backend_pid());");
  ProcessOptions options;
  options.cwd = folder.path();
  const ProcessResult result = run_process({FLUX_PROGRAM, "apply", "--yes"}, options);
  CHECK(result.exit_code == 5);
  CHECK(server.run(name, "select string_agg(id, ' ') from _flux_migrations") == "01");
  CHECK(server.run(name, "select to_regclass('b') is null") == "t");
}

TEST_SUITE_END();
