#include <doctest/doctest.h>

#include <chrono>

#include "fixture.hpp"

using namespace flux::testing;
namespace fs = std::filesystem;

namespace {

Client& in_memory() {
  static std::unique_ptr<Client> client;
  client = std::make_unique<Client>();
  client->connect(":memory:");
  client->initialize();
  return *client;
}

}  // namespace

TEST_SUITE("sqlite script") {
  TEST_CASE("a script that does nothing is fine") {
    Client& client = in_memory();
    for (const char* text :
         {"", " ", "\n\n", ";", ";;\n;", "-- only a comment", "/* only */", "/* left open", "-- a\n/* b */ ; -- c\n"}) {
      CAPTURE(std::string(text));
      client.begin();
      CHECK_NOTHROW(client.apply(text));
      client.commit();
    }
  }

  TEST_CASE("several statements run, with and without an end of line or semicolon, rows are dropped") {
    Client& client = in_memory();
    client.migrate("1",
                   "create table t (a);\ninsert into t values ('x;y'), (';'); -- ; no\nselect * from t;\ninsert into t "
                   "values (1)");
    client.migrate("2", "insert into t values (2);");
    client.migrate("3", "with n (i) as (select 1) select * from n; explain select 1; pragma table_info(t)");
    CHECK_THROWS(client.migrate("4", "insert into t values (1, 2)"));
  }

  TEST_CASE("a trigger with a body of several statements is one statement") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.migrate("1", R"(
      create table t (a); create table log (a, b generated always as (case a when 1 then 'one' else 'more' end) stored);
      create trigger logged after insert on t begin
        insert into log (a) values (case when new.a > 1 then 2 else 1 end);
        update log set a = a where 'end;' = ';end';
      end;
      insert into t values (1), (5);
      create view v as select * from log; create trigger on_view instead of delete on v begin delete from t; end)");
    CHECK(Database(folder / "app.db").ask("select * from log") == "1|one\n2|more");
    client.migrate("2", "delete from v");
    CHECK(Database(folder / "app.db").ask("select count(*) from t") == "0");
  }

  TEST_CASE("an error gives its statement, its place, SQLite's message and code") {
    struct Case {
      const char* text;
      const char* at;  // the error is at its first occurrence
      int statement;
      const char* code;
      const char* message;
    };
    const Case cases[] = {
        {"selec 1", "selec", 0, "SQLITE_ERROR", "near \"selec\": syntax error"},
        {"select 1;\n\nselect * from nowhere;", "nowhere", 1, "SQLITE_ERROR", "no such table: nowhere"},
        {"select 'nowhere';select 'nowhere', * from main.\"nowhere\"", "\"nowhere", 1, "SQLITE_ERROR",
         "no such table: main.nowhere"},
        {"insert into gone values (1); select 'gone", "gone values", 0, "SQLITE_ERROR", "no such table: gone"},
        {"drop view gone", "gone", 0, "SQLITE_ERROR", "no such view: gone"},
        {"select 1; -- c\n;;/* d */ select x from (select 1 as y)", "x from", 1, "SQLITE_ERROR", "no such column: x"},
        {"select 'größe äöü'; select 'ß', nope", "nope", 1, "SQLITE_ERROR", "no such column: nope"},
        {"create table t (a unique); insert into t values ('日本'); insert into t values ('日本')",
         "insert into t values ('日本')", 2, "SQLITE_CONSTRAINT_UNIQUE", "UNIQUE constraint failed: t.a"},
        {"create table t (a not null);\n\n  -- why\n  insert into t values (null);", "insert", 1,
         "SQLITE_CONSTRAINT_NOTNULL", "NOT NULL constraint failed: t.a"},
        {"create table t (a check (a > 1)); insert into t values (0)", "insert", 1, "SQLITE_CONSTRAINT_CHECK",
         "CHECK constraint failed: a > 1"},
        {"create table t (a); create table t (b)", "t (b)", 1, "SQLITE_ERROR", "table t already exists"},
        {"select 1; select 'open", "'open", 1, "SQLITE_ERROR", "unrecognized token: \"'open\""},
        {"select 1; select", "select", 1, "SQLITE_ERROR", "incomplete input"},
        {"vacuum", "vacuum", 0, "SQLITE_ERROR", "cannot VACUUM from within a transaction"},
        {"select abs(-9223372036854775808)", "select", 0, "SQLITE_ERROR", "integer overflow"},
        {"create table s (a int) strict; insert into s values ('x')", "insert", 1, "SQLITE_CONSTRAINT_DATATYPE",
         "cannot store TEXT value in INT column s.a"},
    };
    for (const Case& c : cases) {
      CAPTURE(std::string(c.text));
      Client& client = in_memory();
      client.begin();
      const Failure failure = failure_of([&] { client.apply(c.text); });
      CHECK(failure.code == FLUX_E_SCRIPT);
      CHECK(failure.message == c.message);
      CHECK(failure.sqlstate == c.code);
      CHECK(failure.statement_index == c.statement);
      std::size_t at = std::string(c.text).find(c.at);
      if (c.statement == 2) at = std::string(c.text).rfind(c.at);
      if (std::string(c.message) == "incomplete input") at = static_cast<std::size_t>(failure.byte_offset);
      CHECK(failure.byte_offset == static_cast<std::int64_t>(at));
      client.rollback();
    }
  }

  TEST_CASE("transaction control inside a migration is refused before it does anything") {
    for (const char* control :
         {"commit", "COMMIT TRANSACTION", "end", "rollback", "begin", "begin immediate", "END TRANSACTION"}) {
      CAPTURE(std::string(control));
      TempFolder folder;
      Client client(folder / "app.db");
      client.initialize();
      const std::string before = dump(folder / "app.db");
      client.begin();
      const Failure failure =
          failure_of([&] { client.apply("create table t (a); " + std::string(control) + "; create table u (a)"); });
      CHECK(failure.code == FLUX_E_SCRIPT);
      CHECK(failure.message.find("would end the migration's transaction") != std::string::npos);
      CHECK(failure.statement_index == 1);
      CHECK(failure.byte_offset == 20);
      client.rollback();
      CHECK(dump(folder / "app.db") == before);
    }
  }

  TEST_CASE("savepoints are a script's own affair") {
    Client& client = in_memory();
    client.migrate("1",
                   "create table t (a); savepoint s; insert into t values (1); rollback to s; release s;"
                   "savepoint left; insert into t values (2)");
    client.migrate("2", "create table u as select 1 / (select count(*) = 1 from t) as fine; select fine from u");
    CHECK(client.list_history().size() == 2);
  }

  TEST_CASE("a parameter is refused instead of being taken for NULL") {
    for (const char* text : {"select 1; select ?", "select 1; select :name", "select 1; select @a + $b"}) {
      CAPTURE(std::string(text));
      Client& client = in_memory();
      client.begin();
      const Failure failure = failure_of([&] { client.apply(text); });
      CHECK(failure.code == FLUX_E_SCRIPT);
      CHECK(failure.byte_offset == 10);
    }
  }

  TEST_CASE("a NUL character is refused before anything runs") {
    Client& client = in_memory();
    client.begin();
    const Failure failure = failure_of([&] { client.apply(std::string("select 1;\0 select 2", 19)); });
    CHECK(failure.code == FLUX_E_SCRIPT);
    CHECK(failure.byte_offset == 9);
  }

  TEST_CASE("a script of one megabyte runs, as one statement and as many") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.migrate("1", "create table t (a); insert into t values ('" + std::string(1 << 20, 'x') + "')");
    std::string many;
    while (many.size() < (1U << 20)) many += "insert into t values ('a short text; of some bytes');\n";
    const auto start = std::chrono::steady_clock::now();
    client.migrate("2", many);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
    CHECK(Database(folder / "app.db").ask("select max(length(a)) from t") == std::to_string(1 << 20));
  }

  TEST_CASE("outside a transaction statements stay as far as they came, and none may be left open") {
    for (const bool memory : {false, true}) {
      CAPTURE(memory);
      TempFolder folder;
      Client client(memory ? fs::path(":memory:") : folder / "app.db");
      CHECK(failure_of([&] { client.apply("create table t (a); vacuum; selec"); }).statement_index == 2);
      CHECK_NOTHROW(client.apply("begin; insert into t values (1); commit"));
      const Failure failure = failure_of([&] { client.apply("begin; insert into t values (2)"); });
      CHECK(failure.message == "the script leaves a transaction open");
      client.initialize();
      CHECK_NOTHROW(client.migrate("1", "create table u (a check (a = 1)); insert into u select count(*) from t"));
    }
  }
}
