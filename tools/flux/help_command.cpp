// flux --help and flux --version
#include <flux/backend_abi.h>
#include <fmt/core.h>

#include <flux/core/version.hpp>

#include "commands.hpp"

namespace flux::cli {

Result run(const HelpOptions& options, Session& session) {
  Result result;
  if (options.wrong) {
    session.console().err(options.text);
    result.exit_code = exit_code(ErrorCode::usage);
    return result;
  }
  result.text = options.text;
  result.data = Json{{"text", options.text}};
  return result;
}

Result run(const VersionOptions&, Session&) {
  const std::string abi = fmt::format("{}.{}", FLUX_ABI_MAJOR, FLUX_ABI_MINOR);
  Result result;
  result.text = fmt::format("flux {} (backend ABI {})\n", version(), abi);
  result.data = Json{{"version", version()}, {"backend_abi", abi}};
  return result;
}

}  // namespace flux::cli
