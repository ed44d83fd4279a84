// flux status, history, validate, plan and backends
#include <doctest/doctest.h>

#include "project.hpp"

using namespace flux::cli::test;

TEST_SUITE_BEGIN("look");

TEST_CASE("status shows what is pending and creates nothing") {
  const Project project;
  project.write_library();
  const ProcessResult result = project.flux({"status"});
  CHECK(result.err == "");
  CHECK(project.normal(result.out) ==
        "sqlite <dir>/app.db: there is no database yet\n"
        "\n"
        "  ID           STATE    APPLIED  BY  TOOK  UNDO\n"
        "  001_authors  pending                     yes\n"
        "  002_books    pending                     yes\n"
        "  003_loans    pending                     yes\n"
        "\n"
        "0 applied · 3 pending\n");
  CHECK(result.exit_code == 0);
  CHECK_FALSE(project.has("app.db"));
}

TEST_CASE("status --check tells pending and at odds apart by exit code") {
  const Project project;
  project.write_library();
  CHECK(project.flux({"status", "--check"}).exit_code == 8);
  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
  CHECK(project.flux({"status", "--check"}).exit_code == 0);
  project.write("migrations/001_authors.sql", "select 1;\n");
  CHECK(project.flux({"status", "--check"}).exit_code == 3);
  CHECK(project.flux({"status"}).exit_code == 0);
}

TEST_CASE("status and validate list everything that is at odds") {
  const Project project;
  project.write_library();
  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
  project.write("migrations/001_authors.sql", "select 1;\n");
  std::filesystem::remove(project.folder() / "migrations/002_books.sql");
  std::filesystem::remove(project.folder() / "migrations/002_books.undo.sql");
  project.write("migrations/000_late.sql", "select 1;\n");

  const ProcessResult status = project.flux({"status"});
  CHECK(project.normal_table(status.out) ==
        "sqlite <dir>/app.db\n"
        "\n"
        "  ID  STATE  APPLIED  BY  TOOK  UNDO\n"
        "  000_late  pending, out of order  no\n"
        "  001_authors  changed  <time>  <who>  <took>  yes\n"
        "  002_books  missing  <time>  <who>  <took>  yes\n"
        "  003_loans  applied  <time>  <who>  <took>  yes\n"
        "\n"
        "3 applied · 1 pending\n");

  const ProcessResult validate = project.flux({"validate"});
  CHECK(validate.exit_code == 3);
  CHECK(validate.out == "");
  CHECK(validate.err == status.err);
  for (const char* text : {"000_late", "001_authors", "002_books"}) {
    CAPTURE(text);
    CHECK(validate.err.find(std::string("error: ") + text) != std::string::npos);
  }
}

TEST_CASE("validate says what it found good") {
  const Project project;
  project.write_library();
  REQUIRE(project.flux({"apply", "2", "--yes"}).exit_code == 0);
  const ProcessResult result = project.flux({"validate"});
  CHECK(result.out == "valid: 3 migrations, 2 applied, 1 pending\n");
  CHECK(result.exit_code == 0);
}

TEST_CASE("history shows what was applied, the newest last") {
  const Project project;
  project.write_library();
  CHECK(project.normal(project.flux({"history"}).out) == "sqlite <dir>/app.db\n\n  nothing was applied\n");
  REQUIRE(project.flux({"apply", "2", "--yes"}).exit_code == 0);
  const ProcessResult result = project.flux({"history"});
  CHECK(project.normal_table(result.out) ==
        "sqlite <dir>/app.db\n"
        "\n"
        "  APPLIED  ID  STATE  BY  TOOK  FLUX  HASH\n"
        "  <time>  001_authors  applied  <who>  <took>  0.1.0  sha256:776b567f8dee…\n"
        "  <time>  002_books  applied  <who>  <took>  0.1.0  sha256:f40387fab699…\n");
  CHECK(result.exit_code == 0);
}

TEST_CASE("plan shows the steps and their scripts, and touches nothing") {
  const Project project;
  project.write_library();
  project.write("migrations/post-apply/views.sql", "drop view if exists v;\n\ncreate view v as select 1;\n");
  const ProcessResult result = project.flux({"plan", "1"});
  CHECK(result.err == "");
  CHECK(project.normal(result.out) ==
        "would apply 1 of 3 pending migrations to sqlite <dir>/app.db\n"
        "\n"
        "  #  STEP        ID                FILE\n"
        "  1  apply       001_authors       migrations/001_authors.sql\n"
        "  2  post-apply  post-apply/views  migrations/post-apply/views.sql\n"
        "\n"
        "  1 apply 001_authors\n"
        "\n"
        "    create table authors (id integer primary key, name text not null);\n"
        "\n"
        "  2 post-apply post-apply/views\n"
        "\n"
        "    drop view if exists v;\n"
        "\n"
        "    create view v as select 1;\n");
  CHECK_FALSE(project.has("app.db"));
}

TEST_CASE("plan --rollback shows the newest first and the undo kept in the history") {
  const Project project;
  project.write_library();
  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
  std::filesystem::remove(project.folder() / "migrations/003_loans.undo.sql");
  const ProcessResult result = project.flux({"plan", "--rollback", "--to", "002_books", "--no-sql"});
  CHECK(project.normal(result.out) ==
        "would roll back 2 of 3 applied migrations in sqlite <dir>/app.db\n"
        "\n"
        "  #  STEP  ID         FILE\n"
        "  1  undo  003_loans  (kept in the history)\n"
        "  2  undo  002_books  migrations/002_books.undo.sql\n");
}

TEST_CASE("plan says so where there is nothing to do") {
  const Project project;
  project.write_library();
  CHECK(project.normal(project.flux({"plan", "--rollback", "--all"}).out) ==
        "nothing to roll back: no migration is applied in sqlite <dir>/app.db\n");
  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
  CHECK(project.normal(project.flux({"plan"}).out) == "nothing to apply: sqlite <dir>/app.db has all 3 migrations\n");
}

TEST_CASE("a URI on the command line comes before the configured one") {
  const Project project;
  project.write_library();
  const ProcessResult result = project.flux({"plan", "sqlite:other.db", "2", "--no-sql"});
  CHECK(project.normal(result.out).starts_with("would apply 2 of 3 pending migrations to sqlite <dir>/other.db\n"));
}

TEST_CASE("backends lists the installed ones and where they were looked for") {
  const Project project(Project::Content::nothing);
  const ProcessResult result = project.flux({"backends"});
  CHECK(result.exit_code == 0);
  CHECK(result.out.find("  sqlite ") != std::string::npos);
  CHECK(result.out.find("libflux_backend_sqlite.so") != std::string::npos);
  CHECK(result.out.find("LOOKED IN") != std::string::npos);
}

TEST_CASE("validate finds what is wrong inside scripts that the next apply would run, and warns of others") {
  const Project project;
  project.write_library();
  project.flux({"apply", "--yes"});
  project.write("migrations/001_authors.undo.sql", "commit;\n");
  CHECK(project.flux({"validate"}).exit_code == 0);
  CHECK(project.flux({"validate"}).err.find("001_authors.undo.sql:1: COMMIT") != std::string::npos);
  project.write("migrations/004_draft.sql", "-- flux: draft\n");
  project.write("migrations/005_commit.sql", "select 1;\ncommit;\n");
  const ProcessResult result = project.flux({"validate"});
  CHECK(result.exit_code == 3);
  CHECK(result.err.find("004_draft.sql:1:1") != std::string::npos);
  CHECK(result.err.find("005_commit.sql:2:1") != std::string::npos);
}

TEST_CASE("backends NAME shows its keys and abilities") {
  const Project project(Project::Content::nothing);
  const ProcessResult result = project.flux({"backends", "sqlite"});
  CHECK(result.exit_code == 0);
  for (const char* text : {"sqlite 0.1.0", "backend ABI   1.0", "URI schemes   sqlite", "scripts       *.sql",
                           "transactional_ddl", "busy_timeout  integer, default 5000"}) {
    CAPTURE(text);
    CHECK(result.out.find(text) != std::string::npos);
  }
  CHECK(project.flux({"backends", "oracle"}).exit_code == 2);
}

TEST_SUITE_END();
