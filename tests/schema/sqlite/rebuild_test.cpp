// What a table keeps when it is made anew, and what is said of what it cannot keep.
#include <doctest/doctest.h>

#include <stdexcept>

#include "database.hpp"

namespace flux::testing {

TEST_CASE("a rebuild keeps rowids, counters, keys of others, indexes, views and triggers") {
  const std::string others =
      "CREATE TABLE child (p INT REFERENCES parent ON DELETE CASCADE); CREATE TABLE log (what);"
      "CREATE INDEX i ON parent (a DESC) WHERE a > 0; CREATE VIEW v AS SELECT a FROM parent; CREATE VIEW w AS SELECT * FROM v;"
      "CREATE TRIGGER t AFTER INSERT ON parent BEGIN INSERT INTO log VALUES (new.a); END;"
      "CREATE TRIGGER d AFTER DELETE ON parent BEGIN INSERT INTO log VALUES ('gone'); END;";
  Database database("CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, a INT, b AS (a + 1));" + others);
  database.run("INSERT INTO parent (id, a) VALUES (3, 1), (9, 2); DELETE FROM parent WHERE id = 9; INSERT INTO child VALUES (3); DELETE FROM log");
  const auto steps = bring(database, "CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, a NUM NOT NULL, b AS (a || 1), CHECK (a <> ''));" + others);
  CHECK(database.ask("SELECT * FROM parent") == "3|1|'11'");
  CHECK(database.ask("SELECT * FROM log") == "");
  CHECK(database.ask("SELECT * FROM child") == "3");
  CHECK(database.ask("SELECT sql FROM sqlite_schema WHERE name = 'child'") == "'CREATE TABLE child (p INT REFERENCES parent ON DELETE CASCADE)'");
  CHECK(database.ask("SELECT * FROM sqlite_sequence") == "'parent'|9");
  database.run("INSERT INTO parent (a) VALUES ('z')");
  CHECK(database.ask("SELECT id FROM parent WHERE a = 'z'") == "10");
  CHECK(database.ask("SELECT * FROM log") == "'z'");
  CHECK((hazards(steps) & FLUX_HAZARD_DATA_LOSS) == 0);
}

TEST_CASE("a counter is kept where no row is left") {
  Database database("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a)");
  database.run("INSERT INTO t (id) VALUES (41); DELETE FROM t");
  bring(database, "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)");
  CHECK(database.ask("SELECT * FROM sqlite_sequence") == "'t'|41");
}

TEST_CASE("a conflict clause of the new table drops no row") {
  Database database("CREATE TABLE t (a)");
  database.run("INSERT INTO t VALUES (1), (1)");
  CHECK_THROWS(bring(database, "CREATE TABLE t (a UNIQUE ON CONFLICT REPLACE)"));
  CHECK(database.ask("SELECT count(*) FROM t") == "2");
}

TEST_CASE("each hazard is named with what it is about") {
  struct Case {
    std::string from, to;
    unsigned hazards;
    std::string remark;  // one of its lines
  };
  constexpr unsigned rebuild = FLUX_HAZARD_REWRITE | FLUX_HAZARD_LOCK;
  const std::string copied = "every row of t is copied, and nobody else writes meanwhile";
  const Case cases[] = {
      {"CREATE TABLE t (a)", "", FLUX_HAZARD_DATA_LOSS | FLUX_HAZARD_BREAKS_CLIENTS, "every row of t is lost"},
      {"CREATE TABLE t (a, b)", "CREATE TABLE t (a)", rebuild | FLUX_HAZARD_DATA_LOSS | FLUX_HAZARD_BREAKS_CLIENTS,
       "what is in t.b is lost; every row of t is written again, and nobody else writes meanwhile"},
      {"CREATE TABLE t (a, b UNIQUE)", "CREATE TABLE t (a)", rebuild | FLUX_HAZARD_DATA_LOSS | FLUX_HAZARD_BREAKS_CLIENTS, "what is in t.b is lost"},
      {"CREATE TABLE t (a, b AS (a))", "CREATE TABLE t (a)", FLUX_HAZARD_BREAKS_CLIENTS, "what still reads t.b fails from here on"},
      {"CREATE TABLE t (a INT) STRICT", "CREATE TABLE t (a TEXT) STRICT", rebuild | FLUX_HAZARD_MAY_FAIL, copied + "; fails if t.a holds what is no TEXT"},
      {"CREATE TABLE t (a INT, b INT)", "CREATE TABLE t (a INT, b AS (a + 1) STORED)", rebuild | FLUX_HAZARD_DATA_LOSS | FLUX_HAZARD_BREAKS_CLIENTS,
       "what is in t.b is lost"},
      {"CREATE TABLE t (a INT, b INT)", "CREATE TABLE t (a INT, b AS (a + 1))", rebuild | FLUX_HAZARD_DATA_LOSS | FLUX_HAZARD_BREAKS_CLIENTS,
       "what is in t.b is lost"},
      {"CREATE TABLE t (a TEXT)", "CREATE TABLE t (a INT)", rebuild | FLUX_HAZARD_DATA_LOSS,
       copied + "; text in t.a that looks like a number becomes one: '007' is 7"},
      {"CREATE TABLE t (a INT)", "CREATE TABLE t (a INT NOT NULL)", rebuild | FLUX_HAZARD_MAY_FAIL, copied + "; fails if t.a is NULL anywhere"},
      {"CREATE TABLE t (a INT)", "CREATE TABLE t (a INT) STRICT", rebuild | FLUX_HAZARD_MAY_FAIL, copied + "; fails if t.a holds what is no INT"},
      {"CREATE TABLE t (a INT)", "CREATE TABLE t (a INT CHECK (a > 1))", rebuild | FLUX_HAZARD_MAY_FAIL, copied + "; fails if a row breaks CHECK (a > 1)"},
      {"CREATE TABLE t (a INT)", "CREATE TABLE t (a INT, b NOT NULL)", FLUX_HAZARD_MAY_FAIL, "fails if t has rows: t.b is NOT NULL and has no default"},
      {"CREATE TABLE t (a INT)", "CREATE TABLE t (a INT, b DEFAULT 1)", 0, ""},
      {"CREATE TABLE t (a INT)", "CREATE TABLE t (a INT, b CHECK (b > 1))", FLUX_HAZARD_SCAN | FLUX_HAZARD_MAY_FAIL,
       "every row of t is read, and it fails if one of them breaks what is asked of t.b"},
      {"CREATE TABLE t (a)", "CREATE TABLE t (a); CREATE UNIQUE INDEX i ON t (a)", FLUX_HAZARD_SCAN | FLUX_HAZARD_LOCK | FLUX_HAZARD_MAY_FAIL,
       "every row of t is read, and nobody else writes meanwhile; fails if two rows of t are equal in it"},
      {"CREATE VIEW v AS SELECT 1", "", FLUX_HAZARD_BREAKS_CLIENTS, "what reads v fails from here on"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.from);
    CAPTURE(c.to);
    Database from(c.from), to(c.to);
    const auto steps = way(from.inspect(), to.inspect());
    CHECK(hazards(steps) == c.hazards);
    CHECK(remarks(steps) == (c.remark.empty() || remarks(steps).find(c.remark + "\n") == std::string::npos ? c.remark : remarks(steps)));
  }
}

TEST_CASE("a change of type that changes a value is said to lose data") {
  const std::string values = "INSERT INTO t VALUES ('007'), ('x'), (9007199254740993), (0.1 + 0.2), (1e300), (2.0), (x'00ff'), (NULL), (-7)";
  const char* types[] = {"", "BLOB", "TEXT", "VARCHAR(9)", "INTEGER", "BIGINT", "REAL", "DOUBLE", "NUMERIC", "ANY", "DATE"};
  for (const char* from : types) {
    for (const char* to : types) {
      CAPTURE(from);
      CAPTURE(to);
      Database database("CREATE TABLE t (a " + std::string(from) + ")");
      database.run(values);
      database.run("CREATE TEMP TABLE before (n INTEGER PRIMARY KEY, v)");
      database.run("INSERT INTO before SELECT rowid, a FROM t");
      const auto steps = bring(database, "CREATE TABLE t (a " + std::string(to) + ")");
      const std::string lost = database.ask(
          "SELECT count(*) FROM before JOIN t ON t.rowid = n WHERE CASE WHEN typeof(v) IN ('integer', 'real') AND typeof(a) = 'text'"
          " THEN v <> CAST(a AS NUMERIC) ELSE +v IS NOT +a END");
      CHECK(((hazards(steps) & FLUX_HAZARD_DATA_LOSS) != 0) == (lost != "0"));
    }
  }
}

TEST_CASE("what a STRICT table cannot hold is not said to be lost") {
  struct Case {
    const char *from, *to;
    bool loses;
  };
  for (const Case& c : {Case{"INT", "TEXT", false}, Case{"INT", "REAL", true}, Case{"REAL", "TEXT", true}, Case{"REAL", "INT", false},
                        Case{"TEXT", "INT", true}, Case{"ANY", "TEXT", true}, Case{"TEXT", "ANY", false}, Case{"BLOB", "TEXT", false}}) {
    CAPTURE(c.from);
    CAPTURE(c.to);
    Database from("CREATE TABLE t (a " + std::string(c.from) + ") STRICT"), to("CREATE TABLE t (a " + std::string(c.to) + ") STRICT");
    CHECK(((hazards(way(from.inspect(), to.inspect())) & FLUX_HAZARD_DATA_LOSS) != 0) == c.loses);
  }
}

TEST_CASE("an index for the full text of another table is filled again, and where it is new, that is said") {
  const std::string notes = "CREATE TABLE notes (id INTEGER PRIMARY KEY, body);";
  const std::string added = "CREATE TRIGGER added AFTER INSERT ON notes BEGIN INSERT INTO f (rowid, body) VALUES (new.id, new.body); END;";
  for (const std::string module : {"fts5", "fts4"}) {
    CAPTURE(module);
    const std::string id = module == "fts5" ? ", content_rowid=id" : "";
    const std::string index = "CREATE VIRTUAL TABLE f USING " + module + "(body, content='notes'" + id;
    Database database(notes);
    database.run("INSERT INTO notes VALUES (3, 'running dogs')");
    const auto made = bring(database, notes + index + ");" + added);
    CHECK(remarks(made).find("until: INSERT INTO f (f) VALUES ('rebuild')") != std::string::npos);
    database.run("INSERT INTO f (f) VALUES ('rebuild')");
    const auto changed = bring(database, notes + index + ", tokenize=porter);" + added);
    CHECK((hazards(changed) & FLUX_HAZARD_DATA_LOSS) == 0);
    CHECK(database.ask("SELECT rowid FROM f WHERE f MATCH 'run'") == "3");
    database.run("INSERT INTO notes VALUES (4, 'runs')");
    CHECK(database.ask("SELECT count(*) FROM f WHERE f MATCH 'run'") == "2");
    CHECK((hazards(bring(database, notes)) & FLUX_HAZARD_DATA_LOSS) == 0);
  }
}

TEST_CASE("a rebuild names what goes with the table and is no fact that it could make again") {
  const std::string unread = "CREATE TRIGGER t2 AFTER INSERT ON main.t BEGIN SELECT 1; END;";
  Database database("CREATE TABLE t (a INT);" + unread);
  const Schema there = database.inspect();
  const Fact* trigger = there.find({"trigger", "t2"});
  REQUIRE(trigger != nullptr);
  REQUIRE(trigger->unmodelled);
  REQUIRE(trigger->parent);
  CHECK(*trigger->parent == FactRef{"table", "t"});
  Database wanted("CREATE TABLE t (a INT CHECK (a > 0));" + unread);
  const auto steps = way(there, wanted.inspect());
  CHECK((hazards(steps) & FLUX_HAZARD_DATA_LOSS) != 0);
  CHECK(remarks(steps).find("the trigger t2 goes with t, and is not made again: flux cannot read it") != std::string::npos);
  database.migrate(script(steps));
  CHECK(database.ask("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'") == "0");
  Database empty("");
  CHECK(remarks(way(there, empty.inspect())).find("every row of t is lost") != std::string::npos);
  CHECK(way(there, there).empty());
}

TEST_CASE("a rename keeps what it is about") {
  Database unconnected;
  const auto rename = [&](Database& database, const std::string& after, const FactRef& from, const FactRef& to) {
    Database wanted(after);
    const Schema old_schema = database.inspect(), new_schema = wanted.inspect();
    SchemaChange change;
    change.from = old_schema.find(from);
    change.to = new_schema.find(to);
    change.rename = true;
    REQUIRE(change.from != nullptr);
    REQUIRE(change.to != nullptr);
    std::string text;
    const auto steps = unconnected.backend().change(change);
    for (const SchemaStep& step : steps.value()) text += step.sql + ";\n";
    database.migrate(text);
    CHECK(described(database.inspect()) == described(new_schema));
  };
  Database database("CREATE TABLE t (a, b); CREATE INDEX i ON t (a); CREATE VIEW v AS SELECT a FROM t; CREATE TABLE c (x REFERENCES t)");
  database.run("INSERT INTO t VALUES (1, 2)");
  rename(database, "CREATE TABLE \"new t\" (a, b); CREATE INDEX i ON \"new t\" (a); CREATE VIEW v AS SELECT a FROM \"new t\"; CREATE TABLE c (x REFERENCES \"new t\")",
         {"table", "t"}, {"table", "\"new t\""});
  rename(database, "CREATE TABLE \"new t\" (\"select\", b); CREATE INDEX i ON \"new t\" (\"select\"); CREATE VIEW v AS SELECT \"select\" FROM \"new t\"; CREATE TABLE c (x REFERENCES \"new t\")",
         {"column", "\"new t\".a"}, {"column", "\"new t\".\"select\""});
  rename(database, "CREATE TABLE \"new t\" (\"select\", b); CREATE INDEX j ON \"new t\" (\"select\"); CREATE VIEW v AS SELECT \"select\" FROM \"new t\"; CREATE TABLE c (x REFERENCES \"new t\")",
         {"index", "i"}, {"index", "j"});
  rename(database, "CREATE TABLE \"new t\" (\"select\", b); CREATE INDEX j ON \"new t\" (\"select\"); CREATE VIEW w AS SELECT \"select\" FROM \"new t\"; CREATE TABLE c (x REFERENCES \"new t\")",
         {"view", "v"}, {"view", "w"});
  CHECK(database.ask("SELECT * FROM w") == "1");
  Database cased("CREATE TABLE notes (a)");
  rename(cased, "CREATE TABLE Notes (a)", {"table", "notes"}, {"table", "Notes"});
}

}  // namespace flux::testing
