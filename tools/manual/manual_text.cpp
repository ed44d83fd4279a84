#include "manual_text.hpp"

#include <fmt/core.h>

#include <flux/core/version.hpp>
#include <string_view>

namespace flux::cli {
namespace {

// Text that man(1) must show as it is: nothing of it is a macro, and a hyphen can be copied into a shell.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool line_starts = out.empty() || out.back() == '\n';
    if (line_starts && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + roff(text) + "\\fR"; }
std::string item(std::string_view label, std::string_view text) { return fmt::format(".TP\n{}\n{}\n", label, text); }

std::string option_item(const OptionSpec& option) {
  std::string label = option.short_name.empty() ? "" : bold(option.short_name) + ", ";
  label += bold(option.long_name);
  for (const std::string& alias : option.aliases) label += ", " + bold(alias);
  if (!option.value.empty()) label += ' ' + italic(option.value);
  return item(label, roff(option.description));
}

std::string command_text(const CommandSpec& command) {
  std::string out = ".SS " + bold("flux " + command.name);
  for (const ArgumentSpec& argument : command.arguments) out += ' ' + italic(argument.usage);
  out += '\n' + roff(command.description) + ".\n";
  for (const ArgumentSpec& argument : command.arguments)
    out += item(italic(argument.usage), roff(argument.description));
  for (const OptionSpec& option : command.options) out += option_item(option);
  if (!command.examples.empty()) out += ".PP\n.RS\n.nf\n" + roff(command.examples) + "\n.fi\n.RE\n";
  return out;
}

std::string environment_text() {
  return ".SH ENVIRONMENT\n" + item(bold("FLUX_CONFIG"), "the configuration, where \\fB\\-\\-config\\fR is not given") +
         item(bold("FLUX_ENV"), "the section of environments, where \\fB\\-\\-env\\fR is not given") +
         item(bold("FLUX_DATABASE_URI"), "the database, instead of the configured one") +
         item(bold("FLUX_BACKEND_PATH"), "absolute folders with backends, separated by colons") +
         item(bold("NO_COLOR"), "no colours, whatever its value");
}

std::string files_text() {
  return ".SH FILES\n" + item(italic("flux.toml"), "the configuration of a project, in its top folder") +
         item(italic("~/.config/flux/config.toml") + ", " + italic("/etc/flux/config.toml"),
              "more folders with backends, as the list \\fBbackend_dirs\\fR") +
         item(italic("~/.local/share/flux/backends"), "the user's own backends");
}

std::string schema_text() {
  return ".SH SCHEMA AS CODE\n"
         "The definitions are plain SQL in the folder that the section \\fB[schema]\\fR of flux.toml names. A comment\n"
         "\\fB\\-\\- flux: renamed from=\\fR\\fIOLD\\fR above a table or column says that it is not a new one.\n"
         "\\fIREADME.md\\fR (\"Schema as code\") and \\fIconf/README.md\\fR (\"[schema]\") describe annotations, what is left\n"
         "alone, and the hazards that stand above each statement.\n";
}

std::string exit_status_text() {
  return ".SH EXIT STATUS\n" + item("0", "done, or nothing to do") +
         item("1", "a migration failed and was rolled back") +
         item("2", "command line, configuration, or a backend that cannot be loaded") +
         item("3", "refused before anything was written") + item("4", "the lock was not obtained in time") +
         item("5", "no connection, or it was lost and nothing was applied by it") +
         item("6", "the outcome is unknown") + item("7", "a script without a transaction stopped half way") +
         item("8", "something is pending (\\fBstatus \\-\\-check\\fR), or schemas differ") +
         item("130, 143", "cancelled by SIGINT or SIGTERM, and rolled back");
}

}  // namespace

std::string manual_text(const CommandLineSpec& spec) {
  std::string out = fmt::format(".TH FLUX 1 \"\" \"flux {}\" \"User Commands\"\n", version());
  out += ".SH NAME\nflux \\- migrate databases\n";
  out += ".SH SYNOPSIS\n\\fBflux\\fR \\fICOMMAND\\fR [\\fIARGUMENTS\\fR] [\\fIOPTIONS\\fR]\n";
  out +=
      ".SH DESCRIPTION\n"
      "Each change of a database's schema is a script, and its undo is another. Flux knows which of them a database\n"
      "has, applies the others in order, each in a transaction, and takes them back. Each kind of database is served\n"
      "by a backend, a plugin that is installed by itself: \\fBflux backends\\fR shows them.\n";
  out += ".SH COMMANDS\n";
  for (const CommandSpec& command : spec.commands) out += command_text(command);
  out += ".SH OPTIONS\nEvery command has these.\n";
  for (const OptionSpec& option : spec.options) out += option_item(option);
  return out + schema_text() + environment_text() + files_text() + exit_status_text();
}

}  // namespace flux::cli
