#include "run_context.hpp"

#include <fmt/core.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <random>

#include <flux/core/version.hpp>

namespace flux {
namespace {

// A larger script is no text that people compare; the history would only grow by it.
constexpr std::size_t longest_kept_script = std::size_t{256} << 10;

}  // namespace

std::string make_run_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

void stop_if_cancelled(const RunContext& context) {
  if (!context.backend.cancel_requested()) return;
  Failure f;
  f.code = ErrorCode::cancelled;
  f.message = "stopped by the user";
  throw Error(std::move(f));
}

std::string current_user() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  const passwd* entry = ::getpwuid(::geteuid());
  const std::string user = entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
  return host[0] != '\0' ? user + "@" + host.data() : user;
}

HistoryRow make_row(const RunContext& context, std::string_view id, const Script& script, const Script* undo) {
  HistoryRow row;
  row.id = id;
  row.hash = script.hash();
  if (undo != nullptr) row.undo = std::string(undo->text());
  if (script.text().size() <= longest_kept_script) row.script = std::string(script.text());
  row.applied_by = context.applied_by;
  row.flux_version = version();
  row.run_id = context.run_id;
  if (const auto count = script.statement_count())
    row.statements_started = row.statements_done = row.statements_total = static_cast<std::int64_t>(*count);
  return row;
}

}  // namespace flux
