// What schema as code must never lose or pass over in silence.
#include <doctest/doctest.h>

#include "schema_project.hpp"

using namespace flux::cli::test;

TEST_SUITE_BEGIN("schema");

TEST_CASE("the undo of a rename renames back, with the rows") {
  const WithBooks project;
  run_sql(project, "insert into books values (1, 'Emma');");
  project.write("schema/books.sql",
                "-- flux: renamed from=books\ncreate table works (\n  id integer primary key,\n"
                "  -- flux: renamed from=title\n  name text not null\n);\n");
  const ProcessResult generated = project.flux({"generate", "names"});
  CAPTURE(generated.err);
  REQUIRE(generated.exit_code == 0);
  const std::string undo = project.read("migrations/" + id(2, "names") + ".undo.sql");
  CHECK(undo.find("RENAME TO books") != std::string::npos);
  CHECK(undo.find("RENAME COLUMN name TO title") != std::string::npos);
  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
  CHECK(run_sql(project, "select name from works;") == "Emma\n");
  CHECK(project.flux({"verify"}).exit_code == 0);
  REQUIRE(project.flux({"rollback", "1", "--yes"}).exit_code == 0);
  CHECK(run_sql(project, "select title from books;") == "Emma\n");
}

TEST_CASE("the undo that is derived for a rename by hand keeps the rows") {
  const WithBooks project;
  project.write("migrations/" + id(2, "name") + ".sql", "alter table books rename column title to name;\n");
  REQUIRE(project.flux({"undo", id(2, "name")}).exit_code == 0);
  CHECK(project.read("migrations/" + id(2, "name") + ".undo.sql").find("RENAME COLUMN name TO title") != std::string::npos);
  project.write("migrations/" + id(3, "end") + ".sql", "-- flux: irreversible\ndelete from books;\n");
  const ProcessResult refused = project.flux({"undo", id(3, "end")});
  CHECK(refused.exit_code == 2);
  CHECK(refused.err.find("is marked as irreversible") != std::string::npos);
}

TEST_CASE("diff and generate show the same for an annotated rename") {
  const WithBooks project;
  project.write("schema/books.sql",
                "create table books (\n  id integer primary key,\n  -- flux: renamed from=title\n  name text not null\n);\n");
  const ProcessResult diff = project.flux({"diff", "migrations", "schema"});
  CHECK(diff.out.find("RENAME COLUMN title TO name") != std::string::npos);
  CHECK(diff.out == project.flux({"generate", "--check"}).out);
}

TEST_CASE("an undo script says what it does not bring back") {
  const WithBooks project;
  project.write("schema/books.sql", "create table other (id integer primary key);\n");
  REQUIRE(project.flux({"generate", "other", "--allow", "data-loss"}).exit_code == 0);
  const std::string undo = project.read("migrations/" + id(2, "other") + ".undo.sql");
  CHECK(undo.find("-- undoes: other\n-- not brought back: every row of books is lost\n\n") == 0);
}

TEST_CASE("an annotation that would not be understood is an error at its place") {
  for (const auto& [line, message] : std::vector<std::pair<std::string, std::string>>{
           {"-- flux: rename from=title", "unknown annotation \"rename from=title\": did you mean \"renamed\"?"},
           {"-- flux: not-renamed", "unknown annotation"},
           {"-- flux: no-transaction", "unknown annotation"},
           {"/* flux: renamed from=title */", "in a block comment"},
           {"--FLUX: renamd from=title", "unknown annotation"},
           {"extra text, -- flux: renamed from=title", "behind something else"}}) {
    CAPTURE(line);
    const WithBooks project;
    project.write("schema/books.sql", "create table books (\n  id integer primary key,\n  " + line + "\n  name text not null\n);\n");
    const ProcessResult result = project.flux({"generate", "--check"});
    CHECK(result.exit_code == 3);
    CHECK(result.err.find("schema/books.sql:3") != std::string::npos);
    CHECK(result.err.find(message) != std::string::npos);
  }
  const WithBooks project;
  project.write("schema/books.sql", "create table books (\n  id integer primary key,\n  title text not null default '-- flux: x'\n);\n");
  CHECK(project.flux({"generate", "--check"}).exit_code == 8);
}

TEST_CASE("an annotation that names nothing is told, and one that says `new` ends the question") {
  const WithBooks project;
  const auto with = [&](const std::string& annotation) {
    project.write("schema/books.sql", "create table books (\n  id integer primary key,\n  -- flux: " + annotation + "\n  name text\n);\n");
    return project.flux({"generate", "--check", "--allow", "data-loss"});
  };
  const ProcessResult idle = with("renamed from=titel");
  CHECK(idle.err.find("the column books.name is made anew: there is no titel to be renamed") != std::string::npos);
  project.write("schema/books.sql", "create table books (\n  id integer primary key,\n  name text not null\n);\n");
  const ProcessResult asked = project.flux({"generate", "--check"});
  CHECK(asked.exit_code == 2);
  CHECK(asked.err.find("if not, write `-- flux: new` there") != std::string::npos);
  project.write("schema/books.sql", "create table books (\n  id integer primary key,\n  -- flux: new\n  name text not null\n);\n");
  const ProcessResult taken = project.flux({"generate", "--check"});
  CHECK(taken.exit_code == 8);
  CHECK(taken.out.find("DROP COLUMN title") != std::string::npos);
}

TEST_CASE("what is ignored stays, with its values, where what it belongs to is rebuilt") {
  const WithBooks project;
  run_sql(project,
          "alter table books add column secret text; insert into books values (1, 'Emma', 'x');\n"
          "create index x_i on books (title); create view seen as select secret from books;\n"
          "create trigger x_t after delete on books begin select 1; end;\n");
  append(project, "flux.toml", "\n[schema]\nignore = [\"books.secret\", \"index x_*\", \"x_t*\", \"view seen\"]\n");
  project.write("schema/books.sql", "create table books (\n  id integer primary key,\n  title text not null check (title <> '')\n);\n");
  const ProcessResult result = project.flux({"sync", "--yes", "--allow", "data-loss"});
  CAPTURE(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK(run_sql(project, "select title, secret from books; select name from sqlite_schema where name in ('x_i', 'x_t', 'seen') order by 1;") ==
        "Emma|x\nseen\nx_i\nx_t\n");
  CHECK(project.flux({"sync", "--yes"}).out.find("nothing to do") == 0);
}

TEST_CASE("what an ignored thing needs is not dropped") {
  const WithBooks project;
  run_sql(project, "create table pens (id integer primary key, color text); create view seen as select color from pens;\n");
  append(project, "flux.toml", "\n[schema]\nignore = [\"seen\"]\n");
  CHECK(project.flux({"sync", "--yes"}).out.find("nothing to do") == 0);
}

TEST_CASE("what repeatables make is theirs: verify and generate leave it out") {
  const WithBooks project;
  project.write("migrations/post-apply/titles.sql", "drop view if exists titles; create view titles as select title from books;\n");
  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
  const ProcessResult verified = project.flux({"verify"});
  CAPTURE(verified.out);
  CHECK(verified.exit_code == 0);
  CHECK(project.flux({"generate", "--check"}).exit_code == 0);
}

TEST_CASE("migrations that need what repeatables make are replayed with them") {
  const Project project;
  project.write("migrations/pre-apply/base.sql", "create table if not exists base (id integer primary key);\n");
  project.write("migrations/" + id(1, "a") + ".sql", "insert into base values (1);\n");
  project.write("schema/base.sql", "create table base (id integer primary key);\n");
  const ProcessResult checked = project.flux({"generate", "--check"});
  CAPTURE(checked.err);
  CHECK(checked.exit_code == 0);
}

TEST_CASE("an id of the history that would be a file elsewhere is refused") {
  const WithBooks project;
  for (const std::string& bad : {project.folder().string() + "/pwned", std::string("../../pwned"), std::string("a/../../../pwned")}) {
    CAPTURE(bad);
    run_sql(project, "insert into _flux_migrations (id, hash, applied_at, script) values ('" + bad +
                         "', 'sha256:00', '2026-01-01T00:00:00Z', 'create table p (a);');");
    const ProcessResult result = project.flux({"drift"});
    CHECK(result.exit_code == 3);
    CHECK(result.err.find("would be a file elsewhere") != std::string::npos);
    CHECK_FALSE(project.has("pwned.sql"));
    run_sql(project, "delete from _flux_migrations where hash = 'sha256:00';");
  }
}

TEST_SUITE_END();
