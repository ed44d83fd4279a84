#include <fmt/core.h>

#include <flux/core/config.hpp>

#include "process.hpp"

namespace flux {
namespace {

[[noreturn]] void refuse(std::string message, std::string hint, std::string detail = "") {
  Failure f;
  f.code = ErrorCode::config;
  f.message = std::move(message);
  f.hint = std::move(hint);
  f.detail = std::move(detail);
  throw Error(std::move(f));
}

std::string without_final_blanks(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

}  // namespace

Uri resolve_database_uri(const Config& config) {
  if (config.database_uri) return *config.database_uri;
  if (config.database_uri_problem) throw Error(*config.database_uri_problem);
  if (config.database_uri_command.empty())
    refuse("no database URI is given", "put it on the command line, into FLUX_DATABASE_URI, or as database_uri into " + config.file.string());
  const std::string& program = config.database_uri_command.front();
  std::string why;
  const auto run = run_process(config.database_uri_command, config.file.parent_path(), "", why);
  if (!run) refuse(fmt::format("database_uri_command: {} cannot be started: {}", program, why), "");
  if (run->exit_code != 0)
    refuse(fmt::format("database_uri_command: {} ended with exit code {}", program, run->exit_code), "", without_final_blanks(run->err));
  std::string uri = without_final_blanks(run->out);
  if (uri.empty()) refuse(fmt::format("database_uri_command: {} wrote no URI to its stdout", program), "");
  if (uri.find('\n') != std::string::npos)
    refuse(fmt::format("database_uri_command: {} wrote more than one line to its stdout", program), "it must write the URI alone");
  return Uri(std::move(uri));
}

}  // namespace flux
