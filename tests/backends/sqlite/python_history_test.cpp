#include <doctest/doctest.h>

#include "fixture.hpp"

using namespace flux::testing;

namespace {

constexpr const char* python_table =
    "create table _flux_migrations (id text primary key, hash text not null,"
    " applied_at timestamp not null default current_timestamp);";
constexpr std::int64_t noon = 1'767'268'800'000'000;  // 2026-01-01 12:00:00

std::string inserted(const std::string& id, const std::string& applied_at) {
  return "insert into _flux_migrations values ('" + id + "', '0123456789abcdef0123456789abcdef', " + applied_at + ");";
}

}  // namespace

TEST_SUITE("sqlite history of flux-migrations (Python)") {
  TEST_CASE("it is read in place and nothing is written") {
    TempFolder folder;
    Database database(folder / "app.db");
    database.run(python_table + inserted("1", "'2026-01-01 12:00:00'") + inserted("2", "'2026-01-01 12:00:00'"));
    const std::string before = database.ask("pragma data_version");
    Client client(folder / "app.db");
    const std::vector<Row> rows = client.list_history();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].id == "1");
    CHECK(rows[0].hash == "0123456789abcdef0123456789abcdef");
    CHECK(rows[0].state == "applied");
    CHECK(rows[0].applied_at_us == noon);
    CHECK(rows[0].duration_ms == -1);
    CHECK_FALSE(rows[0].undo);
    CHECK(client.list_history("other").empty());
    CHECK(database.ask("pragma data_version") == before);
  }

  TEST_CASE("every way to write its time is understood") {
    const std::pair<const char*, std::int64_t> cases[] = {
        {"'2026-01-01 12:00:00'", noon},
        {"'2026-01-01T12:00:00'", noon},
        {"'2026-01-01T12:00:00Z'", noon},
        {"'2026-01-01 12:00:00.5'", noon + 500'000},
        {"'2026-01-01 12:00:00.123456'", noon + 123'456},
        {"'2026-01-01 12:00:00.123456789'", noon + 123'456},
        {"'2026-01-01 12:00'", noon},
        {"'2026-01-01T13:30:00+01:30'", noon},
        {"'2026-01-01 07:00:00-0500'", noon},
        {"'2026-01-01'", noon - 43'200'000'000},
        {"1767268800", noon},
        {"1767268800.5", noon + 500'000},
        {"1767268800000", noon},
        {"1767268800000000", noon},
        {"2461042.0", noon},
        {"'yesterday'", 0},
        {"'2026-13-01 12:00:00'", 0},
        {"'2026-01-01 12:00:00 UTC'", 0},
        {"'2026-01-01 noon'", 0},
        {"''", 0},
        {"1e300", 0},
    };
    for (const auto& [text, us] : cases) {
      CAPTURE(std::string(text));
      TempFolder folder;
      Database(folder / "app.db").run(python_table + inserted("1", text));
      CHECK(Client(folder / "app.db").list_history()[0].applied_at_us == us);
    }
  }

  TEST_CASE("it is extended in place, and both tools can go on") {
    TempFolder folder;
    Database database(folder / "app.db");
    database.run(python_table + inserted("1", "'2026-01-01 12:00:00'"));
    Client client(folder / "app.db");
    client.initialize();
    client.initialize();
    Row same;
    same.id = "1";
    same.name_space = "shop";
    client.register_migration(same);
    client.migrate("2", "create table t (a)");
    database.run("insert into _flux_migrations (id, hash) values ('3', 'ff')");
    const std::vector<Row> rows = client.list_history();
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].hash == "0123456789abcdef0123456789abcdef");
    CHECK(rows[0].applied_at_us == noon);
    CHECK(rows[0].state == "applied");
    CHECK(rows[2].applied_at_us > noon);
    CHECK(client.list_history("shop").size() == 1);
    CHECK(database.ask("select applied_at from _flux_migrations where id = '1' and namespace = ''") ==
          "2026-01-01 12:00:00");
    CHECK_THROWS(database.run("insert into _flux_migrations (id, hash) values ('3', 'again')"));
  }

  TEST_CASE("columns, indexes, triggers and views that others added survive") {
    TempFolder folder;
    Database database(folder / "app.db");
    database.run(python_table + inserted("1", "current_timestamp") +
                 "alter table _flux_migrations add column \"the note\" text collate nocase;"
                 "alter table _flux_migrations add column ticket integer not null default 7;"
                 "update _flux_migrations set \"the note\" = 'why';"
                 "create index by_hash on _flux_migrations (hash);"
                 "create table seen (id);"
                 "create trigger noted after insert on _flux_migrations begin insert into seen values (new.id); end;"
                 "create view applied as select id from _flux_migrations;"
                 "create table refers (id references _flux_migrations (id));");
    Client client(folder / "app.db");
    client.initialize();
    client.migrate("2", "create table t (a)");
    CHECK(database.ask("select id, \"the note\", ticket from _flux_migrations order by id") == "1|why|7\n2|NULL|7");
    CHECK(database.ask("select * from seen") == "2");
    CHECK(database.ask("select * from applied order by 1") == "1\n2");
    CHECK(database.ask("select count(*) from sqlite_schema where name = 'by_hash'") == "1");
    CHECK(database.ask("pragma integrity_check") == "ok");
  }

  TEST_CASE("a history that cannot be extended stays as it was") {
    TempFolder folder;
    Database database(folder / "app.db");
    database.run(std::string(python_table) + "alter table _flux_migrations add column short as (substr(hash, 1, 8));");
    const std::string before = dump(folder / "app.db");
    Client client(folder / "app.db");
    const Failure failure = failure_of([&] { client.initialize(); });
    CHECK(failure.code == FLUX_E_FAILED);
    CHECK(failure.message.find("\"short\" is generated") != std::string::npos);
    CHECK(client.list_history().empty());
    CHECK(dump(folder / "app.db") == before);
  }

  TEST_CASE("it lists ten thousand rows, also for a user who may only read") {
    TempFolder folder;
    Database(folder / "app.db")
        .run(std::string(python_table) +
             "with recursive n (i) as (select 1 union all select i + 1 from n where i < 10000)"
             "insert into _flux_migrations (id, hash) select printf('%05d', i), hex(i) from n");
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
    CHECK(as_nobody([&] { require(Client(folder / "app.db").list_history().size() == 10'000, "all rows"); }) == "");
  }
}
