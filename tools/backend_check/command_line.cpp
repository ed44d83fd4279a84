#include "command_line.hpp"

#include <CLI/CLI.hpp>
#include <flux/core/uri.hpp>
#include <map>
#include <sstream>

namespace flux::check {
namespace {

constexpr const char* about =
    "Checks a flux backend against the promises of flux/backend_abi.h, by its C table alone.\n\n"
    "The target must be one that nobody needs, without a history: the checks write to it, and take away what they\n"
    "have made. flux-backend-check(1) describes the checks, quirks and results.";

constexpr const char* results =
    "\nExit codes: 0 every check passed, or the backend does not declare what it is about; 1 a check failed; "
    "2 usage.";

// `word` as a shell would read it.
std::string quoted(const std::string& word) {
  if (!word.empty() &&
      word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@,%+") ==
          std::string::npos)
    return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

std::optional<Answer> parse_command_line(int argc, char** argv, Options& options) {
  CLI::App app(about, "flux-backend-check");
  app.footer(results);
  std::string quirks;
  app.add_option("FILE", options.file, "the backend: libflux_backend_NAME.so")->type_name("");
  app.add_option("--uri", options.uri, "a scratch target; {n} in it becomes another number for each check")
      ->type_name("URI");
  app.add_option("--quirks", quirks, "what the database says otherwise than standard SQL (TOML)")->type_name("FILE");
  app.add_option("--config", options.settings, "a key of the [backend] table, KEY=VALUE")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("--only", options.only, "run these checks alone")->type_name("NAME");
  app.add_option("--format", options.format, "text, json or junit")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Format>{{"text", Format::text}, {"json", Format::json}, {"junit", Format::junit}}))
      ->type_name("FORMAT");
  app.add_option("--slow", options.limit_percent, "percent of each check's time limit, for slow machines")
      ->check(CLI::Range(10, 10000))
      ->type_name("PERCENT");
  app.add_flag("--list", options.list, "list the checks and what each proves");
  app.set_version_flag("--version", "flux-backend-check " FLUX_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    const int code = app.exit(error, out, err);
    return code == 0 ? Answer{0, out.str()} : Answer{2, err.str()};
  }
  if (!quirks.empty()) options.quirks = quirks;
  if (options.list) return std::nullopt;
  if (options.file.empty()) return Answer{2, "the backend's FILE is missing\nRun with --help for more information.\n"};
  if (options.uri.empty()) return Answer{2, "--uri is missing\nRun with --help for more information.\n"};
  return std::nullopt;
}

std::string command_again(const Options& options) {
  std::string out =
      "flux-backend-check " + quoted(options.file.string()) + " --uri " + quoted(Uri(options.uri).redacted());
  if (options.quirks) out += " --quirks " + quoted(options.quirks->string());
  for (const std::string& setting : options.settings) out += " --config " + quoted(setting);
  return out;
}

}  // namespace flux::check
