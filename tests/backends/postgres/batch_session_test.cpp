// What scripts leave in their session, both in a batch and one by one.
#include "batch_units.hpp"

using namespace flux::testing;

TEST_SUITE("postgres batch session") {
  TEST_CASE("lets nothing of one script reach the next one or the history") {
    const std::string leaks[] = {
        "set search_path to pg_catalog",
        "select set_config('search_path', 'nowhere', false)",
        "create role weak_NAME; grant weak_NAME to current_user; set role weak_NAME",
        "set session characteristics as transaction read only",
        "set time zone 'Asia/Tokyo'",
        "set statement_timeout to '1ms'",
        "set session_replication_role to replica",
        "create temp table history (a int); create temp table _flux_migrations (a int)",
        "prepare p as select 1",
        "declare c cursor with hold for select 1",
        "select pg_advisory_lock(42)",
        "reset all",
        "create table pg_temp.history (a int)",
        "create table PG_Temp.history (a int)",
        "create domain d as int default length(set_config('search_path', 'nowhere', false)); create table q (a int);"
        "insert into q values (1); alter table q add column c d",
        "create table q (a int); create function f(int) returns int immutable language sql as "
        "$$ select $1 + length(set_config('search_path', 'nowhere', false)) $$; insert into q values (1); "
        "create index on q (f(a))",
        "create table q as select set_config('search_path', 'nowhere', false)",
        "create table q (a int); alter table q add b text default set_config('search_path', 'nowhere', false)",
        "create table q (a text) partition by list (a);"
        "create table r partition of q for values in (set_config('search_path', 'nowhere', false))",
        "create unlogged table q (a int); create unique index on q (a); comment on table q is 'x'; drop table q",
        "create event trigger e on ddl_command_end execute function quietly()",
        "set datestyle to 'German'; set lock_timeout to '5min'",
    };
    for (const std::string& leak : leaks) {
      CAPTURE(leak);
      both_ways([&](Way way) {
        Initialized client;
        client.lock(1000);
        std::string text = leak;
        for (std::size_t at; (at = text.find("NAME")) != std::string::npos;) text.replace(at, 4, client.name);
        const std::string state =
            "(select string_agg(name || '=' || setting, ' ' order by name) from pg_settings where name in "
            "('search_path', 'role', 'TimeZone', 'statement_timeout', 'lock_timeout', 'DateStyle', "
            "'session_replication_role', 'default_transaction_read_only', 'client_connection_check_interval')) || "
            "(select count(*) from pg_prepared_statements) || (select count(*) from pg_cursors where name = 'c') || "
            "(select count(*) from pg_locks where objid = 42) || "
            "coalesce(to_regclass('pg_temp.history')::text, '') || session_user || current_user";
        client.run(
            "create function quietly() returns event_trigger language plpgsql as "
            "$$ begin perform set_config('search_path', 'nowhere', false); end $$");
        CHECK(settle(way, client,
                     {unit("a", "create table public.s as select " + state + " as s"), unit("b", text),
                      unit("b2", "create table public.t (a int)"),
                      unit("c", "insert into public.s select " + state)}) == 4);
        CHECK(client.run("select count(distinct s) from s") == "1");
        CHECK(client.run("select count(*) from _flux_migrations where applied_at > now() - interval '1 hour'") == "4");
        CHECK(ids(client) == "a b b2 c");
        if (text.find("weak_") != std::string::npos) client.run("drop role weak_" + client.name);
      });
    }
  }

  TEST_CASE("reads each script as UTF-8, whatever it makes of the session") {
    const std::string changes[] = {
        "select set_config('CLIENT_ENCODING', 'LATIN1', false)",
        "do $$ begin execute 'set client' || '_encoding to latin1'; end $$",
        "select set_config('standard_' || 'conforming_strings', 'off', false)",
    };
    for (const std::string& change : changes) {
      CAPTURE(change);
      both_ways([&](Way way) {
        Initialized client;
        CHECK(
            settle(way, client,
                   {unit("a", "create table e (t text)"), unit("b", change + "; insert into e values ('\xC3\xA9\\n')"),
                    unit("c", "insert into e values ('\xC3\xA9\\n')")}) == 3);
        CHECK(client.run("select string_agg(distinct length(t)::text, ',') from e") == "3");
      });
    }
  }

  TEST_CASE("leaves no timeout of one script to the next in a transaction of all") {
    both_ways([](Way way) {
      Initialized client;
      std::vector<Unit> units = {unit("a", "create table t (a int)"), unit("b", "select pg_sleep(0.3)")};
      units[0].options.statement_timeout_ms = 100;
      client.begin();
      std::optional<Failure> failure;
      CHECK(settle(way, client, units, failure, true) == 2);
      client.commit();
    });
  }

  TEST_CASE("runs init_sql again for each script") {
    both_ways([](Way way) {
      Connected client({{"init_sql", std::vector<std::string>{"set my.key = 'x'; set time zone 'UTC'",
                                                              "set search_path to public, extra"}}});
      client.run("create schema extra");
      client.initialize();
      const std::string look =
          "insert into public.s select current_setting('my.key') || current_setting('search_path')";
      CHECK(settle(way, client,
                   {unit("a", "create table public.s (s text); " + look + "; set my.key = 'y'"),
                    unit("b", look + "; reset search_path"), unit("c", look)}) == 3);
      CHECK(client.run("select string_agg(distinct s, '|') from s") == "xpublic, extra");
    });
  }

  TEST_CASE("fails a script that removes its own row") {
    both_ways([](Way way) {
      Initialized client;
      std::optional<Failure> failure;
      CHECK(settle(way, client,
                   {unit("a", "create table t (a int)"), undo("a", "drop table t; delete from _flux_migrations")},
                   failure) == 1);
      REQUIRE(failure);
      CHECK(failure->code == FLUX_E_CONFLICT);
      CHECK(client.run("select to_regclass('t') is not null") == "t");
    });
  }

  TEST_CASE("joins a transaction that is open: all or nothing") {
    both_ways([](Way way) {
      Initialized client;
      std::optional<Failure> failure;
      client.begin();
      CHECK(settle(way, client,
                   {unit("a", "create temp table t (a int); set search_path to nowhere"),
                    unit("b",
                         "create table public.x as select current_setting('search_path') as s, "
                         "to_regclass('pg_temp.t') is null as gone"),
                    unit("c", "select nix")},
                   failure, true) == 2);
      client.rollback();
      REQUIRE(failure);
      CHECK(failure->code == FLUX_E_SCRIPT);
      CHECK(ids(client).empty());
      client.begin();
      CHECK(settle(way, client,
                   {unit("a", "create temp table t (a int); set search_path to nowhere"),
                    unit("b",
                         "create table public.x as select current_setting('search_path') as s, "
                         "to_regclass('pg_temp.t') is null as gone")},
                   failure, true) == 2);
      CHECK(client.run("select count(*) from _flux_migrations") == "0");
      client.commit();
      CHECK(ids(client) == "a b");
      CHECK(client.run("select s || gone from x") == "\"$user\", publictrue");
    });
  }
}
