// What a command works with: the global options, the console and, when asked for, the project.
#pragma once

#include <flux/core/migrator.hpp>
#include <flux/core/schema/schema_project.hpp>
#include <optional>
#include <string>

#include "console.hpp"
#include "options.hpp"
#include "plan_file.hpp"
#include "signals.hpp"

namespace flux::cli {

// What a plan of this project is made for.
PlanFor made_for(Migrator& migrator);

class Session {
 public:
  Session(GlobalOptions options, Console& console, SignalWatch& signals)
      : options_(std::move(options)), console_(&console), signals_(&signals) {}

  const GlobalOptions& options() const noexcept { return options_; }
  Console& console() const noexcept { return *console_; }
  SignalWatch& signals() const noexcept { return *signals_; }
  const Stream& out() const noexcept { return console_->terminal().out; }

  // What the command line says of where the configuration and the backends are.
  ConfigRequest config_request(const std::optional<std::string>& uri = {}) const;
  BackendSearch backend_search() const;

  // The project, with `uri` as its target where given. Throws Error.
  Migrator open(const std::optional<std::string>& uri) const;
  // The same for what is about schemas.
  SchemaProject open_schema(const std::optional<std::string>& uri) const;

 private:
  MigratorOptions migrator_options(const Config& config) const;

  GlobalOptions options_;
  Console* console_;
  SignalWatch* signals_;
};

}  // namespace flux::cli
