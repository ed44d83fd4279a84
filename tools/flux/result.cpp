#include "result.hpp"

#include <algorithm>

namespace flux::cli {

Result failed(const Error& error) {
  Result result;
  result.exit_code = exit_code(error.code());
  result.failures = error.failures();
  return result;
}

std::vector<Failure> failures_of(const Status& status) {
  std::vector<Failure> failures = status.problems;
  for (const Finding& finding : status.findings) failures.push_back(failure(finding));
  return failures;
}

int failures_exit_code(const std::vector<Failure>& failures) {
  if (failures.empty()) return 0;
  const auto other = std::find_if(failures.begin(), failures.end(),
                                  [](const Failure& failure) { return failure.code != ErrorCode::interrupted; });
  return exit_code(other == failures.end() ? ErrorCode::interrupted : other->code);
}

}  // namespace flux::cli
