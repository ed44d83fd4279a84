// What README.md and conf/ show
#include <doctest/doctest.h>

#include <sstream>

#include "project.hpp"

using namespace flux::cli::test;

namespace {

std::string source_file(const std::string& name) {
  return flux::testing::read_file(std::string(FLUX_SOURCE_DIR "/") + name);
}

// The first block of shell commands after `heading`.
std::string shell_block(const std::string& text, const std::string& heading) {
  const std::size_t start = text.find("```sh\n", text.find(heading)) + 6;
  return text.substr(start, text.find("```\n", start) - start);
}

}  // namespace

TEST_SUITE_BEGIN("docs");

TEST_CASE("the five minutes of README.md work as they are written") {
  const Project project(Project::Content::nothing);
  flux::testing::ProcessOptions options;
  options.cwd = project.folder();
  options.env = Project::environment();
  options.env["PATH"] = std::filesystem::path(FLUX_PROGRAM).parent_path().string() + ":/usr/bin:/bin";
  const std::string commands = shell_block(source_file("README.md"), "\n## Five minutes with SQLite\n");
  REQUIRE(commands.find("flux apply --yes\n") != std::string::npos);
  const ProcessResult result = flux::testing::run_process({"bash", "-eu", "-c", commands}, options);
  CHECK(result.err == "");
  CHECK(result.exit_code == 0);
  CHECK(result.out.ends_with("valid: 2 migrations, 2 applied, 0 pending\n"));
}

TEST_CASE("the five minutes of schema as code of README.md work as they are written") {
  const Project project(Project::Content::nothing);
  flux::testing::ProcessOptions options;
  options.cwd = project.folder();
  options.env = Project::environment();
  options.env["PATH"] = std::filesystem::path(FLUX_PROGRAM).parent_path().string() + ":/usr/bin:/bin";
  const std::string commands = shell_block(source_file("README.md"), "\n## Schema as code\n");
  REQUIRE(commands.find("flux verify\n") != std::string::npos);
  const ProcessResult result = flux::testing::run_process({"bash", "-eu", "-c", commands}, options);
  CHECK(result.err == "");
  CHECK(result.exit_code == 0);
  CHECK(result.out.find("proven 2 of 2 migrations\n") != std::string::npos);
  CHECK(result.out.ends_with("nothing to generate: the migrations lead to what the definitions say\n"));
}

TEST_CASE("README.md names every command and every exit code") {
  const std::string readme = source_file("README.md");
  for (const char* text : {"flux init", "flux new",   "flux status",   "flux history",  "flux validate",
                           "flux plan", "flux apply", "flux rollback", "flux backends", "flux completions",
                           "flux inspect", "flux diff", "flux generate", "flux drift", "flux sync", "flux verify", "flux undo",
                           "| 0 |",     "| 1 |",      "| 2 |",         "| 3 |",         "| 4 |",
                           "| 5 |",     "| 6 |",      "| 7 |",         "| 8 |",         "| 130, 143 |"}) {
    CAPTURE(text);
    CHECK(readme.find(text) != std::string::npos);
  }
}

TEST_CASE("conf/flux.example.toml is valid") {
  const Project project;
  project.write("flux.toml", source_file("conf/flux.example.toml"));
  const ProcessResult result = project.flux({"validate"});
  CHECK(result.err == "");
  CHECK(result.exit_code == 0);
}

TEST_CASE("conf/flux.example.toml holds every key that conf/README.md names for [flux] and [schema]") {
  const std::string readme = source_file("conf/README.md"), example = source_file("conf/flux.example.toml");
  std::istringstream lines(readme.substr(readme.find("\n## [flux]\n"), readme.find("\n## [environments") - readme.find("\n## [flux]\n")));
  std::size_t keys = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    const std::string key = line.substr(3, line.find('`', 3) - 3);
    CAPTURE(key);
    ++keys;
    const bool known = example.find("\n" + key + " = ") != std::string::npos || example.find("\n# " + key + " = ") != std::string::npos;
    CHECK(known);
  }
  CHECK(keys > 15);
}

TEST_CASE("conf/README.md names every key of a fresh configuration") {
  const Project project(Project::Content::nothing);
  const std::string readme = source_file("conf/README.md");
  const Json sqlite = project.json({"backends", "sqlite"});
  for (const Json& key : sqlite.at("backend").at("keys")) {
    const std::string name = key.at("name");
    CAPTURE(name);
    const bool known = readme.find("| sqlite | `" + name + "`") != std::string::npos ||
                       readme.find("| all | `" + name + "`") != std::string::npos;
    CHECK(known);
  }
}

TEST_SUITE_END();
