#include <chrono>
#include <thread>

#include "fixture.hpp"

using namespace flux::testing;

TEST_SUITE("mariadb history") {
  TEST_CASE("is empty, and is not created, where nothing was applied") {
    Connected client;
    CHECK(client.list_history().empty());
    CHECK(client.run("select count(*) from information_schema.tables where table_schema = database()") == "0");
  }

  TEST_CASE("keeps rows as they are given") {
    Initialized client;
    for (const std::string& id :
         {std::string("plain"), std::string("it's; \\ \"%` \xC3\xA4 \xF0\x9F\x98\x80"), std::string("blank "),
          std::string("blank"), std::string("CASE"), std::string("case"), std::string(255, 'x')}) {
      CAPTURE(id);
      Row row = row_of(id);
      row.name_space = "n";
      row.hash = "sha256:ab";
      row.state = "interrupted";
      row.undo = "drop table \\ 'x' \xC3\xA4;\n";
      row.applied_by = "me@here";
      row.flux_version = "0.1.0";
      row.applied_at_us = 1700000000123456;
      row.duration_ms = 12;
      row.statements_done = 1;
      row.statements_started = 2;
      row.statements_total = 3;
      row.run_id = "r";
      row.script = "create\ttable x;\r\n";
      row.done_hash = "d";
      row.note = "n";
      row.is_new = true;
      client.register_migration(row);
      const auto rows = client.list_history("n");
      REQUIRE(rows.size() == 1);
      CHECK(rows[0].id == id);
      CHECK(rows[0].hash == row.hash);
      CHECK(rows[0].state == row.state);
      CHECK(rows[0].undo == row.undo);
      CHECK(rows[0].applied_by == row.applied_by);
      CHECK(rows[0].applied_at_us == row.applied_at_us);
      CHECK(rows[0].duration_ms == 12);
      CHECK(rows[0].statements_done == 1);
      CHECK(rows[0].statements_started == 2);
      CHECK(rows[0].statements_total == 3);
      CHECK(rows[0].run_id == row.run_id);
      CHECK(rows[0].done_hash == row.done_hash);
      CHECK(rows[0].note == row.note);
      CHECK(client.read_script("n", id) == *row.script);
      CHECK(client.list_history("n", 0)[0].undo == "");
      CHECK(client.list_history("").empty());
      CHECK(failure_of([&] { client.register_migration(row); }).code == FLUX_E_CONFLICT);
      client.unregister_migration("n", id);
      CHECK(failure_of([&] { client.unregister_migration("n", id); }).code == FLUX_E_CONFLICT);
    }
    Row too_long = row_of(std::string(256, 'x'));
    CHECK_THROWS(client.register_migration(too_long));
  }

  TEST_CASE("tells ids apart that differ in case or in a blank at the end") {
    Initialized client;
    for (const std::string id : {"a", "A", "a ", "\xC3\xA4"}) {
      Row row = row_of(id);
      row.is_new = true;
      client.register_migration(row);
    }
    CHECK(client.list_history().size() == 4);
  }

  TEST_CASE("times are UTC whatever the time zone, and the database's where none is given") {
    Initialized client({{"init_sql", std::vector<std::string>{"set time_zone = '+09:00'"}}});
    client.register_migration(row_of("01"));
    const auto now =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch());
    CHECK(std::abs(client.list_history()[0].applied_at_us - now.count()) < 60'000'000);
  }

  TEST_CASE("initialize is idempotent, and adds the columns that an older table lacks") {
    Connected client;
    client.initialize();
    client.initialize();
    client.register_migration(row_of("01"));
    client.run("alter table _flux_migrations drop column note, drop column statements_total, add column more int");
    Connected other;
    Client again;
    again.connect(client.uri);
    CHECK(again.list_history().size() == 1);
    again.initialize();
    Row row = row_of("02");
    row.note = "n";
    again.register_migration(row);
    CHECK(again.list_history()[1].note == "n");
  }

  TEST_CASE("initialize can be raced") {
    for (int round = 0; round < 5; ++round) {
      const Database database;
      std::vector<std::unique_ptr<Client>> clients;
      for (int i = 0; i < 4; ++i) (clients.emplace_back(std::make_unique<Client>()))->connect(database.uri);
      std::vector<std::thread> threads;
      std::atomic<int> failed = 0;
      for (auto& client : clients)
        threads.emplace_back([&] {
          try {
            client->initialize();
          } catch (const std::exception&) {
            ++failed;
          }
        });
      for (std::thread& thread : threads) thread.join();
      CHECK(failed == 0);
    }
  }

  TEST_CASE("10,000 rows are listed quickly") {
    Initialized client;
    client.run(
        "insert into _flux_migrations (id, hash, applied_at) select concat('m', seq), 'sha256:00', utc_timestamp() "
        "from "
        "seq_1_to_10000");
    const auto start = std::chrono::steady_clock::now();
    CHECK(client.list_history("", 0).size() == 10000);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  }

  TEST_CASE("is read with no more than the right to read") {
    Initialized client;
    client.register_migration(row_of("01"));
    client.run("create or replace user reader identified by 'secret'; grant select on " + client.name + ".* to reader");
    Client reader;
    reader.connect(server().uri(client.name, "reader:secret"));
    CHECK(reader.list_history().size() == 1);
    CHECK(reader.describe_lock().empty());
    const Failure failure = failure_of([&] { reader.register_migration(row_of("02")); });
    CHECK(failure.sqlstate == "42000");
  }

  TEST_CASE("lies in another database and table where it is told to, which is created") {
    const Database database;
    Client client({{"migrations_database", database.name + "_h"}, {"migrations_table", std::string("odd `name")}});
    client.connect(database.uri);
    CHECK(client.list_history().empty());
    client.initialize();
    client.register_migration(row_of("01"));
    CHECK(database.run("select count(*) from " + database.name + "_h.`odd ``name`") == "1");
  }

  TEST_CASE("another kind of table is refused") {
    Connected client;
    client.run("create table _flux_migrations (a int)");
    CHECK(failure_of([&] { client.list_history(); }).message.find("not a history") != std::string::npos);
  }

  TEST_CASE("is written and read alike whatever sql_mode the server has") {
    for (const std::string mode :
         {"EMPTY_STRING_IS_NULL", "PAD_CHAR_TO_FULL_LENGTH", "ORACLE", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES", ""}) {
      CAPTURE(mode);
      Connected client({{"init_sql", std::vector<std::string>{"set sql_mode = '" + mode + "'"}}});
      client.initialize();
      client.lock(1000);
      Row row = row_of("01");
      row.undo = "it's\n\\n\n";
      client.register_migration(row);
      client.migrate("02", "create table t (a varchar(5) default 'x')");
      REQUIRE(client.list_history().size() == 2);
      CHECK(client.list_history()[0].undo == row.undo);
      client.unregister_migration("", "01");
      CHECK(client.list_history().size() == 1);
    }
  }

  TEST_CASE("keeps long undo scripts, and says so where one is longer than the server takes") {
    Initialized client;
    const auto repeated = [](const std::string& line, std::size_t size) {
      std::string out;
      while (out.size() < size) out += line;
      return out;
    };
    Row row = row_of("01");
    row.undo = repeated("insert into t values ('it\xC3\xA4s');\n", 10 << 20);
    client.register_migration(row);
    CHECK(client.list_history()[0].undo == row.undo);
    row.undo = repeated("\\'\\\n", 1 << 20);
    client.register_migration(row);
    CHECK(client.list_history()[0].undo == row.undo);
    row.undo = repeated("delete from t;\n", 17 << 20);
    const Failure failure = failure_of([&] { client.register_migration(row); });
    CHECK(failure.code == FLUX_E_FAILED);
    CHECK(failure.hint.find("max_allowed_packet") != std::string::npos);
    CHECK(client.list_history().size() == 1);
  }

  TEST_CASE("a read-only server gives one clear line") {
    Connected client;
    client.run("create or replace user writer; grant all on " + client.name + ".* to writer; set global read_only = 1");
    Client writer;
    writer.connect(server().uri(client.name, "writer"));
    const Failure failure = failure_of([&] { writer.initialize(); });
    client.run("set global read_only = 0");
    CHECK(failure.message.find("read-only") != std::string::npos);
    CHECK(failure.hint.find("primary") != std::string::npos);
  }
}
