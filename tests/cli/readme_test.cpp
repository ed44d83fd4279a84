// Every command that README.md shows, run as it is written
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "project.hpp"
#include "terminal_run.hpp"
#ifdef FLUX_TEST_MARIADB
#include "mariadb_server.hpp"
#endif
#ifdef FLUX_TEST_POSTGRES
#include "postgres_server.hpp"
#endif

using namespace flux::cli::test;

namespace {

namespace fs = std::filesystem;

std::string readme() { return flux::testing::read_file(FLUX_SOURCE_DIR "/README.md"); }

// `line` without blanks before it and without a comment behind it.
std::string command_of(std::string line) {
  line.erase(0, line.find_first_not_of(' '));
  if (const std::size_t comment = line.find("  #"); comment != std::string::npos) line.erase(comment);
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

bool is_command(const std::string& line) {
  for (const std::string start :
       {"flux ", "tools/", "cmake ", "cpack ", "sudo ", "apt ", "export ", "mkdir ", "tar ", "~/"})
    if (line.compare(0, start.size(), start) == 0) return true;
  return false;
}

// The commands of README.md's indented code. (docs_test.cpp runs the fenced one.)
std::vector<std::string> commands() {
  std::vector<std::string> found;
  std::istringstream lines(readme());
  for (std::string line; std::getline(lines, line);)
    if (line.rfind("    ", 0) == 0 && is_command(command_of(line))) found.push_back(command_of(line));
  return found;
}

// A script that fails at its second statement, and is interrupted there.
constexpr const char* interrupt =
    "printf -- '-- flux: no-transaction\\ncreate table a (x);\\ncreate table a (y);\\n' > migrations/004_a.sql\n"
    "flux apply --yes || test $? -eq 7\n";

// A command as README.md writes it, what goes before it, and the lines that are run for it, with real names for ID and
// the like; empty: the command itself. A question is answered with yes. It ends with 0.
struct Shown {
  std::string text, before, run;
  bool asks = false;
  bool in_project = true;  // in a project with three migrations
};

const std::vector<Shown>& shown() {
  static const std::string interrupted = interrupt,
                           mended = interrupted + "sed -i 's/table a (y)/table b (y)/' migrations/004_a.sql\n";
  static const std::vector<Shown> list = {
      {"flux init sqlite", "", "", false, false},
      {"flux new \"create users\"", "", ""},
      {"flux plan", "", ""},
      {"flux apply", "", "", true},
      {"flux status", "", ""},
      {"flux rollback 1", "flux apply --yes", "", true},
      {"flux apply [URI] [N] [--to ID]", "", "flux apply sqlite:app.db 1 --yes; flux apply --to 002_books --yes"},
      {"flux rollback [URI] [N] [--to ID | --all]", "flux apply --yes",
       "flux rollback sqlite:app.db 1 --yes; flux rollback --to 002_books --yes; flux rollback --all --yes"},
      {"flux plan --out plan.json", "", ""},
      {"flux apply --plan plan.json", "flux plan --out plan.json", ""},
      {"flux resolve ID --resume", mended, "flux resolve 004_a --resume", true},
      {"flux resolve ID --applied", interrupted, "flux resolve 004_a --applied", true},
      {"flux resolve ID --not-applied", interrupted, "flux resolve 004_a --not-applied", true},
      {"flux accept ID…", "flux apply --yes; echo '-- changed' >> migrations/001_authors.sql",
       "flux accept 001_authors", true},
      {"flux baseline ID", "", "flux baseline 002_books", true},
      {"flux lock", "", ""},
      {"flux lock --release", "", ""},
  };
  return list;
}

// What another test runs, or a person: it installs into the system, builds all of flux or measures it.
const std::set<std::string> elsewhere = {
    "tools/quickstart",  // below, with the flux that is built
    "tools/test",
    "tools/packages build",               // both scripts begin with it
    "cmake --workflow --preset package",  // its package step: tests/packages
    "sudo apt install ./build/package/packages/flux_*.deb ./build/package/packages/flux-backend-sqlite_*.deb",
    "mkdir -p ~/flux",  // this and the next three: tests/packages
    "tar -xzf build/package/packages/flux-0*.tar.gz -C ~/flux",
    "tar -xzf build/package/packages/flux-backend-sqlite-*.tar.gz -C ~/flux",
    "~/flux/bin/flux backends",
    "cmake --preset release && cmake --build --preset release",
    "sudo cmake --install build/release",  // tests/install
    "flux init postgres",                  // this and the next three: below
    "export DATABASE_URL=postgresql://me@localhost/app",
    "flux init mariadb",
    "export DATABASE_URL=mariadb://me@localhost/app",
    "tools/bench --install-peers",  // tests/bench
    "tools/bench --json report.json",
    "tools/bench --help",
};

std::string path_with_flux() { return fs::path(FLUX_PROGRAM).parent_path().string() + ":/usr/local/bin:/usr/bin:/bin"; }

Environment environment() {
  Environment made = Project::environment();
  made["PATH"] = path_with_flux();
  made["NO_COLOR"] = "1";
  return made;
}

}  // namespace

TEST_SUITE_BEGIN("readme");

TEST_CASE("README.md shows no command that no test runs") {
  for (const std::string& command : commands()) {
    CAPTURE(command);
    const bool here = std::any_of(shown().begin(), shown().end(), [&](const Shown& s) { return s.text == command; });
    CHECK((here || elsewhere.count(command) != 0));
  }
}

TEST_CASE("the commands of README.md do what they are shown for") {
  const std::vector<std::string> all = commands();
  for (const Shown& command : shown()) {
    CAPTURE(command.text);
    CHECK(std::find(all.begin(), all.end(), command.text) != all.end());
    const Project project(command.in_project ? Project::Content::configured : Project::Content::nothing);
    if (command.in_project) project.write_library();
    flux::testing::ProcessOptions options;
    options.cwd = project.folder();
    options.env = environment();
    const ProcessResult prepared = flux::testing::run_process({"bash", "-eu", "-c", command.before}, options);
    CAPTURE(prepared.err);
    CHECK(prepared.exit_code == 0);
    const std::string& run = command.run.empty() ? command.text : command.run;
    const TerminalResult result = run_on_terminal({"/bin/bash", "-eu", "-c", run}, project.folder(), environment(), 100,
                                                  command.asks ? "[y/N] " : "", command.asks ? "y\n" : "");
    CAPTURE(result.screen);
    CHECK(result.exit_code == 0);
  }
}

TEST_CASE("tools/quickstart goes from nothing to a migrated database") {
  const Project project(Project::Content::nothing);
  flux::testing::ProcessOptions options;
  options.env = Project::environment();
  options.env["TMPDIR"] = project.folder().string();
  const ProcessResult result = flux::testing::run_process(
      {FLUX_SOURCE_DIR "/tools/quickstart", fs::path(FLUX_PROGRAM).parent_path().string()}, options);
  CAPTURE(result.err);
  CHECK(result.exit_code == 0);
  CHECK(result.out.find("holds the migrated database") != std::string::npos);
}

TEST_CASE("completions can be sourced as README.md says") {
  const std::string command = "source <(flux completions bash)";
  CHECK(readme().find(command) != std::string::npos);
  flux::testing::ProcessOptions options;
  options.env = environment();
  const ProcessResult result = flux::testing::run_process({"bash", "-euc", command + "; complete -p flux"}, options);
  CHECK(result.exit_code == 0);
}

// The steps begin with `first`; `database` is the URI that they show.
void follow(const std::string& first, const std::string& database, const std::string& uri) {
  const std::string text = readme();
  const std::size_t start = text.find("    " + first), end = text.find("\n\n", start);
  std::string steps = text.substr(start, end - start);
  REQUIRE(steps.find(database) != std::string::npos);
  steps.replace(steps.find(database), database.size(), uri);
  const Project project(Project::Content::nothing);
  flux::testing::ProcessOptions options;
  options.cwd = project.folder();
  options.env = environment();
  const std::string migrate =
      steps + " --yes\nflux new --no-undo first\necho 'create table t (i int);' > migrations/*\nflux apply --yes";
  const ProcessResult result = flux::testing::run_process({"bash", "-euc", migrate}, options);
  CAPTURE(result.err);
  CHECK(result.exit_code == 0);
  CHECK(result.out.find("applied 1 migration to") != std::string::npos);
}

#ifdef FLUX_TEST_POSTGRES
TEST_CASE("the steps of README.md for PostgreSQL lead to a migrated database") {
  flux::testing::PostgresServer server;
  follow("flux init postgres", "postgresql://me@localhost/app", server.uri(server.create_database()));
}
#endif

#ifdef FLUX_TEST_MARIADB
TEST_CASE("the steps of README.md for MariaDB lead to a migrated database") {
  flux::testing::MariadbServer server;
  follow("flux init mariadb", "mariadb://me@localhost/app", server.uri(server.create_database()));
}
#endif

TEST_SUITE_END();
