#include "fixture.hpp"

using namespace flux::testing;

namespace {

// What a script does to its session, and how the next one would notice.
struct Leak {
  std::string change, look, fresh;
};

const Leak leaks[] = {
    {"set search_path = other", "show search_path", "\"$user\", public"},
    {"select set_config('search_path', '', false)", "show search_path", "\"$user\", public"},
    {"set role weak", "select current_user", "postgres"},
    {"set local role weak", "select current_user", "postgres"},
    {"set session authorization weak", "select session_user", "postgres"},
    {"set session authorization weak; set role none", "select current_user", "postgres"},
    {"set client_encoding = latin1", "show client_encoding", "UTF8"},
    {"set names 'SQL_ASCII'", "show client_encoding", "UTF8"},
    {"set statement_timeout = '1h'", "show statement_timeout", "0"},
    {"set lock_timeout = '1h'", "show lock_timeout", "0"},
    {"set idle_in_transaction_session_timeout = '1h'", "show idle_in_transaction_session_timeout", "0"},
    {"set standard_conforming_strings = off", "show standard_conforming_strings", "on"},
    {"set session_replication_role = replica", "show session_replication_role", "origin"},
    {"set default_transaction_read_only = on", "show default_transaction_read_only", "off"},
    {"set session characteristics as transaction isolation level serializable", "show default_transaction_isolation",
     "read committed"},
    {"set time zone 'Asia/Tokyo'", "show timezone", "UTC"},
    {"set datestyle = 'German'", "show datestyle", "ISO, MDY"},
    {"set check_function_bodies = off", "show check_function_bodies", "on"},
    {"set row_security = off", "show row_security", "on"},
    {"set custom.value = 'x'", "select coalesce(current_setting('custom.value', true), '')", ""},
    {"set application_name = 'x'", "show application_name", "flux"},
    {"create temp table leaked (a int)", "select to_regclass('leaked') is null", "true"},
    {"create temp table if not exists _flux_migrations (namespace text, id text, hash text, primary key (namespace, "
     "id))",
     "select to_regclass('pg_temp._flux_migrations') is null", "true"},
    {"prepare leaked as select 1", "select count(*) from pg_prepared_statements", "0"},
    {"declare leaked cursor with hold for select 1", "select count(*) from pg_cursors", "0"},
    {"listen leaked", "select count(*) from pg_listening_channels()", "0"},
    {"select pg_advisory_lock(1)",
     "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() and objid = 1", "0"},
};

// Fails unless `look` gives `fresh`, and does it inside a script, where the difference would be.
std::string expecting(const Leak& leak) {
  std::string look = leak.look;
  if (look.rfind("show ", 0) == 0) look = "select current_setting('" + look.substr(5) + "')";
  return "do $test$ declare v text; begin execute $look$" + look + "$look$ into v; if v is distinct from $v$" +
         leak.fresh + "$v$ then raise exception 'leaked: %', v; end if; end $test$";
}

}  // namespace

TEST_SUITE("postgres session") {
  TEST_CASE("reaches neither the history nor the next script") {
    for (const Leak& leak : leaks) {
      CAPTURE(leak.change);
      Database database;
      database.run(
          "do $$ begin if not exists (select from pg_roles where rolname = 'weak') then create role weak; end if; end "
          "$$;"
          "create schema other; alter database " +
          database.name + " set timezone = 'UTC'");
      Client client;
      client.connect(database.uri);
      client.initialize();
      client.migrate("a", leak.change);
      CHECK(database.run("select id from public._flux_migrations") == "a");
      CHECK(client.list_history().size() == 1);
      client.migrate("b", expecting(leak));
      // After a script that failed.
      client.begin();
      CHECK(failure_of([&] { client.apply(leak.change + "; select nix"); }).code == FLUX_E_SCRIPT);
      client.rollback();
      client.migrate("c", expecting(leak));
      // Two scripts in one transaction.
      client.begin();
      client.apply(leak.change);
      client.register_migration(row_of("d"));
      client.apply(expecting(leak));
      client.register_migration(row_of("e"));
      client.commit();
      // Outside a transaction.
      if (leak.change.find("cursor") == std::string::npos) client.apply(leak.change);
      client.migrate("f", expecting(leak));
      CHECK(client.list_history().size() == 6);
      CHECK(database.run("select count(*) from public._flux_migrations") == "6");
    }
  }

  TEST_CASE("runs init_sql whenever it is fresh") {
    Initialized client(
        {{"init_sql", std::vector<std::string>{"set search_path = app, public", "create temp table each_time (a int)",
                                               "set application_name = 'chosen'"}}});
    client.run("create schema app");
    for (const char* id : {"a", "b"})
      client.migrate(id, std::string("create table ") + id +
                             " (x int); insert into each_time values (1); drop table each_time;"
                             "set search_path = public");
    CHECK(client.run("select count(*) from pg_tables where schemaname = 'app'") == "2");
    client.begin();
    client.apply("insert into each_time values (1); set search_path = public");
    client.apply(
        "do $$ begin if (select count(*) from each_time) > 0 then raise exception 'leaked'; end if; end $$; create "
        "table c (x int)");
    client.commit();
    CHECK(client.run("select to_regclass('app.c') is not null") == "t");
  }

  TEST_CASE("writes the history as the role that init_sql sets") {
    server().run("postgres",
                 "drop role if exists app_login; drop role if exists app_owner; create role app_owner;"
                 "create role app_login login noinherit in role app_owner");
    const Database database;
    database.run("create schema app authorization app_owner");
    Client client(
        {{"migrations_schema", std::string("app")}, {"init_sql", std::vector<std::string>{"set role app_owner"}}});
    client.connect(server().uri(database.name, "app_login"));
    client.initialize();
    client.migrate("a", "create table app.t (a int); reset role");
    client.migrate("b", "create table app.u (a int)");
    CHECK(client.list_history().size() == 2);
    CHECK(database.run("select string_agg(distinct tableowner, ',') from pg_tables where schemaname = 'app'") ==
          "app_owner");
    database.run("drop owned by app_owner; drop role app_login; drop role app_owner");
  }

  TEST_CASE("comes back to what the server and the URI set") {
    server().run("postgres",
                 "drop role if exists set_up; drop role if exists its_role; create role its_role;"
                 "create role set_up login in role its_role; alter role set_up set role = 'its_role';"
                 "alter role set_up set work_mem = '7MB'");
    const Database database;
    database.run("create schema app authorization its_role");
    Client client({{"migrations_schema", std::string("app")}});
    client.connect(server().uri(database.name, "set_up") + "?options=-c%20search_path%3Dapp");
    client.initialize();
    for (const char* id : {"a", "b", "c"})
      client.migrate(
          id, std::string("do $$ begin if current_user <> 'its_role' or current_setting('work_mem') <> '7MB' or "
                          "current_setting('search_path') <> 'app' then raise exception '%', current_user; end if; "
                          "end $$; create table ") +
                  id + " (x int); reset role; set role none; set work_mem = '9MB'");
    CHECK(database.run("select count(*) from pg_tables where schemaname = 'app' and tableowner = 'its_role'") == "4");
    database.run("drop owned by its_role; drop role set_up; drop role its_role");
  }

  TEST_CASE("has the server look whether its client lives, before and after scripts") {
    Initialized client;
    for (const char* id : {"a", "b"})
      client.migrate(
          id,
          "do $$ begin if current_setting('tcp_keepalives_idle') || current_setting('tcp_keepalives_interval') "
          "|| current_setting('tcp_keepalives_count') <> '1054' then raise exception 'keepalives'; end if; "
          "if current_setting('server_version_num')::int >= 140000 and "
          "current_setting('client_connection_check_interval') <> '1s' then raise exception 'check'; end if; "
          "end $$; set tcp_keepalives_idle = 99");
  }

  TEST_CASE("names init_sql when that fails") {
    const Database database;
    for (const char* sql : {"set nix = 1", "begin", "selec", "copy pg_class from stdin"}) {
      CAPTURE(sql);
      Client client({{"init_sql", std::vector<std::string>{"select 1", sql}}});
      const Failure failure = failure_of([&] { client.connect(database.uri); });
      CHECK(failure.code == FLUX_E_CONFIG);
      CHECK(failure.key == "init_sql");
      CHECK(failure_of([&] { client.list_history(); }).code == FLUX_E_STATE);
    }
  }
}
