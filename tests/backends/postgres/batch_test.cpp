// Many units at once have to come out as one after the other does: every case runs both ways.
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "batch_units.hpp"

using namespace flux::testing;

namespace {

// Waits until a statement that holds `part` runs, then calls `then`.
std::thread when_running(const Database& database, const std::string& part, std::function<void()> then) {
  return std::thread([&database, part, then = std::move(then)] {
    const std::string sql = "select count(*) from pg_stat_activity where state = 'active' and query like '%" + part +
                            "%' and pid <> pg_backend_pid() and datname = current_database()";
    for (int i = 0; i < 500 && database.run(sql) == "0"; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    then();
  });
}

}  // namespace

TEST_SUITE("postgres batch") {
  TEST_CASE("applies and undoes in order, each with its row") {
    both_ways([](Way way) {
      Initialized client;
      client.lock(1000);
      std::vector<Unit> units = {unit("a", "create table t (a int);\ninsert into t values (1)"),
                                 unit("b", "insert into t select a + 1 from t; -- end"), unit("c", "-- nothing"),
                                 unit("d", "select a from generate_series(1, 100000) a; update t set a = a * 10")};
      units[1].row->undo = "delete from t where a = 2";
      units[1].row->script = std::string("it's a \\ \xC3\xA4");
      units[1].row->duration_ms = 12345;
      CHECK(settle(way, client, units) == 4);
      CHECK(client.run("select string_agg(a::text, ',' order by a) from t") == "10,20");
      const std::vector<Row> rows = client.list_history();
      REQUIRE(rows.size() == 4);
      CHECK(rows[1].undo == "delete from t where a = 2");
      CHECK(client.read_script("", "b") == *units[1].row->script);
      CHECK(rows[1].duration_ms == 12345);
      CHECK(rows[0].applied_at_us > 0);
      CHECK(settle(way, client, {undo("d", "update t set a = a / 10"), undo("c", ""), undo("b", "delete from t")}) ==
            3);
      CHECK(ids(client) == "a");
      Unit forget;
      forget.row = row_of("a");
      forget.removes = true;
      CHECK(settle(way, client, {forget}) == 1);
      CHECK(ids(client).empty());
    });
  }

  TEST_CASE("measures the time of each unit that has none") {
    Initialized client;
    std::vector<std::int64_t> settled;
    client.apply_batch({unit("a", "select pg_sleep(0.2)"), undo("a", "select pg_sleep(0.1)")}, settled);
    REQUIRE(settled.size() == 2);
    CHECK(settled[0] >= 200);
    CHECK(settled[1] >= 100);
    client.apply_batch({unit("b", "select pg_sleep(0.1)")}, settled = {});
    CHECK(client.list_history().at(0).duration_ms >= 100);
  }

  TEST_CASE("stops at what fails, with all that is before it and nothing else") {
    struct Case {
      const char* text;
      flux_status code;
      const char* sqlstate;
      std::int64_t statement, offset;
    };
    const Case cases[] = {
        {"create table x (a int);\nselect 'ä', nix", FLUX_E_SCRIPT, "42703", 1, 37},
        {"create table x (a int);\nselect (1", FLUX_E_SCRIPT, "42601", 1, -1},
        {"create table x (a int); select 'open", FLUX_E_SCRIPT, "", 1, 31},
        {"create table x (a int); insert into nowhere values (1)", FLUX_E_SCRIPT, "42P01", 1, 36},
        {"create table x (a int); do $$ begin raise exception 'no'; end $$", FLUX_E_SCRIPT, "P0001", 1, 24},
        {"create table x (a int); copy x from stdin;\n1\ntwo\n\\.\n", FLUX_E_SCRIPT, "22P02", 1, 45},
        {"create table x (a int references p deferrable initially deferred); insert into x values (1)", FLUX_E_FAILED,
         "23503", -1, -1},
        {"create table x (a int); commit; select 1", FLUX_E_SCRIPT, "", 1, 24},
        {"create table x (a int); vacuum", FLUX_E_SCRIPT, "25001", 1, 24},
        {"create table x (a int); drop role if exists nobody_at_all; reset all; select 1/0", FLUX_E_SCRIPT, "22012", 3,
         70},
    };
    for (const Case& item : cases) {
      CAPTURE(item.text);
      both_ways([&](Way way) {
        Initialized client;
        std::optional<Failure> failure;
        const std::vector<Unit> units = {unit("a", "create table p (a int primary key)"), unit("b", "select 1"),
                                         unit("c", item.text), unit("d", "create table y (a int)"),
                                         unit("e", "select (")};
        CHECK(settle(way, client, units, failure) == 2);
        REQUIRE(failure);
        CHECK(failure->code == item.code);
        CHECK(failure->sqlstate == item.sqlstate);
        CHECK(failure->statement_index == item.statement);
        if (item.offset >= 0) CHECK(failure->byte_offset == item.offset);
        CHECK(ids(client) == "a b");
        CHECK(client.run("select to_regclass('y') is null") == "t");
        if (std::string(item.text).find("commit") == std::string::npos)
          CHECK(client.run("select to_regclass('x') is null") == "t");
        CHECK(settle(way, client, {unit("f", "create table y (a int)")}) == 1);
      });
    }
  }

  TEST_CASE("is cancelled although most of its time goes into COMMIT") {
    Initialized client;
    client.run(
        "create table t (a int); create function slow() returns trigger language plpgsql as "
        "$$ begin perform pg_sleep(0.2) /* slow_commit */; return null; end $$; create constraint trigger later "
        "after insert on t deferrable initially deferred for each row execute function slow()");
    std::vector<Unit> units;
    for (int i = 100; i < 150; ++i) units.push_back(unit(std::to_string(i), "insert into t values (1)"));
    std::optional<Failure> failure;
    std::atomic<bool> over = false;
    std::thread stopper([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(600));
      for (; !over; std::this_thread::sleep_for(std::chrono::milliseconds(100))) client.cancel();
    });
    const std::size_t settled = settle(Way::batch, client, units, failure);
    over = true;
    stopper.join();
    CHECK(settled < 45);
    REQUIRE(failure);
    CHECK(failure->code == FLUX_E_CANCELLED);
    CHECK(client.run("select count(*) from t") == std::to_string(settled));
    CHECK(client.list_history().size() == settled);
  }

  TEST_CASE("does nothing that another run has done meanwhile") {
    Initialized client;
    client.migrate("b", "create table t (a int)");
    std::vector<std::int64_t> settled;
    Failure failure = failure_of([&] {
      client.apply_batch({unit("a", "select 1"), unit("b", "create table t (a int)"), unit("c", "select 1")}, settled);
    });
    CHECK(failure.code == FLUX_E_CONFLICT);
    CHECK(failure.message.find("another run has applied it meanwhile") != std::string::npos);
    CHECK(settled.size() == 1);
    CHECK(ids(client) == "a b");
    failure = failure_of([&] { client.apply_batch({undo("a", "select 1"), undo("x", "drop table t")}, settled = {}); });
    CHECK(failure.code == FLUX_E_CONFLICT);
    CHECK(failure.message.find("another run has undone it meanwhile") != std::string::npos);
    CHECK(ids(client) == "b");
    CHECK(client.run("select to_regclass('t') is not null") == "t");
    // A row that need not be new replaces the other.
    Unit again = unit("b", "select 1");
    again.row->is_new = false;
    again.row->hash = "sha256:11";
    client.apply_batch({again}, settled = {});
    CHECK(client.list_history().at(0).hash == "sha256:11");
  }

  TEST_CASE("says who holds the lock that one of the units waits for") {
    both_ways([](Way way) {
      Initialized client;
      client.run("create table t (a int)");
      client.lock(1000);
      Database other = client;
      const std::string pid_file = "select pg_backend_pid()";
      std::thread holder([&] { other.run("begin; lock table t; select pg_sleep(3); commit"); });
      while (client.run("select count(*) from pg_locks where relation = 't'::regclass and granted") == "0") {
      }
      std::vector<Unit> units = {unit("a", "create table u (a int)"), unit("b", "select 1; alter table t add b int"),
                                 unit("c", "select 1")};
      for (Unit& each : units) each.options.lock_timeout_ms = 400;
      std::optional<Failure> failure;
      const std::size_t settled = settle(way, client, units, failure);
      holder.join();
      CHECK(settled == 1);
      REQUIRE(failure);
      CHECK(failure->code == FLUX_E_BUSY);
      CHECK(failure->statement_index == 1);
      CHECK(failure->detail.find("in the way: pid ") != std::string::npos);
      CHECK(ids(client) == "a");
      CHECK(settle(way, client, {units[1], units[2]}) == 2);
    });
  }

  TEST_CASE("is cancelled within the unit that runs") {
    both_ways([](Way way) {
      Initialized client;
      std::optional<Failure> failure;
      std::thread stopper = when_running(client, "sleep_here", [&] { client.cancel(); });
      const std::size_t settled = settle(way, client,
                                         {unit("a", "create table t (a int)"),
                                          unit("b", "create table u (a int); select /* sleep_here */ pg_sleep(60)"),
                                          unit("c", "create table v (a int)")},
                                         failure);
      stopper.join();
      CHECK(settled == 1);
      REQUIRE(failure);
      CHECK(failure->code == FLUX_E_CANCELLED);
      CHECK(ids(client) == "a");
      CHECK(client.run("select to_regclass('u') is null and to_regclass('v') is null") == "t");
      CHECK(settle(way, client, {unit("d", "select 1")}) == 1);
    });
  }

  TEST_CASE("commits nothing more once the migration lock is taken away") {
    both_ways([](Way way) {
      Initialized client;
      client.lock(1000);
      std::optional<Failure> failure;
      std::thread thief = when_running(client, "sleep_here", [&] {
        client.run(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 3589 and classid = "
            "0");
      });
      const std::size_t settled = settle(way, client,
                                         {unit("a", "create table t (a int)"),
                                          unit("b", "select /* sleep_here */ pg_sleep(1)"), unit("c", "select 1")},
                                         failure);
      thief.join();
      CHECK(settled == 1);
      REQUIRE(failure);
      CHECK(failure->code == FLUX_E_LOCKED);
      CHECK(ids(client) == "a");
    });
  }

  TEST_CASE("says that the connection was lost") {
    both_ways([](Way way) {
      Initialized client;
      std::optional<Failure> failure;
      std::thread killer = when_running(client, "sleep_here", [&] {
        client.run(
            "select pg_terminate_backend(pid) from pg_stat_activity where query like '%sleep_here%' and pid <> "
            "pg_backend_pid()");
      });
      const std::size_t settled = settle(
          way, client,
          {unit("a", "select 1"), unit("b", "select /* sleep_here */ pg_sleep(60)"), unit("c", "select 1")}, failure);
      killer.join();
      CHECK(settled == 1);
      REQUIRE(failure);
      CHECK(failure->code == FLUX_E_CONNECTION);
      client.reconnect(10000);
      CHECK(ids(client) == "a");
      CHECK(settle(way, client, {unit("b", "select 1")}) == 1);
    });
  }

  TEST_CASE("waits for the transaction of a run that is gone, and sees what it did") {
    Initialized client;
    Client first;
    first.connect(client.uri);
    first.begin();
    first.apply("create table t (a int)", "a");
    first.register_migration(row_of("a"));
    std::optional<Failure> failure;
    std::thread waits([&] {
      std::vector<std::int64_t> settled;
      failure = failure_of([&] { client.apply_batch({unit("a", "create table t (a int)")}, settled); });
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    first.commit();
    waits.join();
    CHECK(failure->code == FLUX_E_CONFLICT);
  }

  TEST_CASE("is refused where the server is read-only") {
    Initialized client;
    client.run("alter database " + client.name + " set default_transaction_read_only = on");
    Client other;
    other.connect(client.uri);
    std::vector<std::int64_t> settled;
    const Failure failure = failure_of([&] { other.apply_batch({unit("a", "select 1")}, settled); });
    CHECK(failure.code == FLUX_E_FAILED);
    CHECK(failure.message == "the server is read-only: default_transaction_read_only is on");
  }

  TEST_CASE("leaves what it cannot send to the host, in its turn") {
    for (const std::string text : {"create table x (a int); copy x from stdin;\n1\n\\.\n", "copy t to stdout",
                                   "set client_encoding to 'LATIN1'; select 1",
                                   "select set_config('standard_conforming_strings', 'off', false); select 'a\\b'"}) {
      CAPTURE(text);
      Initialized client;
      std::vector<std::int64_t> settled;
      const std::vector<Unit> units = {unit("a", "create table t (a int)"), unit("b", text), unit("c", "select 1")};
      const Failure failure = failure_of([&] { client.apply_batch(units, settled); });
      CHECK(failure.code == FLUX_E_UNSUPPORTED);
      CHECK(settled.size() == 1);
      CHECK(settle(Way::batch, client, {units[1], units[2]}) == 2);
      CHECK(ids(client) == "a b c");
    }
  }

  TEST_CASE("sends a thousand units, and large ones") {
    Initialized client;
    std::vector<Unit> units;
    const std::string comment(2000, 'x');
    for (int i = 0; i < 1000; ++i) {
      units.push_back(unit(std::to_string(10000 + i), "select '" + comment + "'; select " + std::to_string(i)));
      units.back().row->script = units.back().text;
    }
    units.push_back(unit("z", "select '" + std::string(900000, 'y') + "'"));
    CHECK(settle(Way::batch, client, units) == 1001);
    CHECK(client.run("select count(*) from _flux_migrations") == "1001");
  }
}
