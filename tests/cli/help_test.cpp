// --help, --version and no command at all
#include <doctest/doctest.h>

#include "command_line.hpp"
#include "project.hpp"

using namespace flux::cli::test;

TEST_SUITE_BEGIN("help");

TEST_CASE("--version names flux and the ABI of its backends") {
  const Project project(Project::Content::nothing);
  for (const char* option : {"--version", "-V"}) CHECK(project.flux({option}).out == "flux 0.1.0 (backend ABI 1.0)\n");
}

TEST_CASE("--help names every command and every exit code") {
  const Project project(Project::Content::nothing);
  const ProcessResult result = project.flux({"--help"});
  CHECK(result.exit_code == 0);
  CHECK(result.err == "");
  for (const auto& command : flux::cli::command_line_spec().commands) {
    CAPTURE(command.name);
    CHECK(result.out.find("\n  " + command.name) != std::string::npos);
  }
  for (const char* code : {"0  done", "1  a migration failed", "4  lock", "8  pending", "130, 143"}) {
    CAPTURE(code);
    CHECK(result.out.find(code) != std::string::npos);
  }
  CHECK(project.flux({"help"}).out == result.out);
}

TEST_CASE("without a command the help goes to stderr") {
  const Project project(Project::Content::nothing);
  const ProcessResult result = project.flux({});
  CHECK(result.exit_code == 2);
  CHECK(result.out == "");
  CHECK(result.err == project.flux({"--help"}).out);
}

TEST_CASE("each command has a help with usage, options and examples, of at most 120 columns") {
  const Project project(Project::Content::nothing);
  for (const auto& command : flux::cli::command_line_spec().commands) {
    CAPTURE(command.name);
    const ProcessResult result = project.flux({command.name, "--help"});
    CHECK(result.exit_code == 0);
    CHECK(result.out.starts_with("flux " + command.name + ": "));
    CHECK(result.out.find("\nUsage: flux " + command.name) != std::string::npos);
    CHECK(result.out.find("\nExamples\n  flux") + result.out.find("\nExamples\n  source") != 2 * std::string::npos);
    for (const auto& option : command.options) CHECK(result.out.find(option.long_name) != std::string::npos);
    CHECK(project.flux({"help", command.name}).out == result.out);
    for (std::size_t at = 0, end; (end = result.out.find('\n', at)) != std::string::npos; at = end + 1)
      CHECK(end - at <= 120);
  }
}

TEST_CASE("help needs neither a project nor a backend") {
  const Project project(Project::Content::nothing);
  project.write("flux.toml", "not [ toml");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--help"}, {"apply", "--help"}, {"--version"}, {"completions", "fish"}}) {
    CAPTURE(joined(arguments));
    CHECK(project.flux(arguments, {{"FLUX_BACKEND_PATH", "/nonexistent"}}).exit_code == 0);
  }
}

TEST_SUITE_END();
