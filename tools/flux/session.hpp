// What a command works with: the global options, the console and, when asked for, the project.
#pragma once

#include <flux/core/migrator.hpp>
#include <optional>
#include <string>

#include "console.hpp"
#include "options.hpp"

namespace flux::cli {

class Session {
 public:
  Session(GlobalOptions options, Console& console) : options_(std::move(options)), console_(&console) {}

  const GlobalOptions& options() const noexcept { return options_; }
  Console& console() const noexcept { return *console_; }
  const Stream& out() const noexcept { return console_->terminal().out; }

  // What the command line says of where the configuration and the backends are.
  ConfigRequest config_request(const std::optional<std::string>& uri = {}) const;
  BackendSearch backend_search() const;

  // The project, with `uri` as its target where given. Throws Error.
  Migrator open(const std::optional<std::string>& uri) const;

 private:
  GlobalOptions options_;
  Console* console_;
};

}  // namespace flux::cli
