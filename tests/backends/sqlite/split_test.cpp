#include <doctest/doctest.h>

#include "fixture.hpp"

using namespace flux::testing;

namespace {

// The texts of the statements, each with its offset checked.
std::vector<std::string> texts(const std::string& script) {
  static Client client;
  std::vector<std::string> out;
  for (const Statement& statement : client.split(script))
    out.push_back(script.substr(statement.offset, statement.length));
  return out;
}

using List = std::vector<std::string>;

}  // namespace

TEST_SUITE("sqlite split") {
  TEST_CASE("a script is cut where SQLite would cut it") {
    const std::string trigger =
        "create trigger t after insert on a begin\n  insert into b values (case when 1 then 2 end);\n  delete from c; "
        "-- end;\nend";
    const std::pair<std::string, List> cases[] = {
        {"", {}},
        {" \n\t", {}},
        {";;;", {}},
        {"-- comment", {}},
        {"/* open", {}},
        {"/* a */ -- b\n;", {}},
        {"select 1", {"select 1"}},
        {"select 1;", {"select 1"}},
        {"  select 1 ;\n\nselect 2;  ", {"select 1", "select 2"}},
        {"-- lead\nselect 1 -- tail ;\n; /* x;y */ select 2 /* z", {"select 1", "select 2"}},
        {"select ';', 'it''s;', \"a;\", `b;`, [c;d'], x'00'; select 2",
         {"select ';', 'it''s;', \"a;\", `b;`, [c;d'], x'00'", "select 2"}},
        {"select '-- no', '/*'; select '*/'", {"select '-- no', '/*'", "select '*/'"}},
        {"select 1 - -1; select 4 / 2 * 3", {"select 1 - -1", "select 4 / 2 * 3"}},
        {"select 'größe;'; select '日本'", {"select 'größe;'", "select '日本'"}},
        {trigger + ";\nselect 1", {trigger, "select 1"}},
        {trigger, {trigger}},
        {trigger + " -- done", {trigger}},
        {"create temp trigger t after insert on a begin select 1; end; select 2",
         {"create temp trigger t after insert on a begin select 1; end", "select 2"}},
        {"CREATE TEMPORARY TRIGGER IF NOT EXISTS t AFTER UPDATE ON a BEGIN SELECT 1;END;SELECT 2;",
         {"CREATE TEMPORARY TRIGGER IF NOT EXISTS t AFTER UPDATE ON a BEGIN SELECT 1;END", "SELECT 2"}},
        {"create /* x */ trigger t after insert on a begin select 1; select \"end\"; end/* y */; select 2",
         {"create /* x */ trigger t after insert on a begin select 1; select \"end\"; end", "select 2"}},
        {"explain create trigger t after insert on a begin select 1; end; select 2",
         {"explain create trigger t after insert on a begin select 1; end", "select 2"}},
        {"create table trigger_log (a); create view v as select case 1 when 1 then 2 end; select 2",
         {"create table trigger_log (a)", "create view v as select case 1 when 1 then 2 end", "select 2"}},
        {"begin; select 1; end;", {"begin", "select 1", "end"}},
        {"select .5; select a.b", {"select .5", "select a.b"}},
    };
    for (const auto& [script, statements] : cases) {
      CAPTURE(std::string(script));
      CHECK(texts(script) == statements);
    }
  }

  TEST_CASE("statements that touch the transaction are flagged") {
    constexpr unsigned begin = FLUX_STATEMENT_BEGIN | FLUX_STATEMENT_TRANSACTION_CONTROL;
    constexpr unsigned commit = FLUX_STATEMENT_COMMIT | FLUX_STATEMENT_TRANSACTION_CONTROL;
    constexpr unsigned control = FLUX_STATEMENT_TRANSACTION_CONTROL;
    constexpr unsigned never = FLUX_STATEMENT_NO_TRANSACTION;
    constexpr unsigned outside = FLUX_STATEMENT_OUTSIDE;
    constexpr unsigned session = FLUX_STATEMENT_OUTSIDE | FLUX_STATEMENT_SESSION;
    struct Case {
      const char* text;
      unsigned flags;
      const char* what;
    };
    const Case cases[] = {
        {"begin", begin, "BEGIN"},
        {"BEGIN TRANSACTION", begin, "BEGIN"},
        {"begin deferred", begin, "BEGIN"},
        {"begin immediate transaction", begin, "BEGIN"},
        {"begin /* now */ exclusive", begin, "BEGIN"},
        {"commit", commit, "COMMIT"},
        {"commit transaction", commit, "COMMIT"},
        {"end", commit, "END"},
        {"End Transaction", commit, "END"},
        {"rollback", control, "ROLLBACK"},
        {"rollback transaction", control, "ROLLBACK"},
        {"rollback to s", 0, ""},
        {"rollback transaction to savepoint s", 0, ""},
        {"savepoint s", 0, ""},
        {"release s", 0, ""},
        {"vacuum", never, "VACUUM"},
        {"vacuum main into 'x.db'", never, "VACUUM"},
        {"pragma journal_mode = wal", never, "PRAGMA JOURNAL_MODE"},
        {"pragma main.journal_mode(wal)", never, "PRAGMA JOURNAL_MODE"},
        {"PRAGMA synchronous=off", never, "PRAGMA SYNCHRONOUS"},
        {"pragma journal_mode", 0, ""},
        {"pragma main.synchronous", 0, ""},
        {"pragma foreign_keys = off", session, "PRAGMA FOREIGN_KEYS"},
        {"pragma main . \"foreign_keys\"(1)", session, "PRAGMA FOREIGN_KEYS"},
        {"PRAGMA [query_only] = on", session, "PRAGMA QUERY_ONLY"},
        {"pragma busy_timeout = 100", session, "PRAGMA BUSY_TIMEOUT"},
        {"pragma what_sqlite_will_have = 1", session, "PRAGMA WHAT_SQLITE_WILL_HAVE"},
        {"pragma wal_checkpoint", outside, "PRAGMA WAL_CHECKPOINT"},
        {"pragma wal_checkpoint(truncate)", outside, "PRAGMA WAL_CHECKPOINT"},
        {"pragma foreign_keys", 0, ""},
        {"pragma table_info(t)", 0, ""},
        {"pragma main.foreign_key_check(t)", 0, ""},
        {"pragma optimize(0xfffe)", 0, ""},
        {"pragma", 0, ""},
        {"pragma user_version = 3", 0, ""},
        {"attach 'x.db' as x", session, "ATTACH"},
        {"Detach database x", session, "DETACH"},
        {"explain begin", 0, ""},
        {"create table begin_log (a)", 0, ""},
        {"analyze", 0, ""},
        {"reindex", 0, ""},
    };
    for (const Case& c : cases) {
      CAPTURE(std::string(c.text));
      Client client;
      const std::vector<Statement> statements = client.split("-- x\n" + std::string(c.text) + ";");
      REQUIRE(statements.size() == 1);
      CHECK(statements[0].offset == 5);
      CHECK(statements[0].flags == c.flags);
      CHECK(statements[0].what == c.what);
    }
  }

  TEST_CASE("what is flagged is what SQLite refuses inside a transaction") {
    const std::pair<const char*, bool> cases[] = {
        {"vacuum", true},
        {"vacuum into 'never.db'", true},
        {"pragma journal_mode = wal", true},
        {"pragma synchronous = off", true},
        {"pragma foreign_keys = off", false},
        {"attach ':memory:' as x", false},
        {"attach ':memory:' as x; detach x", false},
        {"analyze", false},
        {"reindex", false},
        {"pragma user_version = 3", false},
    };
    for (const auto& [text, refused] : cases) {
      CAPTURE(std::string(text));
      TempFolder folder;
      Client client(folder / "app.db");
      client.initialize();
      client.begin();
      bool failed = false;
      try {
        client.apply(text);
      } catch (const Failure&) {
        failed = true;
      }
      CHECK(failed == refused);
      CHECK((client.split(text)[0].flags == FLUX_STATEMENT_NO_TRANSACTION) == refused);
    }
  }

  TEST_CASE("a script that cannot be cut is refused with the place") {
    const std::pair<const char*, int> cases[] = {
        {"select 'open", 7},      {"select 1; select \"a", 17},
        {"-- ok\nselect `a", 13}, {"select [a", 7},
        {"select 'it''s", 11},    {"select 'ß'; select 'x", 20},
        {".read other.sql", 0},   {"select 1;\n.tables\nselect 2;", 10},
        {"-- x\n.mode csv", 5},
    };
    Client client;
    for (const auto& [script, offset] : cases) {
      CAPTURE(std::string(script));
      const Failure failure = failure_of([&, text = script] { client.split(text); });
      CHECK(failure.code == FLUX_E_SCRIPT);
      CHECK(failure.byte_offset == offset);
    }
    CHECK(failure_of([&] { client.split("select 1;\n.read x.sql"); }).message ==
          "\".read\" is a command of the sqlite3 shell, not SQL");
  }

  TEST_CASE("the splitter and SQLite count the same statements") {
    // The last statement fails, and so tells its number.
    for (const char* script :
         {"create table a (x); create trigger t after insert on a begin select case 1 when 1 then 2 end; select ';'; "
          "end; ",
          "select 1;;; /* ; */ select [;] from (select 1 as \";\"); -- ;\n", "select 1 -- ;\n, 2; select ';'';';", "",
          "create view v as select `;` from (select 2 as `;`); explain select 1;"}) {
      CAPTURE(std::string(script));
      Client client;
      client.connect(":memory:");
      client.begin();
      const std::string text = std::string(script) + "\n nonsense";
      const Failure failure = failure_of([&] { client.apply(text); });
      const std::vector<Statement> statements = client.split(text);
      CHECK(failure.statement_index + 1 == static_cast<std::int64_t>(statements.size()));
      CHECK(failure.byte_offset == static_cast<std::int64_t>(statements.back().offset));
    }
  }

  TEST_CASE("a script of one megabyte is cut fast") {
    std::string script;
    while (script.size() < (1U << 20)) script += "insert into t values ('a;b', \"c\");\n";
    CHECK(texts(script).size() == script.size() / 35);
  }
}
