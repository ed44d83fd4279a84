// Each alteration on a table with rows, there and back.
#include <doctest/doctest.h>

#include "database.hpp"

namespace flux::testing {
namespace {

struct Alteration {
  const char* what;
  std::string before, after;  // definitions
  std::string rows;           // put into `before`
  std::string question;       // answered the same before, between and after
  bool rebuilds = false;      // on the way there
};

const std::string one = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT);";
const std::string rows = "INSERT INTO t (id, a, b) VALUES (1, 'x', 10), (7, 'y', 20), (3, NULL, 30)";
const std::string ids = "SELECT id, b FROM t ORDER BY id";

const Alteration alterations[] = {
    {"a column", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT, c TEXT NOT NULL DEFAULT 'n' CHECK (c <> ''));", rows, ids},
    {"a column with a foreign key", one,
     "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT, p INT REFERENCES p);", rows, ids},
    {"a column in the middle", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, c, a TEXT, b INT);", rows, ids},
    {"a virtual column", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT, c AS (b * 2));", rows, ids},
    {"a stored column", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT, c AS (b * 2) STORED);", rows, ids, true},
    {"a column with the time", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT, c DEFAULT CURRENT_TIMESTAMP);", rows, ids, true},
    {"a unique column", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT, c UNIQUE);", rows, ids, true},
    {"a type", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(20), b BIGINT);", rows, ids, true},
    {"a default", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT DEFAULT 'x', b INT);", rows, ids, true},
    {"NOT NULL", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT NOT NULL);", rows, ids, true},
    {"a check", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT CHECK (b > 0));", rows, ids, true},
    {"a check of the table", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT, CHECK (t.b > id));", rows, ids, true},
    {"a unique constraint", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT, UNIQUE (b, a));", rows, ids, true},
    {"a foreign key to itself", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT, FOREIGN KEY (a) REFERENCES t);",
     "INSERT INTO t VALUES (1, 1, 5), (7, 1, 6)", ids, true},
    {"STRICT", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT) STRICT;", rows, ids, true},
    {"WITHOUT ROWID", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT) WITHOUT ROWID;", rows, ids, true},
    {"AUTOINCREMENT", one, "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INT);", rows, ids, true},
    {"another key", one, "CREATE TABLE t (id INTEGER NOT NULL, a TEXT, b INT PRIMARY KEY);", rows, ids, true},
    {"no key", one, "CREATE TABLE t (id INTEGER, a TEXT, b INT);", rows, ids, true},
    {"COLLATE", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE, b INT);", rows, ids, true},
    {"a column less", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, b INT);", rows, ids},
    {"a column with a constraint less", "CREATE TABLE t (id INTEGER PRIMARY KEY, b INT, a TEXT CHECK (a > '') REFERENCES t);",
     "CREATE TABLE t (id INTEGER PRIMARY KEY, b INT);", "INSERT INTO t (id, b) VALUES (4, 5)", ids},
    {"a column with a check behind the columns less", "CREATE TABLE t (id INTEGER PRIMARY KEY, b INT, a TEXT, CHECK (a > ''));",
     "CREATE TABLE t (id INTEGER PRIMARY KEY, b INT);", "INSERT INTO t (id, b) VALUES (4, 5)", ids, true},
    {"several at once", one + "CREATE INDEX i ON t (b) WHERE a IS NULL; CREATE VIEW v AS SELECT id, b FROM t; CREATE VIEW w AS SELECT * FROM v;",
     "CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER NOT NULL, c INT DEFAULT 3, UNIQUE (b)) STRICT;"
     "CREATE INDEX i ON t (b DESC); CREATE VIEW v AS SELECT id, b FROM t; CREATE VIEW w AS SELECT * FROM v;",
     rows, "SELECT * FROM w ORDER BY id", true},
    {"rowids", "CREATE TABLE t (a, b);", "CREATE TABLE t (a TEXT, b CHECK (b > 0));",
     "INSERT INTO t (rowid, a, b) VALUES (5, 'x', 1), (9, 'y', 2)", "SELECT rowid, a, b FROM t ORDER BY 1", true},
    {"rowids of a table with a column rowid", "CREATE TABLE t (rowid, b);", "CREATE TABLE t (rowid TEXT, b);",
     "INSERT INTO t (_rowid_, rowid, b) VALUES (5, 'x', 1), (9, 'y', 2)", "SELECT _rowid_, rowid, b FROM t ORDER BY 1", true},
    {"names that need quotes", "CREATE TABLE \"my \"\"t\"\"\" (\"a b\" INT, \"select\" TEXT); CREATE VIEW \"v v\" AS SELECT * FROM \"my \"\"t\"\"\";",
     "CREATE TABLE \"my \"\"t\"\"\" (\"a b\" INT NOT NULL, \"select\" TEXT, \"größer als\" AS (\"a b\" > 1)); CREATE VIEW \"v v\" AS SELECT * FROM \"my \"\"t\"\"\";",
     "INSERT INTO \"my \"\"t\"\"\" VALUES (1, 'a'), (2, 'b')", "SELECT rowid, \"a b\", \"select\" FROM \"my \"\"t\"\"\" ORDER BY 1", true},
    {"what a trigger elsewhere writes to", one + "CREATE TABLE u (x); CREATE TRIGGER tr AFTER INSERT ON u BEGIN INSERT INTO t (b) SELECT x FROM u; END;",
     "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b REAL NOT NULL); CREATE TABLE u (x); CREATE TRIGGER tr AFTER INSERT ON u BEGIN INSERT INTO t (b) SELECT x FROM u; END;",
     rows, "SELECT count(*) FROM t", true},
    {"full text", "CREATE VIRTUAL TABLE f USING fts5(title, body);", "CREATE VIRTUAL TABLE f USING fts5(title, body, tokenize = 'porter');",
     "INSERT INTO f (rowid, title, body) VALUES (3, 'running', 'dogs'), (8, 'b', 'c')", "SELECT rowid, title, body FROM f ORDER BY 1", true},
};

bool rebuilds(const std::vector<PlannedStep>& steps) {
  for (const PlannedStep& step : steps)
    if (step.step.sql.find("_flux_new_") != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("an alteration keeps the rows, there and back") {
  for (const Alteration& alteration : alterations) {
    INFO(std::string(alteration.what));
    Database database(alteration.before);
    database.run(alteration.rows);
    const std::string before = database.ask(alteration.question);
    REQUIRE(!before.empty());
    CHECK(rebuilds(bring(database, alteration.after)) == alteration.rebuilds);
    CHECK(database.ask(alteration.question) == before);
    bring(database, alteration.before);
    CHECK(database.ask(alteration.question) == before);
  }
}

}  // namespace flux::testing
