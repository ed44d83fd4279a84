// The command line as values.
#pragma once

#include <cstddef>
#include <filesystem>
#include <flux/core/config.hpp>
#include <flux/core/mend.hpp>
#include <flux/core/plan.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "schema/schema_options.hpp"

namespace flux::cli {

// Options of every command.
struct GlobalOptions {
  std::optional<std::string> config;       // --config
  std::optional<std::string> environment;  // --env
  std::optional<std::string> backend_dir;  // --backend-dir
  std::optional<LogLevel> log_level;       // --log-level; else the configuration's
  bool json = false;                       // --format json
  bool no_colour = false;                  // --no-color
};

struct InitOptions {
  std::optional<std::string> backend;
};
struct NewOptions {
  std::string name;
  bool pre = false, post = false;  // a repeatable
  bool no_undo = false;
  bool python = false;
};
struct StatusOptions {
  std::optional<std::string> uri;
  bool check = false;
};
struct HistoryOptions {
  std::optional<std::string> uri;
};
struct ValidateOptions {
  std::optional<std::string> uri;
};
struct PlanCommandOptions {
  std::optional<std::string> uri;
  Request request;
  bool no_sql = false;
  std::optional<std::string> out;  // the file to write the plan to
};
// apply and rollback.
struct BatchOptions {
  std::optional<std::string> uri;
  Request request;
  bool yes = false;
  std::optional<std::string> plan_file;  // run exactly this; only the kind of `request` counts then
};
struct ResolveOptions {
  std::optional<std::string> uri;
  ResolveRequest request;
  bool yes = false;
};
struct AcceptOptions {
  std::optional<std::string> uri;
  std::vector<std::string> ids;
  bool yes = false;
};
struct BaselineOptions {
  std::optional<std::string> uri;
  std::string id;
  bool yes = false;
};
struct LockOptions {
  std::optional<std::string> uri;
  bool release = false;
  bool yes = false;
};
struct BackendsOptions {
  std::optional<std::string> name;
};
struct CompletionsOptions {
  std::string shell;
};
struct HelpOptions {
  std::string text;
  bool wrong = false;  // nobody asked for it: no command was given
};
struct VersionOptions {};

using CommandOptions =
    std::variant<HelpOptions, VersionOptions, InitOptions, NewOptions, StatusOptions, HistoryOptions, ValidateOptions,
                 PlanCommandOptions, BatchOptions, ResolveOptions, AcceptOptions, BaselineOptions, LockOptions, BackendsOptions,
                 CompletionsOptions, InspectOptions, DiffOptions, GenerateOptions, DriftOptions, SyncOptions, VerifyOptions, UndoOptions>;

struct Invocation {
  GlobalOptions global;
  std::string command;  // "apply"; "help" and "version" for --help and --version
  CommandOptions options;
};

}  // namespace flux::cli
