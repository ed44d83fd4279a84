#include <chrono>
#include <thread>

#include "fixture.hpp"

using namespace flux::testing;

namespace {

constexpr ScriptOptions first{FLUX_SCRIPT_CONTINUES}, middle{FLUX_SCRIPT_CONTINUED | FLUX_SCRIPT_CONTINUES},
    last{FLUX_SCRIPT_CONTINUED};

// What the first part of a script does to its session, and what the last one then finds.
struct Kept {
  std::string change, look, expected;
};

const Kept kept[] = {
    {"set search_path = other", "show search_path", "other"},
    {"set role weak", "select current_user", "weak"},
    {"set session authorization weak", "select session_user", "weak"},
    {"set session authorization weak; set role none", "select current_user", "weak"},
    {"set lock_timeout = '9s'", "show lock_timeout", "9s"},
    {"set statement_timeout = '9min'", "show statement_timeout", "9min"},
    {"set session_replication_role = replica", "show session_replication_role", "replica"},
    {"set time zone 'Asia/Tokyo'", "show timezone", "Asia/Tokyo"},
    {"set custom.value = 'x'", "show custom.value", "x"},
    {"set default_transaction_read_only = on", "show default_transaction_read_only", "on"},
    {"create temp table mine (a int)", "select count(*) from mine", "0"},
    {"create temp table _flux_migrations (a int)", "select count(*) from _flux_migrations", "0"},
    {"prepare mine as select 1", "select count(*) from pg_prepared_statements where name = 'mine'", "1"},
};

// Fails unless `look` gives `expected`; looks inside the script's own session.
std::string expecting(const Kept& item) {
  std::string look = item.look;
  if (look.rfind("show ", 0) == 0) look = "select current_setting('" + look.substr(5) + "')";
  return "do $test$ declare v text; begin execute $look$" + look + "$look$ into v; if v is distinct from $v$" +
         item.expected + "$v$ then raise exception 'found: %', v; end if; end $test$";
}

void in_transaction(Client& client, const std::string& text, const ScriptOptions& options, const Row& row) {
  client.begin();
  client.apply(text, row.id, options);
  client.register_migration(row);
  client.commit();
}

void outside(Client& client, const std::string& text, const ScriptOptions& options, const Row& row) {
  client.register_migration(row);
  client.apply(text, row.id, options);
  client.register_migration(row);
}

}  // namespace

TEST_SUITE("postgres parts") {
  TEST_CASE("see what earlier parts changed of the session, the history does not") {
    for (const Kept& item : kept)
      for (const bool inside : {true, false})
        for (const bool inside_last : {true, false}) {
          CAPTURE(item.change);
          CAPTURE(inside);
          CAPTURE(inside_last);
          Initialized client;
          client.run(
              "do $$ begin if not exists (select from pg_roles where rolname = 'weak') then create role weak; end if; "
              "end $$; create schema other; create table log (user_name text, path text, replication text);"
              "create function note() returns trigger language plpgsql as $$ begin insert into public.log values "
              "(current_user, current_setting('search_path'), current_setting('session_replication_role')); return "
              "new; end $$;"
              "create trigger note before insert or update on _flux_migrations for each row execute function note()");
          (inside ? in_transaction : outside)(client, item.change, first, row_of("a"));
          in_transaction(client, expecting(item), middle, row_of("a"));
          outside(client, expecting(item), middle, row_of("a"));
          (inside_last ? in_transaction : outside)(client, expecting(item), last, row_of("a"));
          CHECK(client.run("select string_agg(distinct user_name || path || replication, ';') from log") ==
                "postgres\"$user\", publicorigin");
          CHECK(client.run("select count(*) from public._flux_migrations") == "1");

          Kept gone = item;
          gone.expected = "none of it";
          const std::string after = failure_of([&] { client.migrate("b", expecting(gone)); }).message;
          CAPTURE(after);
          CHECK(after != "found: " + item.expected);
          CHECK((after.find("found: ") == 0 || after.find("does not exist") != std::string::npos));
        }
  }

  TEST_CASE("begin anew where a part failed and the next script is another one") {
    Initialized client;
    client.apply("set search_path = pg_catalog; ", "a", first);
    CHECK(failure_of([&] { client.apply("select nix", "a", middle); }).code == FLUX_E_SCRIPT);
    client.register_migration(row_of("a"));
    client.migrate("b", "create table b (a int)");
    CHECK(client.run("select to_regclass('public.b') is not null") == "t");
    client.apply("set search_path = pg_catalog", "c", first);
    CHECK(client.list_history().size() == 2);  // ends the script, too
    client.apply("create table c (a int)", "d");
    CHECK(client.run("select to_regclass('public.c') is not null") == "t");
  }

  TEST_CASE("are run again after a rollback with the session as it was before them") {
    Initialized client;
    in_transaction(client, "set search_path = other", first, row_of("a"));
    for (int i = 0; i < 2; ++i) {
      client.begin();
      client.apply("set search_path = nowhere", "a", last);
      client.register_migration(row_of("a"));
      client.rollback();
    }
    in_transaction(client, expecting({"", "show search_path", "other"}), last, row_of("a"));
  }

  TEST_CASE("may not commit by themselves inside a transaction") {
    Initialized client;
    client.begin();
    CHECK(failure_of([&] { client.apply("select 1; commit; begin", "a", first); }).code == FLUX_E_SCRIPT);
    client.rollback();
  }

  TEST_CASE("keep the timeouts of the first one, unless the script changes them") {
    Initialized client;
    const auto given = [](unsigned flags) { return ScriptOptions{flags, 1234, 5678}; };
    const auto expect = [&](const char* lock, unsigned flags, bool inside) {
      const std::string text = expecting({"", "show lock_timeout", lock});
      if (inside)
        in_transaction(client, text, given(flags), row_of("a"));
      else
        outside(client, text, given(flags), row_of("a"));
    };
    for (const bool inside : {true, false}) {
      expect("1234ms", FLUX_SCRIPT_CONTINUES, inside);
      expect("1234ms", FLUX_SCRIPT_CONTINUES | FLUX_SCRIPT_CONTINUED, !inside);
      client.apply("set lock_timeout = '7s'", "a", given(FLUX_SCRIPT_CONTINUES | FLUX_SCRIPT_CONTINUED));
      expect("7s", FLUX_SCRIPT_CONTINUES | FLUX_SCRIPT_CONTINUED, inside);
      expect("7s", FLUX_SCRIPT_CONTINUED, !inside);
      client.migrate("b", expecting({"", "show lock_timeout", "0"}));
    }
  }

  TEST_CASE("wait for what an earlier run left at work") {
    Initialized client;
    Client orphan;
    orphan.connect(client.uri);
    orphan.apply("select 1");
    CHECK(client.run("select count(*) from pg_locks where locktype = 'advisory' and granted") == "1");
    std::thread ends([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
      orphan.disconnect();
    });
    client.apply("select 1");
    ends.join();

    orphan.connect(client.uri);
    std::thread takes_over([&] { client.disconnect(); });
    takes_over.join();
    orphan.apply("select 1");
    client.connect(client.uri);
    const Failure failure = failure_of([&] { client.apply("select 1"); });
    CHECK(failure.code == FLUX_E_LOCKED);
    CHECK(failure.message.find("still at work at the server: pid ") != std::string::npos);
    orphan.migrate("a", "select 1");
    client.apply("select 1");
  }

  TEST_CASE("run what the server refuses inside a transaction, and say so where they are in one") {
    Initialized client;
    client.run("create table t (a int) partition by list (a); create type mood as enum ('ok')");
    client.begin();
    Failure failure = failure_of([&] { client.apply("reindex table t"); });
    CHECK(failure.sqlstate == "25001");
    CHECK(failure.hint.find("-- flux: no-transaction") != std::string::npos);
    client.rollback();
    client.begin();
    failure = failure_of([&] { client.apply("alter type mood add value 'new'; select 'new'::mood"); });
    CHECK(failure.sqlstate == "55P04");
    CHECK(failure.hint.find("of its own") != std::string::npos);
    client.rollback();
    client.apply("alter type mood add value 'new'", "a", first);
    client.apply("select 'new'::mood", "a", middle);
    client.apply("reindex table t", "a", last);
  }
}
