// What a call of the C table has answered.
#pragma once

#include <flux/backend_abi.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace flux::check {

// An error record, copied.
struct ErrorRecord {
  std::uint32_t struct_size = 0;
  flux_status code = FLUX_OK;
  std::string message, detail, hint, sqlstate, key;
  std::int64_t statement_index = -1, byte_offset = -1;
};

// One call: its status, what it reported, and how long it took.
struct Outcome {
  flux_status status = FLUX_OK;
  int reports = 0;  // how often set_error was called
  ErrorRecord error;
  std::chrono::milliseconds took{};

  bool ok() const noexcept { return status == FLUX_OK; }
};

// "FLUX_E_SCRIPT", or the number where it has no name.
std::string name_of(flux_status status);
// "FLUX_E_SCRIPT: no such table", for people.
std::string text_of(const Outcome& outcome);

// A string of the table; "" for none.
std::string text_of(flux_str text);

// How a check ends that has found something: what was expected, what came instead.
struct Failed {
  std::string expected, came;
};
// How a check ends that the backend need not pass, and why.
struct NotDeclared {
  std::string why;
};
// How a check ends for which the quirks have no text, and which: whether the promise is kept is not known.
struct NoQuirk {
  std::string why;
};

[[noreturn]] void fail(std::string expected, std::string came);
// Fails unless `holds`.
void expect(bool holds, const std::string& expected, const std::string& came);
// Fails unless the call `what` was answered with FLUX_OK, or with `status`.
void must(const Outcome& outcome, std::string_view what);
void must_be(flux_status status, const Outcome& outcome, std::string_view what);

// A text for a message: long ones cut, control characters made visible.
std::string shown(std::string_view text);

}  // namespace flux::check

// What the ABI leaves to the host: where a backend puts its error.
struct flux_err {
  flux::check::ErrorRecord record;
  int reports = 0;
};
