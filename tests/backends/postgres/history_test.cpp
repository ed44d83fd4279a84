#include <algorithm>
#include <thread>

#include "fixture.hpp"

using namespace flux::testing;

namespace {

// As the Python tool makes it and fills it.
const char* const python_table =
    "create table _flux_migrations (id text primary key, hash text not null, applied_at timestamp not null default "
    "current_timestamp);"
    "insert into _flux_migrations values ('20240101_001_a', 'd41d8cd98f00b204e9800998ecf8427e', '2024-01-02 "
    "03:04:05.678901'),"
    "('20240101_002_b', '0cc175b9c0f1b6a831c399e269772661', '2024-07-02 03:04:05')";

std::string key_of(const Database& database, const std::string& table = "_flux_migrations") {
  return database.run(
      "select string_agg(a.attname, ',' order by a.attname) from pg_index i join pg_attribute a on a.attrelid = "
      "i.indrelid and a.attnum = any (i.indkey) where i.indisprimary and i.indrelid = '" +
      table + "'::regclass");
}

}  // namespace

TEST_SUITE("postgres history") {
  TEST_CASE("reads nothing, and makes nothing, where there is no table or no schema") {
    Connected client({{"migrations_schema", std::string("nowhere")}});
    CHECK(client.list_history().empty());
    client.begin();
    CHECK(client.list_history().empty());
    client.commit();
    CHECK(client.run("select count(*) from pg_namespace where nspname = 'nowhere'") == "0");
  }

  TEST_CASE("creates schema and table once") {
    Connected client({{"migrations_schema", std::string("ops")}, {"migrations_table", std::string("log")}});
    client.initialize();
    const std::string before = client.run("select xmin::text || oid from pg_class where relname = 'log'");
    client.initialize();
    CHECK(client.run("select xmin::text || oid from pg_class where relname = 'log'") == before);
    CHECK(key_of(client, "ops.log") == "id,namespace");
    CHECK(client.run(
              "select data_type || is_nullable || column_default from information_schema.columns where table_name = "
              "'log' and column_name = 'applied_at'") == "timestamp with time zoneNOnow()");
    client.migrate("a", "create table t (a int)");
    CHECK(client.run("select id from ops.log") == "a");
  }

  TEST_CASE("takes odd names") {
    const std::string odd[] = {
        "a\"b", "a'b; drop table x; --", "Upper Case", "%s", "\xC3\xA4\xE2\x82\xAC", std::string(63, 'x'), "select"};
    for (const std::string& name : odd) {
      CAPTURE(name);
      Initialized client({{"migrations_schema", name}, {"migrations_table", name}});
      client.migrate(name, "select 1");
      CHECK(client.list_history().at(0).id == name);
      CHECK(client.run(
                "select count(*) from pg_class c join pg_namespace n on n.oid = relnamespace where relkind = 'r' and "
                "relname = nspname") == "1");
    }
  }

  TEST_CASE("lists undo scripts where they are asked for, else that they are there") {
    Initialized client;
    for (const char* id : {"with", "without"}) {
      Row row = row_of(id);
      row.undo.reset();
      if (row.id == "with") row.undo = "drop table x";
      client.register_migration(row);
    }
    const auto full = client.list_history("", FLUX_LIST_UNDO_TEXTS), lean = client.list_history("", 0);
    REQUIRE((full.size() == 2 && lean.size() == 2));
    CHECK(full[0].undo == "drop table x");
    CHECK(lean[0].undo == "");
    CHECK(!full[1].undo);
    CHECK(!lean[1].undo);
  }

  TEST_CASE("a listing ends where the callback asks for it, and the connection is of use behind it") {
    Initialized client;
    client.run("insert into _flux_migrations (id, hash) select i::text, 'x' from generate_series(1, 20000) as i");
    int seen = 0;
    const auto stop = [](void* ctx, const flux_history_row*) -> flux_status {
      return ++*static_cast<int*>(ctx) == 2 ? FLUX_E_STOP : FLUX_OK;
    };
    CHECK(client.api().list_history(client.self(), {"", 0}, 0, stop, &seen, nullptr) == FLUX_E_STOP);
    CHECK(seen == 2);
    CHECK(client.list_history().size() == 20000);
  }

  TEST_CASE("takes odd namespaces") {
    Initialized client;
    for (const char* name : {"it's", "back\\slash", "%TABLE%", "%UNDO%", "$1", "\xC3\xA4"}) {
      CAPTURE(name);
      Row row = row_of("a");
      row.name_space = name;
      client.register_migration(row);
      CHECK(client.list_history(name).size() == 1);
    }
  }

  TEST_CASE("keeps a row as it was given") {
    Initialized client;
    Row row;
    row.name_space = "app";
    row.id = "20260101_001_x";
    row.hash = "sha256:abc";
    row.state = "interrupted";
    row.undo = "drop table x; -- '\"\\ \xC3\xA4";
    row.applied_by = "me";
    row.flux_version = "0.1.0";
    row.applied_at_us = 1700000000123457;
    row.duration_ms = 0;
    row.statements_done = 3;
    row.run_id = "run 1";
    row.script = "create table x (a int) -- \xC3\xA4";
    row.done_hash = "sha256:def";
    row.note = "accepted by me";
    row.statements_started = 4;
    row.statements_total = 9;
    client.register_migration(row);
    client.register_migration(row_of("plain"));
    CHECK(client.list_history("other").empty());
    CHECK(client.list_history("app").size() == 1);
    const Row read = client.list_history("app").at(0);
    CHECK(read.name_space == row.name_space);
    CHECK(read.id == row.id);
    CHECK(read.hash == row.hash);
    CHECK(read.state == row.state);
    CHECK(read.undo == row.undo);
    CHECK(read.applied_by == row.applied_by);
    CHECK(read.flux_version == row.flux_version);
    CHECK(read.applied_at_us == row.applied_at_us);
    CHECK(read.duration_ms == 0);
    CHECK(read.statements_done == 3);
    CHECK(read.run_id == row.run_id);
    CHECK(read.done_hash == row.done_hash);
    CHECK(read.note == row.note);
    CHECK(read.statements_started == 4);
    CHECK(read.statements_total == 9);
    CHECK(!read.script);  // a listing leaves it out
    CHECK(client.read_script("app", row.id) == *row.script);
    CHECK(client.read_script("", row.id).empty());
    CHECK(client.read_script("", "plain").empty());

    const Row plain = client.list_history().at(0);
    CHECK(!plain.undo);
    CHECK(!plain.applied_by);
    CHECK(plain.duration_ms == -1);
    CHECK(plain.statements_done == -1);
    CHECK(!plain.run_id);
    CHECK(plain.statements_started == -1);
    CHECK(std::stod(client.run("select abs(extract(epoch from clock_timestamp()) - " +
                               std::to_string(plain.applied_at_us) + " / 1e6)")) < 30);
  }

  TEST_CASE("replaces a row of the same key and deletes one") {
    Initialized client;
    Row row = row_of("a");
    row.undo = "undo";
    client.register_migration(row);
    row.hash = "sha256:11";
    row.undo.reset();
    client.register_migration(row);
    CHECK(client.list_history().size() == 1);
    CHECK(client.list_history().at(0).hash == "sha256:11");
    CHECK(!client.list_history().at(0).undo);
    CHECK(failure_of([&] { client.unregister_migration("other", "a"); }).code == FLUX_E_CONFLICT);
    client.unregister_migration("", "a");
    CHECK(client.list_history().empty());
    CHECK(failure_of([&] { client.unregister_migration("", "a"); }).code == FLUX_E_CONFLICT);
  }

  TEST_CASE("refuses a new row where there is one") {
    Initialized client;
    Row row = row_of("a");
    row.is_new = true;
    client.register_migration(row);
    for (const bool inside : {true, false}) {
      if (inside) client.begin();
      const Failure failure = failure_of([&] { client.register_migration(row); });
      CHECK(failure.code == FLUX_E_CONFLICT);
      CHECK(failure.message == "the history already has \"a\": another run has applied it");
      client.rollback();
    }
    row.is_new = false;
    row.hash = "sha256:22";
    client.register_migration(row);
    CHECK(client.list_history().at(0).hash == "sha256:22");
  }

  TEST_CASE("reads a table that lacks columns, and adds them before it writes") {
    for (const std::string column : {"run_id", "script", "done_hash", "note", "statements_started", "statements_total",
                                     "state", "undo", "statements_done", "applied_by"}) {
      CAPTURE(column);
      Initialized client;
      client.register_migration(row_of("a"));
      client.run("alter table _flux_migrations drop column " + column);
      CHECK(client.list_history().size() == 1);
      CHECK(client.list_history().at(0).state == "applied");
      CHECK(client.read_script("", "a").empty());
      client.disconnect();
      client.connect(client.uri);
      client.initialize();
      CHECK(
          client.run("select count(*) from pg_attribute where attrelid = '_flux_migrations'::regclass and attname = '" +
                     column + "' and not attisdropped") == "1");
      client.migrate("b", "select 1");
    }
  }

  TEST_CASE("takes every id") {
    Initialized client;
    const std::string ids[] = {"it's",
                               "a\"b",
                               "100%",
                               "%s%n",
                               "a;b",
                               "a\\b",
                               "$1",
                               "--",
                               " ",
                               std::string(255, 'x'),
                               "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80",
                               "a\nb",
                               "' or 1=1 --"};
    for (const std::string& id : ids) {
      CAPTURE(id);
      client.migrate(id, "select 1");
      const auto rows = client.list_history();
      CHECK(std::any_of(rows.begin(), rows.end(), [&](const Row& row) { return row.id == id; }));
    }
    CHECK(client.list_history().size() == std::size(ids));
    for (const std::string& id : ids) client.unregister_migration("", id);
    CHECK(client.list_history().empty());
  }

  TEST_CASE("lists ten thousand rows") {
    Initialized client;
    client.run(
        "insert into _flux_migrations (id, hash, undo) select 'm' || n, 'sha256:' || n, repeat('x', 500) from "
        "generate_series(1, 10000) n");
    const auto rows = client.list_history();
    CHECK(rows.size() == 10000);
    CHECK(std::all_of(rows.begin(), rows.end(), [](const Row& row) { return row.undo->size() == 500; }));
  }

  TEST_CASE("keeps microseconds exact, whatever the time zone and the date style") {
    const std::int64_t times[] = {
        1, 999999, 946684800000000, 1700000000123456, 1709210096789012, 4102444799999999, -62135596800000000 + 1};
    const std::string zones[] = {"UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia"};
    const std::string styles[] = {"ISO", "German", "SQL, DMY"};
    const Database database;
    Client writer;
    writer.connect(database.uri);
    writer.initialize();
    for (const std::string& zone : zones) {
      for (const std::string& style : styles) {
        Client reader({{"init_sql",
                        std::vector<std::string>{"set time zone '" + zone + "'", "set datestyle = '" + style + "'"}}});
        reader.connect(database.uri);
        for (const std::int64_t time : times) {
          CAPTURE(zone);
          CAPTURE(style);
          CAPTURE(time);
          Row row = row_of("t");
          row.applied_at_us = time;
          reader.register_migration(row);
          CHECK(reader.list_history().at(0).applied_at_us == time);
          CHECK(writer.list_history().at(0).applied_at_us == time);
        }
      }
    }
  }

  TEST_CASE("reads a table of the Python tool as it is") {
    Connected client;
    client.run(python_table);
    const auto rows = client.list_history();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].id == "20240101_001_a");
    CHECK(rows[0].hash == "d41d8cd98f00b204e9800998ecf8427e");
    CHECK(rows[0].state == "applied");
    CHECK(!rows[0].undo);
    CHECK(rows[0].duration_ms == -1);
    CHECK(client.list_history("other").empty());
    CHECK(client.run("select count(*) from information_schema.columns where table_name = '_flux_migrations'") == "3");
  }

  TEST_CASE("reads times without a zone as the session's") {
    Database database;
    database.run(python_table);
    for (const auto& [zone, expected] :
         {std::pair{"UTC", 1704164645678901}, std::pair{"America/New_York", 1704182645678901}}) {
      Client client({{"init_sql", std::vector<std::string>{std::string("set time zone '") + zone + "'"}}});
      client.connect(database.uri);
      CHECK(client.list_history().at(0).applied_at_us == expected);
      Row row = row_of("later");
      row.applied_at_us = 1704164645000001;
      client.initialize();
      client.begin();
      client.apply("set time zone 'Asia/Tokyo'");
      client.register_migration(row);
      client.commit();
      CHECK(client.list_history().at(2).applied_at_us == row.applied_at_us);
    }
  }

  TEST_CASE("extends a table of the Python tool and goes on with it") {
    Connected client;
    client.run(python_table);
    client.run("alter table _flux_migrations add note text; update _flux_migrations set note = 'kept'");
    client.initialize();
    client.initialize();
    CHECK(key_of(client) == "id,namespace");
    CHECK(client.list_history().size() == 2);
    CHECK(client.run("select string_agg(note, ',') from _flux_migrations") == "kept,kept");
    client.migrate("20260101_001_c", "create table c (a int)");
    CHECK(client.list_history().size() == 3);
    // The Python tool can still write to it.
    client.run("insert into _flux_migrations (id, hash) values ('20260102_001_d', 'x')");
    CHECK(client.list_history().size() == 4);
    client.register_migration(client.list_history().at(0));
    CHECK(client.run("select note from _flux_migrations where id = '20240101_001_a'") == "kept");
    Row other = row_of("20240101_001_a");
    other.name_space = "app2";
    client.register_migration(other);
    CHECK(client.list_history("app2").size() == 1);
  }

  TEST_CASE("is created once by many at the same time") {
    for (const bool old_table : {false, true}) {
      CAPTURE(old_table);
      const Database database;
      if (old_table) database.run(python_table);
      std::vector<std::unique_ptr<Client>> clients;
      for (int i = 0; i < 8; ++i)
        clients.push_back(
            std::make_unique<Client>(Config{{"migrations_schema", std::string(old_table ? "public" : "ops")}}));
      std::atomic<int> failures = 0;
      std::vector<std::thread> threads;
      for (auto& client : clients)
        threads.emplace_back([&] {
          try {
            client->connect(database.uri);
            client->initialize();
          } catch (const std::exception&) {
            ++failures;
          }
        });
      for (std::thread& thread : threads) thread.join();
      CHECK(failures == 0);
      CHECK(clients[0]->list_history().size() == (old_table ? 2U : 0U));
    }
  }

  TEST_CASE("refuses a table that is not a history") {
    for (const char* columns : {"id text", "hash text", "a int", ""}) {
      CAPTURE(columns);
      Connected client;
      client.run(std::string("create table _flux_migrations (") + columns + ")");
      for (const Failure& failure :
           {failure_of([&] { client.list_history(); }), failure_of([&] { client.initialize(); })}) {
        CHECK(failure.code == FLUX_E_FAILED);
        CHECK(failure.message.find("public._flux_migrations is not a history") != std::string::npos);
      }
    }
  }

  TEST_CASE("needs no more than the right to read") {
    Initialized owner;
    owner.migrate("a", "select 1");
    owner.run("drop role if exists reader; create role reader login; grant select on _flux_migrations to reader");
    Client reader;
    reader.connect(server().uri(owner.name, "reader") + "?options=-c%20default_transaction_read_only%3Don");
    CHECK(reader.list_history().size() == 1);
    owner.run("revoke select on _flux_migrations from reader");
    const Failure failure = failure_of([&] { reader.list_history(); });
    CHECK(failure.sqlstate == "42501");
    CHECK(!failure.hint.empty());
    owner.run("drop owned by reader; drop role reader");
  }

  TEST_CASE("sees a table that another run made or dropped meanwhile") {
    Connected client;
    CHECK(client.list_history().empty());
    {
      Client other;
      other.connect(client.uri);
      other.initialize();
      other.register_migration(row_of("a"));
    }
    CHECK(client.list_history().size() == 1);
    client.run("drop table _flux_migrations");
    CHECK(client.list_history().empty());
    client.initialize();
    CHECK(client.list_history().empty());
  }
}
