// What is found in a database, and what is left out.
#include <doctest/doctest.h>

#include "database.hpp"

namespace flux::testing {

TEST_CASE("each kind of thing is a fact of its own") {
  Database database(
      "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE NOT NULL DEFAULT '' CHECK (name <> 'x'));"
      "CREATE TABLE notes (id INT, author INT REFERENCES users ON DELETE CASCADE, n INT AS (id + 1) STORED, PRIMARY KEY (id)) WITHOUT ROWID, STRICT;"
      "CREATE UNIQUE INDEX by_author ON notes (author DESC, lower(n)) WHERE author > 0;"
      "CREATE VIEW both AS SELECT name, n FROM users JOIN notes ON author = users.id;"
      "CREATE TRIGGER gone AFTER DELETE ON users BEGIN DELETE FROM notes WHERE author = old.id; END;"
      "CREATE VIRTUAL TABLE words USING fts5(text);");
  CHECK(described(database.inspect()) ==
        "check users (name <> 'x'): CHECK (name <> 'x') part\n"
        "column notes.author: author INT {type: INT} part\n"
        "column notes.id: id INT {type: INT} part\n"
        "column notes.n: n INT GENERATED ALWAYS AS (id + 1) STORED {expression: id + 1} {generated: stored} {type: INT} part\n"
        "column users.id: id INTEGER {type: INTEGER} part\n"
        "column users.name: name TEXT NOT NULL DEFAULT '' COLLATE NOCASE {collation: NOCASE} {default: ''} {not null: yes} {type: TEXT} part\n"
        "foreign key notes (author) -> users: FOREIGN KEY (author) REFERENCES users ON DELETE CASCADE part\n"
        "index by_author: CREATE UNIQUE INDEX by_author ON notes (author DESC, lower(n)) WHERE author > 0\n"
        "primary key notes: PRIMARY KEY (id) part\n"
        "primary key users: PRIMARY KEY (id AUTOINCREMENT) part\n"
        "table notes: CREATE TABLE notes\n"
        "table option notes STRICT: STRICT part\n"
        "table option notes WITHOUT ROWID: WITHOUT ROWID part\n"
        "table users: CREATE TABLE users\n"
        "trigger gone: CREATE TRIGGER gone AFTER DELETE ON users BEGIN\n  DELETE FROM notes WHERE author = old.id;\nEND\n"
        "view both: CREATE VIEW both AS\nSELECT name, n\nFROM users JOIN notes ON author = users.id\n"
        "virtual table words: CREATE VIRTUAL TABLE words USING fts5 (text)\n");
}

TEST_CASE("a fact depends on the tables and columns that it uses") {
  Database database(
      "CREATE TABLE a (x, y); CREATE TABLE b (z); CREATE VIEW v AS SELECT x FROM a; CREATE INDEX i ON a (y);"
      "CREATE VIEW w AS SELECT (SELECT max(z) FROM b) FROM v; CREATE TRIGGER t AFTER UPDATE OF y ON a BEGIN INSERT INTO b (z) VALUES (new.y); END;");
  const Schema schema = database.inspect();
  const auto needs = [&](const FactRef& name) {
    std::string out;
    for (const Dependency& d : schema.find(name)->dependencies) out += words(d.on) + "\n";
    return out;
  };
  CHECK(needs({"view", "v"}) == "column a.x\ntable a\n");
  CHECK(needs({"view", "w"}) == "column b.z\ntable b\nview v\n");
  CHECK(needs({"index", "i"}) == "column a.y\ntable a\n");
  CHECK(needs({"trigger", "t"}) == "column a.y\ncolumn b.z\ntable a\ntable b\n");
}

TEST_CASE("what SQLite, virtual tables and the history keep is left out") {
  Database database("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, u UNIQUE); CREATE VIRTUAL TABLE f USING fts5(a); CREATE VIRTUAL TABLE r USING rtree(i, a, b);");
  database.backend().initialize();
  database.run("ANALYZE; CREATE INDEX on_history ON _flux_migrations (hash)");
  CHECK(described(database.inspect()) ==
        "column t.id: id INTEGER {type: INTEGER} part\ncolumn t.u: u part\nprimary key t: PRIMARY KEY (id AUTOINCREMENT) part\ntable t: CREATE TABLE t\n"
        "unique constraint t (u): UNIQUE (u) part\nvirtual table f: CREATE VIRTUAL TABLE f USING fts5 (a)\n"
        "virtual table r: CREATE VIRTUAL TABLE r USING rtree (i, a, b)\n");
}

TEST_CASE("tables come before those that refer to them") {
  Database database("CREATE TABLE a (b REFERENCES b (id)); CREATE TABLE b (id PRIMARY KEY, c REFERENCES c (id)); CREATE TABLE c (id PRIMARY KEY, b REFERENCES b (id));");
  std::string order;
  const Schema schema = database.inspect();
  for (const Fact& fact : schema.facts())
    if (fact.name.kind == "table") order += fact.object;
  CHECK(order == "cba");
}

TEST_CASE("what cannot be found out when it is loaded is found out behind") {
  struct Case {
    std::string definitions, problems;
  };
  const Case cases[] = {
      {"CREATE VIEW v AS SELECT * FROM nowhere", "view v: no such table: main.nowhere"},
      {"CREATE TABLE t (a); CREATE VIEW v AS SELECT b FROM t", "view v: no such column: b"},
      {"CREATE TABLE t (a); CREATE TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO nowhere VALUES (1); END; CREATE TRIGGER y AFTER INSERT ON t BEGIN SELECT 1; END",
       "trigger x: no such table: main.nowhere"},
      {"CREATE TABLE t (a); CREATE TRIGGER x AFTER UPDATE OF a ON t BEGIN SELECT new.b; END", "trigger x: no such column: new.b"},
      {"CREATE TABLE t (a REFERENCES nowhere)", "table t: FOREIGN KEY (a) REFERENCES nowhere: no such table: nowhere"},
      {"CREATE TABLE p (x); CREATE TABLE t (a REFERENCES p (x))",
       "table t: foreign key mismatch - \"t\" referencing \"p\""},
      {"CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t; CREATE TRIGGER x INSTEAD OF UPDATE ON v BEGIN SELECT 1; END", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.definitions);
    Database database(c.definitions);
    const std::string before = described(database.inspect());
    CHECK(database.problems() == c.problems);
    CHECK(described(database.inspect()) == before);
  }
}

TEST_CASE("a definition that fails leaves nothing and says where") {
  Database database("CREATE TABLE t (a)");
  const std::string sql = "-- a comment\nCREATE INDEX i ON t (nowhere)";
  try {
    database.load(sql);
    FAIL("it was loaded");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::script);
    CHECK(error.failures().front().message == "no such column: nowhere");
    REQUIRE(error.failures().front().where);
    CHECK(error.failures().front().where->line == 2);
  }
  CHECK(database.ask("SELECT count(*) FROM sqlite_schema") == "1");
}

}  // namespace flux::testing
