#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <ctime>

#include "fixture.hpp"

using namespace flux::testing;

namespace {

Row row(const std::string& id, const std::string& name_space = "") {
  Row out;
  out.id = id;
  out.name_space = name_space;
  return out;
}

}  // namespace

TEST_SUITE("sqlite history") {
  TEST_CASE("a row is read as it was written") {
    Client client;
    client.connect(":memory:");
    client.initialize();
    Row full;
    full.name_space = "shop";
    full.id = "20260102_001_x";
    full.hash = "sha256:0011";
    full.state = "interrupted";
    full.undo = "drop table 'ä';\n";
    full.applied_by = "ann@host";
    full.flux_version = "0.1.0";
    full.applied_at_us = 1'767'225'599'123'456;
    full.duration_ms = 12;
    full.statements_done = 3;
    full.run_id = "run-1";
    full.script = "create table 'ä';\n";
    full.done_hash = "sha256:0022";
    full.note = "accepted by ann";
    full.statements_started = 4;
    full.statements_total = 5;
    client.register_migration(full);
    const std::vector<Row> rows = client.list_history("shop");
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].name_space == "shop");
    CHECK(rows[0].id == full.id);
    CHECK(rows[0].hash == full.hash);
    CHECK(rows[0].state == "interrupted");
    CHECK(rows[0].undo == full.undo);
    CHECK(rows[0].applied_by == full.applied_by);
    CHECK(rows[0].flux_version == full.flux_version);
    CHECK(rows[0].applied_at_us == full.applied_at_us);
    CHECK(rows[0].duration_ms == 12);
    CHECK(rows[0].statements_done == 3);
    CHECK(rows[0].run_id == full.run_id);
    CHECK_FALSE(rows[0].script);
    CHECK(client.read_script("shop", full.id) == full.script);
    CHECK(rows[0].done_hash == full.done_hash);
    CHECK(rows[0].note == full.note);
    CHECK(rows[0].statements_started == 4);
    CHECK(rows[0].statements_total == 5);
  }

  TEST_CASE("a row that is to be new is not put in place of another") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    Row fresh = row("1");
    fresh.is_new = true;
    client.register_migration(fresh);
    fresh.hash = "sha256:22";
    for (const bool inside : {false, true}) {
      CAPTURE(inside);
      if (inside) client.begin();
      const Failure failure = failure_of([&] { client.register_migration(fresh); });
      CHECK(failure.code == FLUX_E_CONFLICT);
      CHECK(failure.message == "the history already has \"1\": another run has applied it");
      if (inside) client.rollback();
    }
    CHECK(client.list_history()[0].hash == "sha256:00");
    fresh.name_space = "other";
    CHECK_NOTHROW(client.register_migration(fresh));
  }

  TEST_CASE("of eight that register a new row at once, one succeeds") {
    for (int round = 0; round < 50; ++round) {
      CAPTURE(round);
      TempFolder folder;
      Client(folder / "app.db").initialize();
      std::vector<std::unique_ptr<Process>> racers;
      for (int i = 0; i < 8; ++i)
        racers.push_back(std::make_unique<Process>([&] {
          Row fresh = row("1");
          fresh.is_new = true;
          try {
            Client(folder / "app.db").register_migration(fresh);
          } catch (const Failure& failure) {
            throw std::runtime_error(failure.code == FLUX_E_CONFLICT ? "conflict" : failure.what());
          }
        }));
      int conflicts = 0, written = 0;
      for (const auto& racer : racers) {
        const std::string result = racer->result();
        CAPTURE(result);
        CHECK((result == "" || result == "conflict"));
        ++(result == "" ? written : conflicts);
      }
      CHECK(written == 1);
      CHECK(conflicts == 7);
    }
  }

  TEST_CASE("a script is read only where one is kept") {
    TempFolder folder;
    Client client(folder / "app.db");
    CHECK(client.read_script("", "1") == "");
    CHECK(folder.names().empty());
    client.initialize();
    Row kept = row("1");
    kept.script = "select 1";
    client.register_migration(kept);
    client.register_migration(row("2"));
    CHECK(client.read_script("", "1") == "select 1");
    CHECK(client.read_script("", "2") == "");
    CHECK(client.read_script("x", "1") == "");
  }

  TEST_CASE("a table of an older version is read as it is, and gets the newer columns with the first write") {
    const std::string older =
        "create table _flux_migrations (namespace text NOT NULL DEFAULT '', id text NOT NULL, hash text NOT NULL,"
        " state text NOT NULL DEFAULT 'applied', undo text, applied_at timestamp NOT NULL DEFAULT"
        " (strftime('%Y-%m-%d %H:%M:%f', 'now')), duration_ms integer, applied_by text, flux_version text,"
        " statements_done integer, ticket text REFERENCES tickets (id), PRIMARY KEY (namespace, id), CHECK (hash <> "
        "''))";
    for (const char* added : {"", "run_id script", "script"}) {
      CAPTURE(std::string(added));
      TempFolder folder;
      Database database(folder / "app.db");
      database.run("create table tickets (id text primary key); insert into tickets values ('t')");
      database.run(older);
      if (std::string(added).find("run_id") != std::string::npos)
        database.run("alter table _flux_migrations add column run_id text");
      if (std::string(added).find("script") != std::string::npos)
        database.run("alter table _flux_migrations add column script text");
      database.run("insert into _flux_migrations (id, hash, ticket) values ('1', 'sha256:00', 't')");
      Client client(folder / "app.db");
      REQUIRE(client.list_history().size() == 1);
      CHECK_FALSE(client.list_history()[0].run_id);
      CHECK(client.list_history()[0].statements_total == -1);
      CHECK(client.read_script("", "1") == "");
      client.initialize();
      // Not rebuilt: what SQLite cannot tell apart from the columns is still there.
      const std::string sql =
          Database(folder / "app.db").ask("select sql from sqlite_schema where name = '_flux_migrations'");
      CHECK(sql.find("CHECK (hash <> '')") != std::string::npos);
      CHECK(sql.find("REFERENCES tickets (id)") != std::string::npos);
      Row more = row("2");
      more.run_id = "r";
      more.script = "s";
      client.register_migration(more);
      CHECK(client.list_history()[1].run_id == "r");
      CHECK(client.read_script("", "2") == "s");
    }
  }

  TEST_CASE("a listing does not read the scripts") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    Row big = row("1");
    big.script = std::string(100'000'000, 'x');
    client.register_migration(big);
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 20; ++i) CHECK(client.list_history().size() == 1);
    const auto listed = std::chrono::steady_clock::now() - start;
    CHECK(listed < std::chrono::seconds(1));
    CHECK(client.read_script("", "1").size() == 100'000'000);
  }

  TEST_CASE("what is unknown stays unknown, and an empty undo is not a missing one") {
    Client client;
    client.connect(":memory:");
    client.initialize();
    client.register_migration(row("1"));
    Row empty = row("2");
    empty.undo = "";
    client.register_migration(empty);
    const std::vector<Row> rows = client.list_history();
    REQUIRE(rows.size() == 2);
    CHECK_FALSE(rows[0].undo);
    CHECK_FALSE(rows[0].applied_by);
    CHECK_FALSE(rows[0].flux_version);
    CHECK(rows[0].duration_ms == -1);
    CHECK(rows[0].statements_done == -1);
    CHECK(rows[1].undo == "");
  }

  TEST_CASE("without a time the database's clock is used, in any time zone") {
    for (const char* zone : {"UTC", "America/New_York", "Asia/Kolkata"}) {
      CAPTURE(std::string(zone));
      setenv("TZ", zone, 1);
      tzset();
      Client client;
      client.connect(":memory:");
      client.initialize();
      client.register_migration(row("1"));
      const auto now = std::chrono::system_clock::now().time_since_epoch();
      const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
      CHECK(std::llabs(us - client.list_history()[0].applied_at_us) < 5'000'000);
    }
    unsetenv("TZ");
    tzset();
  }

  TEST_CASE("times are exact over the whole calendar") {
    Client client;
    client.connect(":memory:");
    client.initialize();
    const std::pair<std::int64_t, const char*> cases[] = {
        {1, "1970-01-01 00:00:00.000001"},
        {-1, "1969-12-31 23:59:59.999999"},
        {951'782'400'000'000, "2000-02-29 00:00:00.000"},
        {1'709'164'799'999'000, "2024-02-28 23:59:59.999"},
        {4'107'542'400'000'000, "2100-03-01 00:00:00.000"},
        {-2'203'977'600'000'000, "1900-02-28 00:00:00.000"},
    };
    TempFolder folder;
    for (const auto& [us, text] : cases) {
      CAPTURE(std::string(text));
      Client file(folder / "app.db");
      file.initialize();
      Row one = row("x");
      one.applied_at_us = us;
      file.register_migration(one);
      CHECK(file.list_history()[0].applied_at_us == us);
      CHECK(Database(folder / "app.db").ask("select applied_at from _flux_migrations") == text);
    }
  }

  TEST_CASE("a row of the same key is replaced and keeps columns that others added") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.register_migration(row("1"));
    Database(folder / "app.db")
        .run("alter table _flux_migrations add column ticket text; update _flux_migrations set ticket = 'n'");
    Row again = row("1");
    again.hash = "sha256:22";
    client.register_migration(again);
    REQUIRE(client.list_history().size() == 1);
    CHECK(client.list_history()[0].hash == "sha256:22");
    CHECK(Database(folder / "app.db").ask("select ticket from _flux_migrations") == "n");
  }

  TEST_CASE("namespaces do not see each other, also with the same id") {
    Client client;
    client.connect(":memory:");
    client.initialize();
    for (const char* name_space : {"", "a", "b"}) client.register_migration(row("1", name_space));
    client.register_migration(row("2", "a"));
    CHECK(client.list_history("").size() == 1);
    CHECK(client.list_history("a").size() == 2);
    client.unregister_migration("a", "1");
    CHECK(client.list_history("a").size() == 1);
    CHECK(client.list_history("b").size() == 1);
    CHECK(client.list_history("c").empty());
  }

  TEST_CASE("unregistering what is not there is a conflict") {
    Client client;
    client.connect(":memory:");
    client.initialize();
    client.register_migration(row("1"));
    CHECK(failure_of([&] { client.unregister_migration("", "2"); }).code == FLUX_E_CONFLICT);
    CHECK(failure_of([&] { client.unregister_migration("x", "1"); }).code == FLUX_E_CONFLICT);
    client.unregister_migration("", "1");
    CHECK(failure_of([&] { client.unregister_migration("", "1"); }).code == FLUX_E_CONFLICT);
  }

  TEST_CASE("ids may hold anything") {
    Client client;
    client.connect(":memory:");
    client.initialize();
    const std::string ids[] = {"it's", "we\"ird", "100%_", "a;b", "--x", "größe 日本", std::string(255, 'x'),
                               " ",    "a\\b"};
    for (const std::string& id : ids) {
      CAPTURE(id);
      client.register_migration(row(id, id));
      REQUIRE(client.list_history(id).size() == 1);
      CHECK(client.list_history(id)[0].id == id);
      client.unregister_migration(id, id);
      CHECK(client.list_history(id).empty());
    }
  }

  TEST_CASE("ten thousand rows are listed") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.begin();
    for (int i = 0; i < 10'000; ++i) client.register_migration(row("2026_" + std::to_string(i)));
    client.commit();
    CHECK(client.list_history().size() == 10'000);
  }

  TEST_CASE("lists undo scripts where they are asked for, else that they are there") {
    Client client;
    client.connect(":memory:");
    client.initialize();
    Row with = row("with"), without = row("without");
    with.undo = "drop table x";
    without.undo.reset();
    client.register_migration(with);
    client.register_migration(without);
    const auto full = client.list_history("", FLUX_LIST_UNDO_TEXTS), lean = client.list_history("", 0);
    REQUIRE((full.size() == 2 && lean.size() == 2));
    CHECK(full[0].undo == "drop table x");
    CHECK(lean[0].undo == "");
    CHECK(!full[1].undo);
    CHECK(!lean[1].undo);
  }

  TEST_CASE("a listing ends where the callback asks for it") {
    Client client;
    client.connect(":memory:");
    client.initialize();
    for (const char* id : {"1", "2", "3"}) client.register_migration(row(id));
    int seen = 0;
    const auto stop = [](void* ctx, const flux_history_row*) -> flux_status {
      return ++*static_cast<int*>(ctx) == 2 ? FLUX_E_STOP : FLUX_OK;
    };
    CHECK(client.api().list_history(client.self(), {"", 0}, 0, stop, &seen, nullptr) == FLUX_E_STOP);
    CHECK(seen == 2);
    client.migrate("4", "create table t (a)");
  }

  TEST_CASE("initialising again writes nothing") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    Database other(folder / "app.db");
    const std::string before = other.ask("pragma data_version");
    client.initialize();
    Client(folder / "app.db").initialize();
    CHECK(other.ask("pragma data_version") == before);
  }

  TEST_CASE("initialising is safe when raced without the lock") {
    for (int round = 0; round < 50; ++round) {
      TempFolder folder;
      const bool python = round % 2 == 1;
      if (python)
        Database(folder / "app.db")
            .run(
                "create table _flux_migrations (id text primary key, hash text not null, applied_at timestamp not null "
                "default "
                "current_timestamp); insert into _flux_migrations (id, hash) values ('1', 'x')");
      std::vector<std::unique_ptr<Process>> racers;
      for (int i = 0; i < 4; ++i)
        racers.push_back(std::make_unique<Process>([&] { Client(folder / "app.db").initialize(); }));
      for (const auto& racer : racers) CHECK(racer->result() == "");
      CHECK(Client(folder / "app.db").list_history().size() == (python ? 1 : 0));
    }
  }

  TEST_CASE("a table of that name that is no history is refused and left alone") {
    TempFolder folder;
    Database(folder / "app.db").run("create table _flux_migrations (version text)");
    Client client(folder / "app.db");
    for (const auto& failure : {failure_of([&] { client.list_history(); }), failure_of([&] { client.initialize(); })}) {
      CHECK(failure.code == FLUX_E_FAILED);
      CHECK(failure.message.find("\"_flux_migrations\"") != std::string::npos);
      CHECK(failure.message.find("no column id") != std::string::npos);
      CHECK(failure.hint == "set migrations_table in [backend] to another name");
    }
    CHECK(Database(folder / "app.db").ask("select sql from sqlite_schema") ==
          "CREATE TABLE _flux_migrations (version text)");
  }

  TEST_CASE("a temporary table of the same name does not get the history") {
    Client client;
    client.connect(":memory:");
    client.initialize();
    client.migrate("1", "create temp table _flux_migrations (namespace, id, hash)");
    CHECK(client.list_history().size() == 1);
  }
}
