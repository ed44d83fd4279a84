// Schema as code on the command line, with SQLite.
#include <doctest/doctest.h>

#include "schema_project.hpp"

using namespace flux::cli::test;

TEST_SUITE_BEGIN("schema");

TEST_CASE("generate writes the migration and its undo, and then nothing") {
  const Project project;
  project.write("schema/books.sql", books);
  const ProcessResult result = project.flux({"generate", "first tables"});
  CHECK(result.err == "");
  CHECK(result.exit_code == 0);
  CHECK(project.normal(result.out) ==
        "migrations/<today>_001_first-tables.sql\nmigrations/<today>_001_first-tables.undo.sql\n");
  CHECK(project.read("migrations/" + id(1, "first-tables") + ".sql") ==
        "-- first tables\n\nCREATE TABLE books (\n  id INTEGER PRIMARY KEY,\n  title TEXT NOT NULL\n);\n");
  CHECK(project.read("migrations/" + id(1, "first-tables") + ".undo.sql") ==
        "-- undoes: first tables\n\n-- data loss, breaks clients: every row of books is lost\nDROP TABLE books;\n");
  const ProcessResult again = project.flux({"generate", "again"});
  CHECK(again.exit_code == 0);
  CHECK(again.out == "nothing to generate: the migrations lead to what the definitions say\n");
  CHECK(project.json({"generate", "--check"}).at("steps").empty());
}

TEST_CASE("generate --check writes nothing, and ends with 8 where a migration is missing") {
  const WithBooks project;
  project.write("schema/books.sql", books_with_pages);
  const ProcessResult result = project.flux({"generate", "--check"});
  CHECK(result.exit_code == 8);
  CHECK(result.out == "ALTER TABLE books ADD COLUMN pages INTEGER;\n");
  CHECK_FALSE(project.has("migrations/" + id(2, "") + ".sql"));
  const Json json = project.json({"generate", "--check"});
  CHECK(json.at("exit_code") == 8);
  CHECK(json.at("differences").at(0) ==
        Json{{"difference", "added"}, {"kind", "column"}, {"identity", "books.pages"}, {"details", Json::array()}});
  CHECK(json.at("steps").at(0).at("sql") == "ALTER TABLE books ADD COLUMN pages INTEGER");
}

TEST_CASE("what loses data is refused without --allow data-loss") {
  const WithBooks project;
  project.write("schema/books.sql", "create table books (id integer primary key);\n");
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"generate", "less"}, {"sync", "--yes"}}) {
    CAPTURE(command.front());
    const ProcessResult result = project.flux(command);
    CHECK(result.exit_code == 2);
    CHECK(result.err.find("what is in books.title is lost") != std::string::npos);
    CHECK(result.err.find("--allow data-loss") != std::string::npos);
  }
  CHECK_FALSE(project.has("migrations/" + id(2, "less") + ".sql"));
  CHECK(project.flux({"generate", "less", "--allow", "data-loss"}).exit_code == 0);
  CHECK(project.has("migrations/" + id(2, "less") + ".sql"));
}

TEST_CASE("--allow takes one value, wherever the name stands") {
  const WithBooks project;
  project.write("schema/books.sql", "create table books (id integer primary key);\n");
  CHECK(project.flux({"generate", "--allow", "data-loss", "big one"}).exit_code == 0);
  CHECK(project.has("migrations/" + id(2, "big-one") + ".sql"));
}

TEST_CASE("a database in place of definitions is told apart") {
  const WithBooks project;
  const ProcessResult result = project.flux({"diff", "app.db", "schema"});
  CHECK(result.exit_code == 3);
  CHECK(result.err.find("app.db is an SQLite database, and no file of definitions") != std::string::npos);
  CHECK(result.err.find("sqlite:app.db") != std::string::npos);
}

TEST_CASE("a likely rename is asked about, and an annotation makes it one that keeps the rows") {
  const WithBooks project;
  run_sql(project, "insert into books values (1, 'Emma');");
  project.write("schema/books.sql", "create table books (\n  id integer primary key,\n  name text not null\n);\n");
  const ProcessResult asked = project.flux({"generate", "name"});
  CHECK(asked.exit_code == 2);
  CHECK(asked.err.find("is this a rename? column books.title -> books.name") != std::string::npos);
  CHECK(asked.err.find("-- flux: renamed from=title") != std::string::npos);
  project.write("schema/books.sql",
                "create table books (\n  id integer primary key,\n  -- flux: renamed from=title\n  name text not null\n);\n");
  REQUIRE(project.flux({"generate", "name"}).exit_code == 0);
  CHECK(project.read("migrations/" + id(2, "name") + ".sql").find("RENAME COLUMN title TO name") != std::string::npos);
  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
  run_sql(project, "select case name when 'Emma' then 1 else abs('no such row') end from books;");
  CHECK(project.flux({"generate", "--check"}).exit_code == 0);  // the annotation is stale, and harmless
  CHECK(project.flux({"verify"}).exit_code == 0);
  append(project, "flux.toml", "\n[schema]\nrenames = \"annotate\"\n");
  project.write("schema/books.sql", "create table books (\n  id integer primary key,\n  label text not null\n);\n");
  CHECK(project.flux({"generate", "--check"}).exit_code == 8);
}

TEST_CASE("errors of definitions name file and line, all of them, and nothing is written") {
  struct Row {
    const char *text, *message, *place;
  };
  for (const Row& row :
       {Row{"create table a (x);\ncreate table a (y);\n", "table a is defined a second time", "bad.sql:2"},
        Row{"create table a (x);\n\n-- rows\ninsert into a values (1);\n", "INSERT", "bad.sql:4"},
        Row{"create index i on nothing (x);\n", "nothing", "bad.sql:1"},
        Row{"create table a (\n  x,\n  y integr check (\n);\n", "", "bad.sql"}}) {
    CAPTURE(row.text);
    const Project project;
    project.write("schema/good.sql", books);
    project.write("schema/bad.sql", row.text);
    const ProcessResult result = project.flux({"generate", "x"});
    CAPTURE(result.err);
    CHECK(result.exit_code != 0);
    CHECK(result.exit_code < 8);
    CHECK(result.err.find(row.message) != std::string::npos);
    CHECK(result.err.find(row.place) != std::string::npos);
    CHECK_FALSE(project.has("migrations/" + id(1, "x") + ".sql"));
  }
}

TEST_CASE("no definitions, or no folder of them, is an error and not an empty schema") {
  const Project project;
  CHECK(project.flux({"generate", "x"}).err.find("schema is not there") != std::string::npos);
  project.write("schema/README.md", "nothing yet");
  CHECK(project.flux({"generate", "x"}).err.find("holds no *.sql file") != std::string::npos);
}

TEST_CASE("inspect writes files that lead back to an equal schema, the same each time") {
  const WithBooks project;
  run_sql(project,
          "create view titles as select title from books; create index by_title on books (title) where title <> '';\n"
          "create trigger t after insert on books begin select 1; end; create table \"odd name\" (\"a b\" text);");
  const ProcessResult written = project.flux({"inspect", "--out", "all"});
  CHECK(written.exit_code == 0);
  CHECK(written.out == "wrote 3 files to all\n");
  CHECK(project.has("all/tables/books.sql"));
  CHECK(project.has("all/tables/odd%20name.sql"));
  CHECK(project.has("all/views/titles.sql"));
  CHECK(project.flux({"diff", "sqlite:app.db", "all", "--check"}).exit_code == 0);
  CHECK(project.flux({"inspect", "--out", "all"}).exit_code == 0);
  run_sql(project, "drop index by_title;");
  const ProcessResult refused = project.flux({"inspect", "--out", "all"});
  CHECK(refused.exit_code == 2);
  CHECK(refused.err.find("all/tables/books.sql is there already") != std::string::npos);
}

TEST_CASE("inspect --force replaces what has changed, removes what is gone, and touches nothing else") {
  const WithBooks project;
  run_sql(project, "create view titles as select title from books; create view ids as select id from books;");
  REQUIRE(project.flux({"inspect", "--out", "all"}).exit_code == 0);
  project.write("all/notes.txt", "mine");
  run_sql(project, "alter table books add column pages; drop view titles;");
  const ProcessResult refused = project.flux({"inspect", "--out", "all"});
  CHECK(refused.exit_code == 2);
  CHECK(refused.err.find("2 files are there already, and are not what would be written") != std::string::npos);
  CHECK(refused.err.find("all/views/titles.sql") != std::string::npos);
  CHECK(refused.err.find("--force") != std::string::npos);
  const ProcessResult forced = project.flux({"inspect", "--out", "all", "--force"});
  CHECK(forced.err == "");
  CHECK(forced.exit_code == 0);
  CHECK(forced.out == "removed all/views/titles.sql\nwrote 2 files to all\n");
  CHECK_FALSE(project.has("all/views/titles.sql"));
  CHECK(project.read("all/notes.txt") == "mine");
  CHECK(project.read("all/tables/books.sql").find("pages") != std::string::npos);
  CHECK(project.flux({"diff", "sqlite:app.db", "all", "--check"}).exit_code == 0);
  CHECK(project.flux({"inspect", "--force"}).exit_code == 2);
  project.write("all/mine.sql", "create table mine (x);");
  CHECK(project.flux({"inspect", "--out", "all", "--force"}).exit_code == 2);
  CHECK(project.has("all/mine.sql"));
}

TEST_CASE("inspect makes the folder of a schema that is empty") {
  const WithBooks project;
  run_sql(project, "drop table books;");
  CHECK(project.flux({"inspect", "--out", "none"}).out == "wrote 0 files to none\n");
  CHECK(std::filesystem::is_directory(project.folder() / "none"));
}

TEST_CASE("a snapshot is compared like a database") {
  const WithBooks project;
  const ProcessResult snapshot = project.flux({"--format", "json", "inspect"});
  project.write("before.json", snapshot.out);
  const ProcessResult equal = project.flux({"diff", "before.json", "sqlite:app.db", "--check"});
  CHECK(equal.exit_code == 0);
  CHECK(equal.out == "");
  CHECK(equal.err == "there is no difference\n");
  run_sql(project, "alter table books add column pages integer;");
  const ProcessResult result = project.flux({"diff", "before.json", "sqlite:app.db", "--check"});
  CHECK(result.exit_code == 8);
  CHECK(result.out == "ALTER TABLE books ADD COLUMN pages INTEGER;\n");
  CHECK(project.flux({"diff", "before.json", "sqlite:app.db"}).exit_code == 0);
  const ProcessResult nowhere = project.flux({"diff", "before.json", "nowhere"});
  CHECK(nowhere.exit_code == 2);
  CHECK(nowhere.err.find("\"nowhere\" is no schema, and there is no such file") != std::string::npos);
}

TEST_CASE("a snapshot whose facts are wrong is refused with their place") {
  const Project project;
  const std::string head = "{\"flux_schema\": 1, \"backend\": \"sqlite\", \"facts\": [\n";
  const auto fact = [](const std::string& name, const std::string& parent) {
    return "  {\"kind\": \"table\", \"identity\": \"" + name + "\", \"name\": \"" + name + "\", \"definition\": \"\"" +
           (parent.empty() ? "" : ", \"parent\": {\"kind\": \"table\", \"identity\": \"" + parent + "\"}") + "}";
  };
  struct Row {
    std::string facts, message, place;
  };
  for (const Row& row : {Row{fact("t", "") + ",\n" + fact("a", "b") + ",\n" + fact("b", "a"), "the table a belongs to itself", "bad.json:3"},
                         Row{fact("a", "a"), "the table a belongs to itself", "bad.json:2"},
                         Row{fact("a", "") + ",\n" + fact("a", ""), "the table a is there a second time", "bad.json:3"},
                         Row{fact("a", "") + ",\n  {\"kind\": 1}", "a fact of the snapshot lacks a member", "bad.json:3"}}) {
    CAPTURE(row.facts);
    project.write("bad.json", head + row.facts + "\n]}\n");
    const ProcessResult result = project.flux({"diff", "bad.json", "migrations"});
    CHECK(result.exit_code == 3);
    CHECK(result.err.find(row.message) != std::string::npos);
    CHECK(result.err.find(row.place) != std::string::npos);
  }
}

TEST_CASE("what is not UTF-8 is named where JSON cannot hold it") {
  const WithBooks project;
  run_sql(project, "create view odd as select '\xff\xfe' as x;");
  const ProcessResult result = project.flux({"--format", "json", "inspect"});
  CHECK(result.exit_code == 2);
  const Json json = Json::parse(result.out);
  CHECK(json.at("failures").at(0).at("message") == "the view odd holds bytes that are not UTF-8, and cannot be written as JSON");
}

TEST_CASE("a database that is not there is no empty one; an empty file is") {
  const WithBooks project;
  for (const std::vector<std::string>& command : {std::vector<std::string>{"inspect", "sqlite:none.db"}, {"drift", "sqlite:none.db"},
                                                  {"diff", "sqlite:app.db", "sqlite:none.db"}, {"diff", "sqlite:none.db", "sqlite:app.db"}}) {
    CAPTURE(command.front());
    const ProcessResult result = project.flux(command);
    CHECK(result.exit_code == 5);
    CHECK(result.out == "");
    CHECK(project.normal(result.err).starts_with("error: there is no database <dir>/none.db (3D000)\n"));
    CHECK_FALSE(project.has("none.db"));
  }
  CHECK(project.normal(project.flux({"status", "sqlite:none.db"}).out).starts_with("sqlite <dir>/none.db: there is no database yet\n"));
  CHECK(project.json({"status", "sqlite:none.db"}).at("database_missing") == true);
  project.write("none.db", "");
  CHECK(project.json({"status", "sqlite:none.db"}).at("database_missing") == false);
  CHECK(project.flux({"inspect", "sqlite:none.db"}).exit_code == 0);
  CHECK(project.flux({"diff", "sqlite:app.db", "sqlite:none.db", "--check"}).exit_code == 8);
}

TEST_CASE("drift says what the database has more, less and other, with the way in both directions") {
  const WithBooks project;
  CHECK(project.normal(project.flux({"drift"}).out) == "sqlite <dir>/app.db is what its history says\n");
  run_sql(project, "alter table books add column pages integer; create view v as select 1;");
  const ProcessResult result = project.flux({"drift"});
  CHECK(result.exit_code == 8);
  const Json json = project.json({"drift"});
  CHECK(json.at("differences").size() == 2);
  for (const Json& difference : json.at("differences")) CHECK(difference.at("difference") == "more");
  CHECK(json.at("to_expected").size() >= 2);
  CHECK(json.at("to_actual").size() == 2);
  append(project, "flux.toml", "\n[schema]\nignore = [\"view *\", \"books.pages\"]\n");
  CHECK(project.flux({"drift"}).exit_code == 0);
}

TEST_CASE("drift takes what was applied, not what lies in the folder now") {
  const WithBooks project;
  const std::string file = "migrations/" + id(1, "books") + ".sql";
  append(project, file, "create table later (x);\n");
  project.write("migrations/99999999_pending.sql", "create table pending (x);\n");
  CHECK(project.flux({"drift"}).exit_code == 0);
}

TEST_CASE("sync brings the database to the definitions, shows it before, and leaves no history") {
  const Project project;
  project.write("schema/books.sql", books);
  const ProcessResult plan = project.flux({"plan", "--sync"});
  CHECK(plan.exit_code == 0);
  CHECK(plan.out.find("CREATE TABLE books") != std::string::npos);
  CHECK(project.normal(plan.out).starts_with("would run 1 statement in sqlite <dir>/app.db, which is not there yet and is made\n"));
  CHECK_FALSE(project.has("app.db"));
  const ProcessResult unasked = project.flux({"sync"});
  CHECK(unasked.exit_code == 2);
  CHECK(unasked.err.find("--yes") != std::string::npos);
  CHECK(project.normal(project.flux({"sync", "--yes"}).out) == "ran 1 statement in sqlite <dir>/app.db, which was made, in <took>\n");
  CHECK(project.normal(project.flux({"sync", "--yes"}).out) == "nothing to do: sqlite <dir>/app.db is what the definitions say\n");
  CHECK(project.json({"history"}).at("rows").empty());
}

TEST_CASE("a statement of sync that fails takes all back") {
  const WithBooks project;
  run_sql(project, "insert into books values (1, ''), (2, '');");
  project.write("schema/books.sql", std::string(books) + "create unique index one_title on books (title);\ncreate table a_first (x);\n");
  const ProcessResult result = project.flux({"sync", "--yes"});
  CHECK(result.exit_code == 1);
  CHECK(result.err.find("UNIQUE") != std::string::npos);
  CHECK(result.err.find("create unique index") + result.err.find("CREATE UNIQUE INDEX") != 2 * std::string::npos);
  run_sql(project, "create table a_first (y);");  // there is none
}

TEST_CASE("verify names the undo scripts that do not restore, with what is missing") {
  const WithBooks project;
  project.write("migrations/90000001_left.sql", "create table t (x);\ncreate table u (x);\n");
  project.write("migrations/90000001_left.undo.sql", "drop table t;\n");
  project.write("migrations/90000002_fails.sql", "create table w (x);\n");
  project.write("migrations/90000002_fails.undo.sql", "drop table no_such;\n");
  project.write("migrations/90000003_none.sql", "create table z (x);\n");
  project.write("migrations/90000004_good.sql", "create view v as select 1;\n");
  project.write("migrations/90000004_good.undo.sql", "drop view v;\n");
  const ProcessResult result = project.flux({"verify", "--junit", "report.xml"});
  CHECK(result.exit_code == 1);
  CHECK(result.out.find("90000001_left: the undo script does not restore what was there") != std::string::npos);
  CHECK(result.out.find("left over  table u") != std::string::npos);
  CHECK(result.out.find("DROP TABLE u;") != std::string::npos);
  CHECK(result.out.find("90000002_fails: the undo script fails") != std::string::npos);
  CHECK(result.out.ends_with("proven 2 of 5 migrations, 1 without an undo script, 2 wrong\nwithout an undo script:\n  90000003_none\n"));
  const std::string report = project.read("report.xml");
  CHECK(report.find("tests=\"5\" failures=\"2\" skipped=\"1\"") != std::string::npos);
  CHECK(project.json({"verify"}).at("failed") == 2);
  CHECK(project.flux({"verify", "90000004_good"}).exit_code == 0);
  CHECK(project.flux({"verify", "nothing"}).exit_code == 2);
}

TEST_CASE("drift and verify say what is and what should be in the same words") {
  const Project project;
  project.write("migrations/1_a.sql", "create table t (a text);\ncreate view v as\nselect a\nfrom t;\n");
  project.write("migrations/2_b.sql", "drop view v;\ndrop table t;\ncreate table t (a integer);\n");
  project.write("migrations/2_b.undo.sql", "drop table t;\ncreate table t (a blob);\ncreate view v as\nselect a as b\nfrom t;\n");
  const ProcessResult proof = project.flux({"verify", "2_b"});
  CHECK(proof.out.find("other  column t.a: type is BLOB, should be TEXT\n") != std::string::npos);
  const std::string view =
      "other  view v\n             the body differs:\n                CREATE VIEW v AS\n               -SELECT a\n               +SELECT a AS b\n                FROM t\n";
  CHECK(proof.out.find(view) != std::string::npos);
  REQUIRE(project.flux({"apply", "1", "--yes"}).exit_code == 0);
  run_sql(project, "drop view v; drop table t; create table t (a blob); create view v as\nselect a as b\nfrom t;");
  const ProcessResult drift = project.flux({"drift"});
  CHECK(drift.out.find("other  column t.a: type is BLOB, should be TEXT\n") != std::string::npos);
  CHECK(drift.out.find("               -SELECT a\n") == std::string::npos);
  CHECK(drift.out.find("           -SELECT a\n           +SELECT a AS b\n") != std::string::npos);
  CHECK(project.json({"drift"}).at("differences").at(0).at("details").at(0) == "type is BLOB, should be TEXT");
}

TEST_CASE("verify counts what is irreversible apart from what has no undo script") {
  const Project project;
  project.write("migrations/1_a.sql", "-- flux: irreversible\ncreate table t (x);\n");
  project.write("migrations/2_b.sql", "create table u (x);\n");
  const ProcessResult result = project.flux({"verify", "--junit", "report.xml"});
  CHECK(result.exit_code == 0);
  CHECK(result.out == "proven 0 of 2 migrations, 1 without an undo script, 1 irreversible\nwithout an undo script:\n  2_b\n");
  CHECK(project.read("report.xml").find("skipped=\"2\"") != std::string::npos);
  CHECK(project.read("report.xml").find("<skipped message=\"it is marked as irreversible\"/>") != std::string::npos);
  CHECK(project.json({"verify"}).at("migrations").at(0).at("outcome") == "irreversible");
}

TEST_CASE("verify sees that a script cannot run again after its undo") {
  const Project project;
  project.write("migrations/1_a.sql", "create table if not exists t (x);\ncreate table u (x);\n");
  project.write("migrations/1_a.undo.sql", "drop table u;\n");
  const ProcessResult result = project.flux({"verify"});
  CHECK(result.exit_code == 1);
  CHECK(result.out.find("left over  table t") != std::string::npos);
}

TEST_CASE("undo writes the script that a migration needs, and replaces none") {
  const Project project;
  project.write("migrations/1_a.sql", "create table t (x);\ncreate index i on t (x);\n");
  CHECK(project.flux({"undo", "1_a"}).out == "migrations/1_a.undo.sql\n");
  CHECK(project.flux({"verify"}).exit_code == 0);
  CHECK(project.flux({"undo", "1_a"}).exit_code == 2);
  CHECK(project.flux({"undo", "2_b"}).exit_code == 2);
  project.write("migrations/2_b.sql", "insert into t values (1);\n");
  CHECK(project.flux({"undo", "2_b"}).out == "nothing to undo: 2_b changes no definition\n");
}

TEST_CASE("models of SQLAlchemy are definitions, as README.md shows") {
  const std::string readme = flux::testing::read_file(FLUX_SOURCE_DIR "/README.md");
  const std::size_t start = readme.find("```python\nfrom sqlalchemy") + 10;
  const Project project;
  project.write("models.py", readme.substr(start, readme.find("```\n", start) - start));
  project.write("app.py",
                "from sqlalchemy import Column, ForeignKey, Integer, String\n"
                "from sqlalchemy.orm import declarative_base\n"
                "Base = declarative_base()\n"
                "class Author(Base):\n"
                "    __tablename__ = 'authors'\n"
                "    id = Column(Integer, primary_key=True)\n"
                "    name = Column(String(100), nullable=False, index=True)\n"
                "class Book(Base):\n"
                "    __tablename__ = 'books'\n"
                "    id = Column(Integer, primary_key=True)\n"
                "    author_id = Column(ForeignKey('authors.id'), nullable=False)\n");
  append(project, "flux.toml", "\n[schema]\ncommand = [\"/usr/bin/python3\", \"models.py\"]\n");  // Debian's, which has SQLAlchemy
  const ProcessResult result = project.flux({"generate", "models"});
  CAPTURE(result.err);
  CHECK(result.exit_code == 0);
  CHECK(project.read("migrations/" + id(1, "models") + ".sql").find("CREATE INDEX ix_authors_name") != std::string::npos);
  CHECK(project.flux({"apply", "--yes"}).exit_code == 0);
  CHECK(project.flux({"generate", "--check"}).exit_code == 0);
}

TEST_CASE("a shell script writes definitions; what goes wrong with it is said") {
  const Project project;
  append(project, "flux.toml", "\n[schema]\ncommand = [\"sh\", \"models.sh\"]\n");
  project.write("models.sh", "echo 'create table t (x integer);'\n");
  CHECK(project.flux({"generate", "t"}).exit_code == 0);
  project.write("models.sh", "echo broken >&2\nexit 3\n");
  const ProcessResult failed = project.flux({"generate", "u"});
  CHECK(failed.exit_code == 2);
  CHECK(failed.err.find("ended with exit code 3") != std::string::npos);
  CHECK(failed.err.find("broken") != std::string::npos);
  project.write("models.sh", "true\n");
  CHECK(project.flux({"generate", "u"}).err.find("wrote no definition") != std::string::npos);
  project.write("models.sh", "echo 'create tabel t (x integer);'\n");
  CHECK(project.flux({"generate", "u"}).err.find("sh (what it wrote):1") != std::string::npos);
}

TEST_CASE("wrong keys of [schema] are refused with their place") {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"resorces = \"x\"", "did you mean \"resources\"?"},
           {"renames = \"ask\"", "annotate or propose"},
           {"ignore = \"x\"", "a list of strings"},
           {"resources = \"a\"\ncommand = [\"b\"]", "exclude each other"}}) {
    CAPTURE(text);
    const Project project;
    append(project, "flux.toml", "\n[schema]\n" + text + "\n");
    const ProcessResult result = project.flux({"status"});
    CHECK(result.exit_code == 2);
    CHECK(result.err.find("flux.toml:") != std::string::npos);
    CHECK(result.err.find(message) != std::string::npos);
  }
}

TEST_SUITE_END();
