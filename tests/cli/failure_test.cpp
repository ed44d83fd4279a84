// Commands that fail: what a person reads, and the exit code
#include <doctest/doctest.h>

#include "failure_text.hpp"
#include "project.hpp"

using namespace flux::cli::test;

TEST_SUITE_BEGIN("failure");

TEST_CASE("an error in an up script shows the place, what was done and what to do") {
  const Project project;
  project.write_library();
  project.write("migrations/002_books.sql", "create table books (id integer);\n\n\tinsert into boks values (1);\n");
  const ProcessResult result = project.flux({"apply", "--yes"});
  CHECK(result.exit_code == 1);
  CHECK(project.normal(result.out) ==
        "  applied   001_authors  <took>\n"
        "  failed    002_books\n");
  CHECK(project.normal(result.err) ==
        "error: 002_books failed and was rolled back\n"
        "  migrations/002_books.sql:3:14\n"
        "    3 |     insert into boks values (1);\n"
        "      |                 ^ no such table: boks (SQLITE_ERROR)\n"
        "  applied before it: 1 · not run: 1\n"
        "  next: correct the file, then run `flux apply` again\n");
}

TEST_CASE("an error in an undo script names the undo") {
  const Project project;
  project.write_library();
  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
  project.write("migrations/002_books.undo.sql", "drop table boks;\n");
  const ProcessResult result = project.flux({"rollback", "--all", "--yes"});
  CHECK(result.exit_code == 1);
  CHECK(project.normal(result.err) ==
        "error: the undo of 002_books failed and was rolled back\n"
        "  migrations/002_books.undo.sql:1:12\n"
        "    1 | drop table boks;\n"
        "      |            ^ no such table: boks (SQLITE_ERROR)\n"
        "  rolled back before it: 1 · not run: 1\n"
        "  next: correct the undo script, then run `flux rollback` again\n");
}

TEST_CASE("an error in a repeatable names it, and what ran before stays") {
  const Project project;
  project.write_library();
  project.write("migrations/post-apply/views.sql", "create view v as select 1;\nnonsense;\n");
  const ProcessResult result = project.flux({"apply", "--yes"});
  CHECK(result.exit_code == 1);
  CHECK(project.normal(result.err) ==
        "error: post-apply/views failed and was rolled back\n"
        "  migrations/post-apply/views.sql:2:1\n"
        "    2 | nonsense;\n"
        "      | ^ near \"nonsense\": syntax error (SQLITE_ERROR)\n"
        "  applied before it: 3 · not run: 0\n"
        "  next: correct the file, then run `flux apply` again\n");
}

TEST_CASE("a failed migration and a failed post-apply script are both told") {
  const Project project;
  project.write("migrations/001_a.sql", "nonsense;\n");
  project.write("migrations/post-apply/views.sql", "rubbish;\n");
  const ProcessResult result = project.flux({"apply", "--yes"});
  CHECK(result.exit_code == 1);
  CHECK(result.err.find("error: 001_a failed") != std::string::npos);
  CHECK(result.err.find("error: post-apply/views failed") != std::string::npos);
}

TEST_CASE("--single-transaction leaves nothing of a failed batch") {
  const Project project;
  project.write_library();
  project.write("migrations/003_loans.sql", "nonsense;\n");
  const ProcessResult result = project.flux({"apply", "--yes", "--single-transaction"});
  CHECK(result.exit_code == 1);
  CHECK(result.out.find("applied") == std::string::npos);
  CHECK(result.err.find("rolled back with it: 2 · not run: 0 · the database is as it was") != std::string::npos);
  CHECK(project.json({"status"}).at("applied") == 0);
}

TEST_CASE("a position counts characters, and wide ones take two columns") {
  const Project project;
  project.write("migrations/001_a.sql", "select '用户', é;\n");
  const ProcessResult result = project.flux({"apply", "--yes"});
  CHECK(result.err.find(":1:14\n    1 | select '用户', é;\n      |                ^ no such column: é") !=
        std::string::npos);
}

TEST_CASE("a line that is far too long is cut around the place") {
  const Project project;
  project.write("migrations/001_a.sql",
                "select '" + std::string(5000, 'x') + "', nope, '" + std::string(5000, 'y') + "';\n");
  const ProcessResult result = project.flux({"apply", "--yes"});
  CHECK(result.err.size() < 1000);
  CHECK(result.err.find("xxx', nope, 'yyy") != std::string::npos);
}

TEST_CASE("control characters do not reach the terminal") {
  const Project project;
  project.write("migrations/001_\x1b[31mred.sql", "select '\x1b[2J' from nowhere;\n");
  for (const char* command : {"status", "plan", "validate"}) {
    CAPTURE(command);
    const ProcessResult result = project.flux({command});
    CHECK((result.out + result.err).find('\x1b') == std::string::npos);
  }
  const ProcessResult result = project.flux({"apply", "--yes"});
  CHECK((result.out + result.err).find('\x1b') == std::string::npos);
  CHECK(result.err.find("\\x1b") != std::string::npos);
}

TEST_CASE("everything that is wrong with the directory is told at once") {
  const Project project;
  project.write("migrations/001_a.undo.sql", "select 1;\n");
  project.write("migrations/002_b.sql", "select '\xff';\n");
  project.write("migrations/pre-apply/x.undo.sql", "select 1;\n");
  const ProcessResult result = project.flux({"apply", "--yes"});
  CHECK(result.exit_code == 3);
  for (const char* file : {"001_a.undo.sql", "002_b.sql:1", "x.undo.sql"}) {
    CAPTURE(file);
    CHECK(result.err.find(file) != std::string::npos);
  }
}

TEST_CASE("lines of a long message are indented below the first") {
  flux::Failure failure{flux::ErrorCode::script, "refused\n\tis it running?"};
  failure.detail = "one\ntwo\n";
  CHECK(flux::cli::failure_text(failure, {}, {}) == "error: refused\n  \tis it running?\n  detail: one\n    two\n");
  failure.migration_id = "001_a";
  failure.where = flux::SourcePosition{"a.sql", 1, 1, "x"};
  CHECK(flux::cli::failure_text(failure, flux::StepKind::apply, {}) ==
        "error: 001_a failed and was rolled back\n  a.sql:1:1\n    1 | x\n      | ^\n  refused\n    \tis it running?\n "
        " detail: one\n    two\n");
}

TEST_CASE("a project without configuration says where it was looked for") {
  const Project project(Project::Content::nothing);
  const ProcessResult result = project.flux({"status"});
  CHECK(result.exit_code == 2);
  CHECK(result.err.starts_with("error: "));
  CHECK(result.err.find("flux.toml") != std::string::npos);
  CHECK(result.err.find("flux init") != std::string::npos);
}

TEST_CASE("an unknown key of the configuration is shown where it stands") {
  const Project project;
  project.write("flux.toml",
                "[flux]\nbackend = \"sqlite\"\nmigration_directory = \"migrations\"\nlock_timout = \"1s\"\n");
  const ProcessResult result = project.flux({"status"});
  CHECK(result.exit_code == 2);
  CHECK(result.err.find("flux.toml:4:1") != std::string::npos);
  CHECK(result.err.find("lock_timeout") != std::string::npos);
}

TEST_CASE("a password is shown nowhere") {
  const Project project;
  for (const char* uri :
       {"sqlite://me:geheim@host/x.db", "nonsense://me:geheim@host/x", "sqlite:no/such/x.db?password=geheim"})
    for (const char* command : {"status", "plan", "history"}) {
      CAPTURE(uri);
      CAPTURE(command);
      const ProcessResult result = project.flux({command, uri, "--log-level", "trace"});
      CHECK(result.exit_code != 0);
      CHECK((result.out + result.err).find("geheim") == std::string::npos);
    }
}

TEST_CASE("a full disk behind stdout is an error") {
  const Project project;
  project.write_library();
  const ProcessResult result =
      flux::testing::run_process({"sh", "-c", "exec \"$0\" status > /dev/full", FLUX_PROGRAM}, [&] {
        flux::testing::ProcessOptions options;
        options.cwd = project.folder();
        options.env = Project::environment();
        return options;
      }());
  CHECK(result.exit_code == 2);
  CHECK(result.err == "error: cannot write to stdout: No space left on device\n");
}

TEST_CASE("a closed stdout does not stop a batch in its middle") {
  const Project project;
  project.write_library();
  const ProcessResult result = flux::testing::run_process({"sh", "-c", "\"$0\" apply --yes | true", FLUX_PROGRAM}, [&] {
    flux::testing::ProcessOptions options;
    options.cwd = project.folder();
    options.env = Project::environment();
    return options;
  }());
  CHECK(project.json({"status"}).at("applied") == 3);
  CHECK(result.out == "");
}

TEST_SUITE_END();
