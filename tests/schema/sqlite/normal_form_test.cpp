// What means the same is the same, however it is written and however it came to be.
#include <doctest/doctest.h>

#include "database.hpp"

namespace flux::testing {

TEST_CASE("definitions that mean the same give the same facts") {
  struct Case {
    std::string a, b;
  };
  const Case cases[] = {
      {"create table if not exists [notes] (`id` integer primary key, \"title\" text not null default ('x') )",
       "CREATE TABLE notes (\n  id INTEGER PRIMARY KEY, -- the key\n  title TEXT /* short */ DEFAULT 'x' NOT NULL\n)"},
      {"CREATE TABLE t (a INT PRIMARY KEY, b INT UNIQUE, c INT CHECK (c > 0), d INT REFERENCES t (a))",
       "CREATE TABLE t (a INT, b INT, c INT, d INT, PRIMARY KEY (a), UNIQUE (b), CHECK (c>0), FOREIGN KEY (d) REFERENCES t(a))"},
      {"CREATE TABLE t (a INT, CHECK (t.a > 0 and \"A\" <> 'A' ))", "CREATE TABLE t (a INT CHECK ([a]>0 AND a<>'A'))"},
      {"CREATE TABLE t (a INT REFERENCES p ON DELETE NO ACTION ON UPDATE CASCADE NOT DEFERRABLE INITIALLY DEFERRED); CREATE TABLE p (x)",
       "CREATE TABLE t (a INT REFERENCES p ON UPDATE CASCADE); CREATE TABLE p (x)"},
      {"CREATE TABLE t (a, b AS (a+1)) ", "CREATE TABLE t (a, b GENERATED ALWAYS AS ( a + 1 ) VIRTUAL)"},
      {"CREATE TABLE t (a int NULL primary key, b text constraint c unique on conflict abort) without rowid, strict",
       "CREATE TABLE t (a INT, b TEXT, PRIMARY KEY (a), CONSTRAINT c UNIQUE (b)) STRICT, WITHOUT ROWID"},
      {"CREATE TABLE t (a, b); CREATE INDEX i ON t (a ASC, b collate nocase) where a is not null",
       "CREATE TABLE t (a, b); CREATE INDEX IF NOT EXISTS \"i\" ON [t] ('a', \"b\" COLLATE NOCASE ASC) WHERE a IS NOT NULL"},
      {"CREATE TABLE t (a, b); CREATE VIEW v AS select a, b as \"c\" from \"t\" where \"t\".a>1",
       "CREATE TABLE t (a, b); CREATE VIEW v AS SELECT a , b AS c FROM t\n  WHERE t.a>1 -- only these\n"},
      {"CREATE TABLE t (a); CREATE TRIGGER x UPDATE ON t BEGIN delete from [t] where a=old.a; END",
       "CREATE TABLE t (a); CREATE TRIGGER x BEFORE UPDATE ON t FOR EACH ROW BEGIN\n DELETE FROM t WHERE a = old.a;\nEND"},
      {"CREATE VIRTUAL TABLE f USING FTS5(a,b, tokenize = 'porter')", "CREATE VIRTUAL TABLE f USING fts5 (a, b, tokenize='porter')"},
      {"CREATE TABLE t (Aa, B, UNIQUE (aa, b), FOREIGN KEY (b) REFERENCES t (aa))", "CREATE TABLE t (Aa, B, UNIQUE (Aa, B), FOREIGN KEY (B) REFERENCES t (aa))"},
      {"CREATE TABLE t (a varchar ( 20 ), b Decimal(10,2))", "CREATE TABLE t (a VARCHAR(20), b DECIMAL (10, 2))"},
      {"CREATE TABLE t (a DEFAULT -1, b DEFAULT +1, c DEFAULT current_timestamp)", "CREATE TABLE t (a DEFAULT (-1), b DEFAULT 1, c DEFAULT (CURRENT_TIMESTAMP))"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.a);
    Database a(c.a), b(c.b);
    CHECK(described(a.inspect()) == described(b.inspect()));
  }
}

TEST_CASE("definitions that mean something else give other facts") {
  struct Case {
    std::string a, b;
  };
  const Case cases[] = {
      {"CREATE TABLE t (a INTEGER PRIMARY KEY DESC)", "CREATE TABLE t (a INTEGER PRIMARY KEY)"},
      {"CREATE TABLE t (a DEFAULT 'a')", "CREATE TABLE t (a DEFAULT 'A')"},
      {"CREATE TABLE t (a CHECK (a IN ('x')))", "CREATE TABLE t (a CHECK (a IN ('X')))"},
      {"CREATE TABLE t (a CHECK (a - -1))", "CREATE TABLE t (a CHECK (a -1))"},
      {"CREATE TABLE t (a); CREATE INDEX i ON t (a)", "CREATE TABLE t (a); CREATE INDEX i ON t (a DESC)"},
      {"CREATE TABLE t (a); CREATE VIEW v AS SELECT a+1 FROM t", "CREATE TABLE t (a); CREATE VIEW v AS SELECT a + 1 FROM t"},
      {"CREATE TABLE t (a, b UNIQUE)", "CREATE TABLE t (a, b UNIQUE ON CONFLICT REPLACE)"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.a);
    Database a(c.a), b(c.b);
    CHECK(described(a.inspect()) != described(b.inspect()));
  }
}

TEST_CASE("a schema that ALTER TABLE has led to is the same as one that was written") {
  Database altered(
      "CREATE TABLE old (a INT, b TEXT, CHECK (old.b <> '')); CREATE TABLE c (x REFERENCES old(a), y);"
      "CREATE INDEX i ON old (a) WHERE b > ''; CREATE VIEW v AS SELECT old.a, b FROM old, c WHERE c.x = old.a;"
      "CREATE TRIGGER t AFTER INSERT ON old BEGIN UPDATE old SET b = 'x' WHERE old.a = new.a; END;");
  altered.run("ALTER TABLE old RENAME TO \"new\"; ALTER TABLE \"new\" RENAME COLUMN a TO id; ALTER TABLE \"new\" ADD COLUMN d DEFAULT 3;"
              "ALTER TABLE c DROP COLUMN y");
  Database written(
      "CREATE TABLE new (id INT, b TEXT, d DEFAULT 3, CHECK (b <> '')); CREATE TABLE c (x REFERENCES new (id));"
      "CREATE INDEX i ON new (id) WHERE b > ''; CREATE VIEW v AS SELECT new.id, b FROM new, c WHERE c.x = new.id;"
      "CREATE TRIGGER t AFTER INSERT ON new BEGIN UPDATE new SET b = 'x' WHERE new.id = new.id; END;");
  CHECK(described(altered.inspect(), {"view", "v"}) == described(written.inspect(), {"view", "v"}));
  CHECK(described(altered.inspect()) == described(written.inspect()));
}

TEST_CASE("the order of columns and of what was made does not count") {
  Database a("CREATE TABLE t (a INT, b INT, CHECK (a > 0), CHECK (b > 0)); CREATE TABLE u (x); CREATE INDEX i ON t (a); CREATE INDEX j ON u (x)");
  Database b("CREATE TABLE u (x); CREATE INDEX j ON u (x); CREATE TABLE t (b INT, a INT, CHECK (b > 0), CHECK (a > 0)); CREATE INDEX i ON t (a)");
  CHECK(described(a.inspect()) == described(b.inspect()));
  CHECK(way(a.inspect(), b.inspect()).empty());
}

TEST_CASE("words that are keywords elsewhere are told from columns of that name") {
  Database database(
      "CREATE TABLE t (\"is\" INT CHECK (\"is\" IS NOT 1 AND \"is\" IS NULL), key TEXT CHECK (key LIKE 'KEY%'), \"like\" TEXT,"
      " \"end\" INT, CHECK (CASE WHEN \"end\" THEN 1 ELSE 0 END), CHECK (\"like\" LIKE key))");
  const Schema schema = database.inspect();
  Database copy(script(way(Schema(), schema)));
  CHECK(described(copy.inspect()) == described(schema));
  CHECK(script(way(Schema(), schema)) ==
        "CREATE TABLE t (\n"
        "  \"is\" INT CHECK (\"is\" IS NOT 1 AND \"is\" IS NULL),\n"
        "  key TEXT CHECK (key LIKE 'KEY%'),\n"
        "  \"like\" TEXT,\n"
        "  \"end\" INT,\n"
        "  CHECK (CASE WHEN \"end\" THEN 1 ELSE 0 END),\n"
        "  CHECK (\"like\" LIKE key)\n"
        ");\n");
}

}  // namespace flux::testing
