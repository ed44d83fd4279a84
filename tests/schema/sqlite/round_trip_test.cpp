// Facts, written as definitions and loaded again, are the same facts.
#include <doctest/doctest.h>

#include "database.hpp"

namespace flux::testing {
namespace {

// Each an example of several kinds.
const std::string schemas[] = {
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL DEFAULT 'it''s', body);",
    "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, n INT UNIQUE, m INT CHECK (m > 0), CHECK (n < m));",
    "CREATE TABLE a (x, y, PRIMARY KEY (x, y DESC)) WITHOUT ROWID; CREATE TABLE b (x INTEGER PRIMARY KEY DESC) STRICT;",
    "CREATE TABLE a (x TEXT COLLATE nocase PRIMARY KEY ON CONFLICT REPLACE, y BLOB) WITHOUT ROWID, STRICT;",
    "CREATE TABLE p (id INTEGER PRIMARY KEY, k TEXT UNIQUE);"
    "CREATE TABLE c (p INT REFERENCES p ON DELETE CASCADE, k TEXT, up INT REFERENCES c, id INTEGER PRIMARY KEY,"
    "  CONSTRAINT named FOREIGN KEY (k) REFERENCES p (k) ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED);",
    "CREATE TABLE g (a INT, b INT AS (a * 2), c INT GENERATED ALWAYS AS (a - -1) STORED NOT NULL, d TEXT AS (upper(a) || 'x'));",
    "CREATE TABLE d (a DEFAULT (1 + 2), b DEFAULT CURRENT_TIMESTAMP, c DEFAULT -5, d DEFAULT (-5), e DEFAULT x'00ff',"
    "  f DEFAULT 1.5e-3, g DEFAULT NULL, h DEFAULT true, i DEFAULT word, j DEFAULT \"quoted\", k DEFAULT (datetime('now')));",
    "CREATE TABLE i (a, b TEXT, c); CREATE UNIQUE INDEX i1 ON i (a DESC, b COLLATE NOCASE); CREATE INDEX i2 ON i (lower(b), a + c)"
    "  WHERE c IS NOT NULL AND b LIKE '%x%'; CREATE INDEX i3 ON i ('a', \"b\", [c]);",
    "CREATE TABLE t (a, b); CREATE VIEW v AS SELECT a, b AS other, a+b FROM t WHERE a > 1; CREATE VIEW w (x, y) AS"
    "  WITH q AS (SELECT * FROM v) SELECT u.a, count(*) FROM q, t AS u GROUP BY u.a HAVING count(*) > 1 UNION ALL SELECT 1, 2;",
    "CREATE TABLE t (a, b); CREATE TABLE log (what);"
    "CREATE TRIGGER ai AFTER INSERT ON t FOR EACH ROW WHEN new.a > 1 BEGIN INSERT INTO log VALUES ('a;b'); UPDATE t SET b = CASE"
    "  WHEN a THEN 1 ELSE 2 END WHERE a = new.a; END;"
    "CREATE TRIGGER bu UPDATE OF a, b ON t BEGIN SELECT RAISE(ABORT, 'no'); END;"
    "CREATE VIEW v AS SELECT * FROM t; CREATE TRIGGER iv INSTEAD OF DELETE ON v BEGIN DELETE FROM t WHERE a = old.a; END;",
    "CREATE VIRTUAL TABLE f USING fts5(title, body UNINDEXED, tokenize = 'porter unicode61');"
    "CREATE VIRTUAL TABLE g USING FTS4 (content=\"f\", title); CREATE VIRTUAL TABLE r USING rtree(id, x0, x1);",
    "CREATE TABLE \"my table\" (\"a b\" INT, \"select\" TEXT, \"x\"\"y\" INT, \"it's\", größe REAL, Upper TEXT, key INT, \"1st\");"
    "CREATE INDEX \"my index\" ON \"my table\" (\"a b\", größe, key); CREATE VIEW \"order\" AS SELECT \"a b\", key FROM \"my table\";"
    "CREATE TABLE Album (AlbumId INTEGER NOT NULL, CONSTRAINT PK_Album PRIMARY KEY (AlbumId));"
    "CREATE TRIGGER \"group\" AFTER UPDATE OF \"a b\" ON \"my table\" BEGIN DELETE FROM Album WHERE AlbumId = new.\"a b\"; END;",
};

}  // namespace

TEST_CASE("facts that are made and inspected again are the same") {
  for (const std::string& definitions : schemas) {
    CAPTURE(definitions);
    Database original(definitions);
    const Schema schema = original.inspect();
    for (const Fact& fact : schema.facts()) CHECK_MESSAGE(!fact.unmodelled, fact.definition);
    Database copy(script(way(Schema(), schema)));
    CHECK(described(copy.inspect()) == described(schema));
    CHECK(copy.problems() == "");
    CHECK(original.problems() == "");
    // As written the second time, it stays.
    CHECK(script(way(Schema(), copy.inspect())) == script(way(Schema(), schema)));
  }
}

TEST_CASE("what is dropped is gone") {
  for (const std::string& definitions : schemas) {
    CAPTURE(definitions);
    Database database(definitions);
    const auto steps = way(database.inspect(), Schema());
    CAPTURE(script(steps));
    database.migrate(script(steps));
    CHECK(described(database.inspect()) == "");
    CHECK(database.ask("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite%'") == "");
  }
}

}  // namespace flux::testing
