#include "outcome.hpp"

#include <array>
#include <utility>

namespace flux::check {

std::string name_of(flux_status status) {
  static constexpr std::array names = {"FLUX_OK",           "FLUX_E_FAILED", "FLUX_E_UNSUPPORTED", "FLUX_E_CONFIG",
                                       "FLUX_E_CONNECTION", "FLUX_E_AUTH",   "FLUX_E_LOCKED",      "FLUX_E_SCRIPT",
                                       "FLUX_E_CONFLICT",   "FLUX_E_STATE",  "FLUX_E_CANCELLED",   "FLUX_E_NOMEM",
                                       "FLUX_E_INTERNAL",   "FLUX_E_STOP",   "FLUX_E_BUSY"};
  const auto at = static_cast<std::size_t>(status);
  return status >= 0 && at < names.size() ? names[at] : fmt::format("the status {}", status);
}

std::string text_of(const Outcome& outcome) {
  std::string out = name_of(outcome.status);
  if (outcome.reports > 0) out += ": " + shown(outcome.error.message);
  if (!outcome.error.detail.empty()) out += " (" + shown(outcome.error.detail) + ")";
  return out;
}

std::string text_of(flux_str text) { return text.ptr != nullptr ? std::string(text.ptr, text.len) : std::string(); }

void fail(std::string expected, std::string came) { throw Failed{std::move(expected), std::move(came)}; }

void expect(bool holds, const std::string& expected, const std::string& came) {
  if (!holds) fail(expected, came);
}

void must_be(flux_status status, const Outcome& outcome, std::string_view what) {
  if (outcome.status != status) fail(fmt::format("{} from {}", name_of(status), what), text_of(outcome));
}

void must(const Outcome& outcome, std::string_view what) { must_be(FLUX_OK, outcome, what); }

std::string shown(std::string_view text) {
  constexpr std::size_t most = 300;
  std::string out;
  for (const char c : text.substr(0, most)) {
    if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  if (text.size() > most) out += fmt::format("... ({} bytes)", text.size());
  return out;
}

}  // namespace flux::check
