#include "help_text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <flux/core/version.hpp>
#include <utility>
#include <vector>

namespace flux::cli {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view first_steps = R"(
Examples
  flux init sqlite               flux.toml and migrations/
  flux new "create users"        the two scripts of the first migration, for you to fill
  flux plan                      what would run
  flux apply                     shows it, asks, runs it
  flux rollback 1                undoes the newest
)";

constexpr std::string_view exit_codes = R"(
Exit codes
  0  done                                     5  no connection, or lost and nothing applied
  1  a migration failed and was rolled back   6  outcome unknown
  2  command line, configuration or backend   7  an interrupted migration
  3  refused before anything was written      8  pending (status --check)
  4  lock not obtained in time                130, 143  cancelled
)";

std::string option_label(const OptionSpec& option) {
  std::string out = option.short_name.empty() ? "    " : option.short_name + ", ";
  out += option.long_name;
  for (const std::string& alias : option.aliases) out += ", " + alias;
  return option.value.empty() ? out : out + ' ' + option.value;
}

std::string rows_text(const Rows& rows) {
  std::size_t width = 0;
  for (const auto& [label, text] : rows) width = std::max(width, label.size());
  std::string out;
  for (const auto& [label, text] : rows) out += fmt::format("  {:<{}}  {}\n", label, width, text);
  return out;
}

std::string options_text(const std::vector<OptionSpec>& options) {
  Rows rows;
  for (const OptionSpec& option : options) rows.emplace_back(option_label(option), option.description);
  return rows_text(rows);
}

}  // namespace

std::string usage_of(const CommandSpec& command) {
  std::string out = command.name;
  for (const ArgumentSpec& argument : command.arguments) out += ' ' + argument.usage;
  return out;
}

std::string general_help(const CommandLineSpec& spec) {
  std::string out =
      fmt::format("flux {}: database migrations\n\nUsage: flux COMMAND [ARGUMENTS] [OPTIONS]\n", version());
  std::size_t width = 0;
  for (const CommandSpec& command : spec.commands) width = std::max(width, usage_of(command).size());
  std::string group;
  for (const CommandSpec& command : spec.commands) {
    if (command.group != group) out += fmt::format("\n{}\n", command.group);
    group = command.group;
    out += fmt::format("  {:<{}}  {}\n", usage_of(command), width, command.description);
  }
  out += "\nOptions of every command\n" + options_text(spec.options);
  out += first_steps;
  out += exit_codes;
  return out + "\n`flux COMMAND --help` shows a command's own options.\n";
}

std::string command_help(const CommandLineSpec& spec, std::string_view command) {
  const auto found = std::find_if(spec.commands.begin(), spec.commands.end(),
                                  [command](const CommandSpec& candidate) { return candidate.name == command; });
  if (found == spec.commands.end()) return general_help(spec);
  std::string out =
      fmt::format("flux {}: {}\n\nUsage: flux {} [OPTIONS]\n", found->name, found->description, usage_of(*found));
  if (!found->arguments.empty()) {
    Rows rows;
    for (const ArgumentSpec& argument : found->arguments) rows.emplace_back(argument.usage, argument.description);
    out += "\nArguments\n" + rows_text(rows);
  }
  if (!found->options.empty()) out += "\nOptions\n" + options_text(found->options);
  out += "\nOptions of every command\n" + options_text(spec.options);
  out += "\nExamples\n  ";
  for (const char c : found->examples) out += c == '\n' ? std::string("\n  ") : std::string(1, c);
  return out + '\n';
}

}  // namespace flux::cli
