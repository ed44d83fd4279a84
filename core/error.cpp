#include <flux/core/error.hpp>

#include <utility>

namespace flux {
namespace {

struct CodeRow {
  ErrorCode code;
  const char* name;
  int exit_code;
};
constexpr CodeRow code_rows[] = {
    {ErrorCode::usage, "usage", 2},
    {ErrorCode::config, "config", 2},
    {ErrorCode::backend, "backend", 2},
    {ErrorCode::directory, "directory", 3},
    {ErrorCode::history, "history", 3},
    {ErrorCode::script, "script", 1},
    {ErrorCode::lock_timeout, "lock_timeout", 4},
    {ErrorCode::connection, "connection", 5},
    {ErrorCode::outcome_unknown, "outcome_unknown", 6},
    {ErrorCode::interrupted, "interrupted", 7},
    {ErrorCode::cancelled, "cancelled", 130},
    {ErrorCode::internal, "internal", 2},
};

const CodeRow& row_of(ErrorCode code) noexcept {
  for (const CodeRow& row : code_rows)
    if (row.code == code) return row;
  return code_rows[std::size(code_rows) - 1];
}

}  // namespace

int exit_code(ErrorCode code) noexcept { return row_of(code).exit_code; }
const char* name(ErrorCode code) noexcept { return row_of(code).name; }

Error::Error(Failure failure) : Error(failure.code, {failure}) {}
Error::Error(ErrorCode code, std::vector<Failure> failures)
    : std::runtime_error(failures.at(0).message), code_(code), failures_(std::move(failures)) {}

}  // namespace flux
