// flux completions
#include "command_line.hpp"
#include "commands.hpp"
#include "completions.hpp"

namespace flux::cli {

Result run(const CompletionsOptions& options, Session&) {
  const CommandLineSpec spec = command_line_spec();
  Result result;
  result.text = options.shell == "bash"  ? bash_completions(spec)
                : options.shell == "zsh" ? zsh_completions(spec)
                                         : fish_completions(spec);
  result.data = Json{{"shell", options.shell}, {"script", result.text}};
  return result;
}

}  // namespace flux::cli
