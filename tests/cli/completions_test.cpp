// The scripts of flux completions
#include <doctest/doctest.h>

#include "command_line.hpp"
#include "project.hpp"

using namespace flux::cli::test;

namespace {

// What bash offers for the last of `words`, a command line that starts with flux.
std::string offered(const Project& project, const std::string& words) {
  project.write("flux.bash", project.flux({"completions", "bash"}).out);
  const std::string script = "set -eu; source flux.bash; COMP_WORDS=(" + words +
                             "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _flux; " + "echo \"${COMPREPLY[*]-}\"";
  flux::testing::ProcessOptions options;
  options.cwd = project.folder();
  const ProcessResult result = flux::testing::run_process({"bash", "-c", script}, options);
  CHECK(result.err == "");
  return result.out;
}

}  // namespace

TEST_SUITE_BEGIN("completions");

TEST_CASE("bash completes commands, options and values") {
  const Project project(Project::Content::nothing);
  CHECK(offered(project, "flux st") == "status\n");
  CHECK(offered(project, "flux status --ch") == "--check\n");
  CHECK(offered(project, "flux --config x.toml rollback --forg") == "--forget-missing-undo\n");
  CHECK(offered(project, "flux apply --form") == "--format\n");
  CHECK(offered(project, "flux apply --format ''") == "text json\n");
  CHECK(offered(project, "flux --log-level w") == "warn\n");
  CHECK(offered(project, "flux completions ''").starts_with("bash zsh fish"));
  CHECK(offered(project, "flux help ap") == "apply\n");
  CHECK(offered(project, "flux apply --to ''") == "\n");
}

TEST_CASE("every shell's script knows every command and every option") {
  const Project project(Project::Content::nothing);
  const auto spec = flux::cli::command_line_spec();
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const std::string script = project.flux({"completions", shell}).out;
    CAPTURE(shell);
    for (const auto& command : spec.commands) {
      CAPTURE(command.name);
      CHECK(script.find(command.name) != std::string::npos);
      for (const auto& option : command.options) {
        CAPTURE(option.long_name);
        CHECK(script.find(shell == "fish" ? " -l " + option.long_name.substr(2) : option.long_name) !=
              std::string::npos);
      }
    }
  }
}

TEST_SUITE_END();
