// flux.toml, read and checked.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <flux/core/error.hpp>
#include <flux/core/uri.hpp>

namespace flux {

using BackendValue = std::variant<std::string, std::int64_t, double, bool, std::vector<std::string>>;

// One key of the [backend] table, dotted where it lies in a sub-table, and where it stands.
struct BackendSetting {
  std::string key;
  BackendValue value;
  SourcePosition where;
};

// How much is logged, least first.
enum class LogLevel { trace, debug, info, warn, error, off };
// nullopt for a word that is no level. Upper and lower case are the same.
std::optional<LogLevel> parse_log_level(std::string_view word);

// What is done about an object that has gone while one like it has come.
enum class Renames {
  annotate,  // nothing: a rename is one where `-- flux: renamed from=OLD` says so
  propose,   // it is asked for, or without a terminal refused until an annotation says what it is
};

// The table [schema]: schema as code.
struct SchemaSettings {
  std::filesystem::path resources;     // the folder or file of definitions, joined to the folder of flux.toml
  std::vector<std::string> command;    // writes the definitions to its stdout instead; empty: none
  std::optional<Uri> shadow_uri;       // the server for throw-away databases; not set: that of the target
  std::vector<std::string> ignore;     // patterns of identities that are left alone: "audit.*"
  Renames renames = Renames::propose;
};

struct Config {
  std::filesystem::path file;  // as found; display it as it is
  std::string backend;
  std::filesystem::path migration_directory;   // as given, joined to the file's folder where relative
  std::optional<Uri> database_uri;             // command line, FLUX_DATABASE_URI, environment section, [flux], in this order
  std::vector<std::string> database_uri_command;  // run by resolve_database_uri; empty: none
  std::optional<Failure> database_uri_problem;    // why database_uri could not be read; thrown only by who needs it
  std::filesystem::path database_uri_base;        // absolute: where relative paths of the URI start
  std::string name_space;                      // the key `namespace`
  bool apply_repeatable_on_undo = true;
  std::chrono::milliseconds lock_timeout{60'000};              // for the migration lock
  std::chrono::milliseconds statement_lock_timeout{2'000};     // for locks inside the database; 0: without end
  std::optional<std::chrono::milliseconds> statement_timeout;  // 0: without end; not set: as the database is set
  int lock_retries = 10;                                       // how often a migration that met a lock runs again
  bool batch = true;                                           // send migrations without waiting between them, where the backend can
  LogLevel log_level = LogLevel::info;
  std::optional<std::string> environment;  // the chosen [environments.NAME]
  std::vector<BackendSetting> backend_settings;
  SchemaSettings schema;
};

// What the command line and the process environment add to the file.
struct ConfigRequest {
  std::optional<std::filesystem::path> file;     // --config; else FLUX_CONFIG, else flux.toml here or in a parent
  std::optional<std::string> environment;        // --env; else FLUX_ENV
  std::optional<std::string> database_uri;       // the positional URI
  std::filesystem::path working_directory = ".";
  // Reads a variable of the environment; nullopt: not set.
  std::function<std::optional<std::string>(const std::string&)> getenv;  // empty: the process's own
};

// Finds, reads and checks the file. Throws Error{config} listing every problem with its position: syntax,
// unknown keys with the nearest known one, wrong types, missing keys, unset variables, unknown environment.
Config load_config(const ConfigRequest& request);

// The file that load_config would read; nullopt where there is none.
std::optional<std::filesystem::path> find_config(const ConfigRequest& request);

// The target's URI, running database_uri_command where it is what gives it. Throws Error{config} where there is none or
// the program fails; what the program wrote to stdout is never shown.
Uri resolve_database_uri(const Config& config);

// The word of `known` that is nearest to `word`, if one is near enough to be meant.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace flux
