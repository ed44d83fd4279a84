#include "config_template.hpp"

#include <fmt/core.h>

#include "text.hpp"

namespace flux::cli {
namespace {

constexpr std::string_view head = R"(# Flux migrates the database of this project. Keys behind a "#" are not set.

[flux]
# The kind of database. `flux backends` lists those that are installed.
backend = "{backend}"

# Where the migrations are, relative to this file.
migration_directory = "migrations"

# The database. First found: the command line, FLUX_DATABASE_URI, [environments.NAME], this key.
# "${{NAME}}" is taken from the environment, so that no password has to stand here.
{uri}

# Or a program that prints the URI, run without a shell.
# database_uri_command = ["program", "argument"]

# Several applications can share one history, each in a namespace of its own.
# namespace = ""

# Run pre-apply/ and post-apply/ around a rollback, too.
# apply_repeatable_on_undo = true

# How long to wait while another flux migrates the same database.
# lock_timeout = "60s"

# How long a statement may wait for a lock inside the database. Then the migration is rolled back and tried again.
# statement_lock_timeout = "2s"
# lock_retries = 10

# How long a statement may run. Without this key it is as the database is set; "0s" is without end.
# statement_timeout = "10m"

# Send migrations without waiting for the answer to each, where the backend can. false: one after the other.
# batch = true

# trace, debug, info, warn, error or off
# log_level = "info"

# Keys of [flux] for one environment, chosen with --env production or FLUX_ENV.
# [environments.production]
# database_uri = "${{PRODUCTION_DATABASE_URL}}"

# Schema as code: `flux generate` and its companions.
[schema]
# The folder of the definitions, or one file, relative to this file.
# resources = "schema"
# Or a program that writes them to its stdout, run without a shell.
# command = ["program", "argument"]
# Where throw-away databases are made; without this key at the target's server.
# shadow_uri = "{shadow}"
# What is left alone: patterns of names, or of kinds and names: "view report_*".
# ignore = []
# propose: ask about what looks like a rename. annotate: only a "-- flux: renamed from=OLD" makes one.
# renames = "propose"

[backend]
)";

std::string_view empty_value(const std::string& type) {
  if (type == "integer") return "0";
  if (type == "number") return "0.0";
  if (type == "boolean") return "false";
  return type == "list of strings" ? "[]" : "\"\"";
}

std::string key_text(const BackendKey& key) {
  std::string out = fmt::format("# {} ({}{})\n", visible(key.description), key.type, key.required ? ", required" : "");
  if (key.required)
    return out + fmt::format("{} = {}\n", key.name, key.default_value.value_or(std::string(empty_value(key.type))));
  return out + fmt::format("# {} = {}\n", key.name, key.default_value.value_or(std::string(empty_value(key.type))));
}

}  // namespace

bool has_usable_example(const BackendInfo& backend) {
  return !backend.uri_example.empty() && backend.uri_example.find("://") == std::string::npos;
}

std::string config_template(const BackendInfo& backend) {
  const std::string uri =
      has_usable_example(backend)
          ? fmt::format("database_uri = \"{}\"", backend.uri_example)
          : fmt::format("# For example {}\ndatabase_uri = \"${{DATABASE_URL}}\"", backend.uri_example);
  std::string out = fmt::format(head, fmt::arg("backend", backend.name), fmt::arg("uri", uri), fmt::arg("shadow", backend.uri_example));
  bool first = true;
  for (const BackendKey& key : backend.keys) {
    if (!first) out += '\n';
    out += key_text(key);
    first = false;
  }
  return out;
}

}  // namespace flux::cli
