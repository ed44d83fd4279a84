#include "completions.hpp"

#include <fmt/core.h>
#include <fmt/format.h>

#include <vector>

namespace flux::cli {
namespace {

bool takes_path(const OptionSpec& option) { return option.value == "FILE" || option.value == "DIR"; }

std::vector<std::string> names_of(const OptionSpec& option) {
  std::vector<std::string> names{option.long_name};
  names.insert(names.end(), option.aliases.begin(), option.aliases.end());
  if (!option.short_name.empty()) names.push_back(option.short_name);
  return names;
}

std::string words(const std::vector<OptionSpec>& options) {
  std::string out;
  for (const OptionSpec& option : options)
    for (const std::string& name : names_of(option)) out += (out.empty() ? "" : " ") + name;
  return out;
}

std::string command_names(const CommandLineSpec& spec) {
  std::string out;
  for (const CommandSpec& command : spec.commands) out += (out.empty() ? "" : " ") + command.name;
  return out;
}

// The words that a command's first argument can be.
std::string argument_words(const CommandLineSpec& spec, const CommandSpec& command) {
  if (command.name == "help") return command_names(spec);
  return command.arguments.empty() ? "" : fmt::format("{}", fmt::join(command.arguments.front().choices, " "));
}

// Text inside of a single-quoted word; zsh gives ':' and brackets a meaning of their own.
std::string shell_quoted(std::string_view text, bool zsh = false) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (zsh && (c == ':' || c == '[' || c == ']')) out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_value(const OptionSpec& option) {
  if (option.value.empty()) return "";
  if (!option.choices.empty()) return fmt::format(":{}:({})", option.value, fmt::join(option.choices, " "));
  if (option.value == "DIR") return ":DIR:_files -/";
  return fmt::format(":{}:{}", option.value, option.value == "FILE" ? "_files" : " ");
}

std::string zsh_options(const std::vector<OptionSpec>& options) {
  std::string out;
  for (const OptionSpec& option : options)
    for (const std::string& name : names_of(option))
      out += fmt::format(" \\\n        '{}[{}]{}'", name, shell_quoted(option.description, true), zsh_value(option));
  return out;
}

std::string fish_option(const OptionSpec& option, std::string_view condition) {
  std::string out = fmt::format("complete -c flux{}", condition);
  for (const std::string& name : names_of(option))
    out += name.starts_with("--") ? fmt::format(" -l {}", name.substr(2)) : fmt::format(" -s {}", name.substr(1));
  if (!option.value.empty()) out += takes_path(option) ? " -r -F" : " -x";
  if (!option.choices.empty()) out += fmt::format(" -a '{}'", fmt::join(option.choices, " "));
  return out + fmt::format(" -d '{}'\n", shell_quoted(option.description));
}

}  // namespace

std::string bash_completions(const CommandLineSpec& spec) {
  std::string values, commands;
  for (const OptionSpec& option : spec.options) {
    if (!option.choices.empty())
      values += fmt::format("    {}) COMPREPLY=($(compgen -W '{}' -- \"$current\")); return ;;\n", option.long_name,
                            fmt::join(option.choices, " "));
    else if (takes_path(option))
      values += fmt::format("    {}) COMPREPLY=($(compgen {} -- \"$current\")); return ;;\n", option.long_name,
                            option.value == "DIR" ? "-d" : "-f");
    else if (!option.value.empty())
      values += fmt::format("    {}) return ;;\n", option.long_name);
  }
  for (const CommandSpec& command : spec.commands)
    commands +=
        fmt::format("    {}) words='{} {}' ;;\n", command.name, argument_words(spec, command), words(command.options));
  return fmt::format(R"(# bash completions of flux: source <(flux completions bash)
_flux() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}"
  local command='' words='' i
  COMPREPLY=()
  case "$previous" in
{}    --to) return ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "${{COMP_WORDS[i]}}" in
      --config|--env|--backend-dir|--format|--log-level) ((i++)) ;;
      -*) ;;
      *) command="${{COMP_WORDS[i]}}"; break ;;
    esac
  done
  case "$command" in
    '') words='{}' ;;
{}  esac
  COMPREPLY=($(compgen -W "$words {}" -- "$current"))
}}
complete -o default -F _flux flux
)",
                     values, command_names(spec), commands, words(spec.options));
}

std::string zsh_completions(const CommandLineSpec& spec) {
  std::string commands, cases;
  for (const CommandSpec& command : spec.commands) {
    commands += fmt::format("    '{}:{}'\n", command.name, shell_quoted(command.description, true));
    const std::string argument = argument_words(spec, command);
    cases += fmt::format("    {})\n      _arguments \\\n        '1: :({})'{}{} ;;\n", command.name, argument,
                         zsh_options(command.options), zsh_options(spec.options));
  }
  return fmt::format(R"(#compdef flux
# zsh completions of flux: flux completions zsh > a folder of $fpath/_flux
_flux() {{
  local context state line
  local -a commands=(
{}  )
  _arguments -C '1: :->command' '*:: :->arguments'{}
  case "$state" in
    command) _describe command commands; return ;;
  esac
  case "$line[1]" in
{}  esac
}}
compdef _flux flux
)",
                     commands, zsh_options(spec.options), cases);
}

std::string fish_completions(const CommandLineSpec& spec) {
  std::string out = "# fish completions of flux: flux completions fish | source\ncomplete -c flux -f\n";
  for (const OptionSpec& option : spec.options) out += fish_option(option, "");
  for (const CommandSpec& command : spec.commands) {
    out += fmt::format("complete -c flux -n __fish_use_subcommand -a {} -d '{}'\n", command.name,
                       shell_quoted(command.description));
    const std::string condition = fmt::format(" -n '__fish_seen_subcommand_from {}'", command.name);
    if (const std::string argument = argument_words(spec, command); !argument.empty())
      out += fmt::format("complete -c flux{} -a '{}'\n", condition, argument);
    for (const OptionSpec& option : command.options) out += fish_option(option, condition);
  }
  return out;
}

}  // namespace flux::cli
