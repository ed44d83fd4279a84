// What differs on a terminal: questions, colour, the progress line, tables that fit
#include <doctest/doctest.h>

#include <iterator>
#include <regex>
#include <sstream>

#include "project.hpp"
#include "terminal_run.hpp"
#include "text.hpp"

using namespace flux::cli::test;

namespace {

constexpr const char* question = "[y/N] ";

TerminalResult on_terminal(const Project& project, std::vector<std::string> arguments, const std::string& typed = "",
                           const Environment& more = {}, unsigned short columns = 100,
                           const std::string& prompt = question) {
  arguments.insert(arguments.begin(), FLUX_PROGRAM);
  Environment environment = Project::environment();
  for (const auto& [name, value] : more) environment[name] = value;
  return run_on_terminal(arguments, project.folder(), environment, columns, prompt, typed);
}

}  // namespace

TEST_SUITE_BEGIN("terminal");

TEST_CASE("apply shows the plan, asks and runs it on a yes") {
  const Project project;
  project.write_library();
  const TerminalResult result = on_terminal(project, {"apply", "2", "--no-color"}, "y\n");
  CHECK(result.exit_code == 0);
  CHECK(project.normal(result.screen)
            .starts_with("  #  STEP   ID           FILE\n"
                         "  1  apply  001_authors  migrations/001_authors.sql\n"));
  CHECK(project.normal(result.screen).find("Apply 2 migrations to sqlite <dir>/app.db? [y/N] y\n") !=
        std::string::npos);
  CHECK(project.json({"status"}).at("applied") == 2);
}

TEST_CASE("warnings are shown before the question, once") {
  const Project project;
  project.write("migrations/001_blank.sql", "");
  const TerminalResult result = on_terminal(project, {"apply", "--no-color"}, "y\n");
  CHECK(result.exit_code == 0);
  CHECK(result.screen.starts_with("warning: "));
  CHECK(result.screen.find("warning: ") == result.screen.rfind("warning: "));
}

TEST_CASE("any other answer does nothing") {
  for (const char* typed : {"n\n", "\n", "yess\n", "\x04"}) {
    CAPTURE(typed);
    const Project project;
    project.write_library();
    const TerminalResult result = on_terminal(project, {"apply"}, typed);
    CHECK(result.exit_code == 130);
    CHECK(result.screen.find("nothing was done") != std::string::npos);
    CHECK_FALSE(project.has("app.db"));
  }
}

TEST_CASE("rollback asks, too") {
  const Project project;
  project.write_library();
  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
  const TerminalResult result = on_terminal(project, {"rollback", "1", "--no-color"}, "yes\n");
  CHECK(result.exit_code == 0);
  CHECK(project.normal(result.screen).find("Roll back 1 migration of sqlite <dir>/app.db? [y/N] yes\n") !=
        std::string::npos);
  CHECK(project.json({"status"}).at("applied") == 2);
}

TEST_CASE("Ctrl-C at the question ends with 130 and nothing done") {
  const Project project;
  project.write_library();
  const TerminalResult result = on_terminal(project, {"apply", "--no-color"}, "\x03");
  CHECK(result.exit_code == 130);
  CHECK(result.screen.find("error: stopped by SIGINT; nothing was done") != std::string::npos);
  CHECK_FALSE(project.has("app.db"));
}

TEST_CASE("accept shows the difference and asks") {
  const Project project;
  project.write_library();
  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
  project.write("migrations/001_authors.sql", project.read("migrations/001_authors.sql") + "-- more\n");
  const TerminalResult refused = on_terminal(project, {"accept", "001_authors", "--no-color"}, "n\n");
  CHECK(refused.exit_code == 130);
  CHECK(refused.screen.find("\n+-- more\n") != std::string::npos);
  CHECK(project.flux({"validate"}).exit_code == 3);
  CHECK(on_terminal(project, {"accept", "001_authors"}, "y\n").screen.find("\x1b[32m+-- more") != std::string::npos);
  CHECK(project.flux({"validate"}).exit_code == 0);
}

TEST_CASE("resolve says where the script stands and asks") {
  const Project project;
  project.write("migrations/001_a.sql", "-- flux: no-transaction\nvacuum;\nselect nope;\nselect 2;\n");
  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 7);
  project.write("migrations/001_a.sql", "-- flux: no-transaction\nvacuum;\nselect 1;\nselect 2;\n");
  const TerminalResult result = on_terminal(project, {"resolve", "001_a", "--resume", "--no-color"}, "y\n");
  CHECK(result.exit_code == 0);
  for (const char* part : {": 1 of 3 statements are done\nstatement 2 comes next:\n  migrations/001_a.sql:3\n    3 | select 1;",
                           "Run 001_a from statement 2 on? [y/N] y", "001_a is done"}) {
    CAPTURE(part);
    CHECK(project.normal(result.screen).find(part) != std::string::npos);
  }
}

TEST_CASE("a terminal gets colour, unless it is not wanted") {
  const Project project;
  project.write_library();
  CHECK(on_terminal(project, {"status"}).screen.find("\x1b[33mpending") != std::string::npos);
  CHECK(on_terminal(project, {"status", "--no-color"}).screen.find('\x1b') == std::string::npos);
  CHECK(on_terminal(project, {"status"}, "", {{"NO_COLOR", "1"}}).screen.find('\x1b') == std::string::npos);
  CHECK(on_terminal(project, {"status"}, "", {{"TERM", "dumb"}}).screen.find('\x1b') == std::string::npos);
  CHECK(on_terminal(project, {"status"}, "", {{"TERM", std::nullopt}}).screen.find('\x1b') == std::string::npos);
}

TEST_CASE("the progress line shows the running migration and is gone at the end") {
  const Project project;
  project.write("migrations/001_slow.sql",
                "create table t as with recursive r(i) as (select 1 union all select i + 1 from r where i < 3000000)\n"
                "select count(*) from r;\n");
  project.write("migrations/002_next.sql", "select 1;\n");
  const TerminalResult result = on_terminal(project, {"apply", "--yes", "--no-color"});
  CHECK(result.exit_code == 0);
  // Drawn when it starts and again while it runs; how often, the machine decides.
  const std::regex drawn("\r\\[1/2\\] applying 001_slow  [0-9]+\\.[0-9] s\x1b\\[K");
  CHECK(std::distance(std::sregex_iterator(result.screen.begin(), result.screen.end(), drawn), {}) >= 2);
  CHECK(result.screen.find("\r\x1b[K  applied   001_slow") != std::string::npos);
  CHECK(result.screen.find("\r[2/2] applying 002_next  ") != std::string::npos);
  const std::string last = result.screen.substr(result.screen.rfind('\r'));
  CHECK(last.starts_with("\r\x1b[K"));
  CHECK(last.find("applied 2 migrations") != std::string::npos);
}

TEST_CASE("no progress line on a terminal that cannot clear it") {
  const Project project;
  project.write_library();
  const TerminalResult result = on_terminal(project, {"apply", "--yes"}, "", {{"TERM", "dumb"}});
  CHECK(result.screen.find('\r') == std::string::npos);
  CHECK(result.screen.find('\x1b') == std::string::npos);
}

TEST_CASE("tables fit the terminal, wide characters included") {
  const Project project;
  project.write("migrations/001_" + std::string(80, 'x') + ".sql", "select 1;\n");
  project.write("migrations/002_用户用户用户用户用户用户用户用户用户用户用户用户用户用户.sql", "select 1;\n");
  for (const unsigned short columns : std::initializer_list<unsigned short>{50, 60, 80}) {
    CAPTURE(columns);
    const TerminalResult result = on_terminal(project, {"status", "--no-color"}, "", {}, columns);
    CHECK(result.screen.find("…") != std::string::npos);
    std::istringstream lines(result.screen);
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      if (!line.starts_with("sqlite ")) CHECK(flux::cli::display_width(line) <= columns);
    }
  }
}

TEST_CASE("JSON stays JSON on a terminal") {
  const Project project;
  project.write_library();
  const TerminalResult result = on_terminal(project, {"status", "--format", "json"});
  CHECK(Json::parse(result.screen, nullptr, false).is_object());
}

TEST_CASE("init asks for the backend where several are installed, and takes the only one else") {
  const Project project(Project::Content::nothing);
  std::size_t installed = 0;
  const Json backends = project.json({"backends"});
  for (const Json& backend : backends.at("backends")) installed += backend.at("usable") == true ? 1 : 0;
  const TerminalResult result = on_terminal(project, {"init"}, installed > 1 ? "sqlite\n" : "", {}, 100, ")? ");
  CHECK(result.exit_code == 0);
  CHECK(project.has("flux.toml"));
}

TEST_SUITE_END();
