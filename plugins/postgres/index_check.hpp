// Indexes that a statement left behind INVALID: they are kept up to date by every write, and used by no query.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connection.hpp"
#include "statement_kind.hpp"

namespace flux::postgres {

struct InvalidIndex {
  std::string name, table;  // as they must stand in SQL, with their schemas
};

// All of the database that are not being built just now. Throws as Connection does.
std::vector<InvalidIndex> invalid_indexes(Connection& connection);

// The statement of a script that works CONCURRENTLY, and what is INVALID when it has ended. Looks names up as the
// script's session does.
class BuildCheck {
 public:
  // The first such statement of `script`; without one, nothing is checked.
  explicit BuildCheck(std::string_view script);

  // Does it wait without standing in anybody's way?
  bool patient() const { return patient_; }

  // Throws FLUX_E_SCRIPT where what a successful statement should have built is INVALID: it was skipped because of IF
  // NOT EXISTS, or REINDEX TABLE passed it over.
  void after_success(Connection& connection) const;
  // Names in `error`, by which the statement failed, the indexes that are INVALID now. Where they cannot be found out
  // it stays as it is.
  void after_failure(Connection& connection, BackendError& error) const noexcept;

 private:
  std::vector<InvalidIndex> on_the_same(Connection& connection) const;

  bool patient_ = false;
  ConcurrentBuild build_;
  std::string index_, on_;
  std::int64_t statement_ = 0, offset_ = 0;
};

// A statement that builds concurrently stands in nobody's way while it waits, and leaves an INVALID index where it
// gives up: while this lives, it waits without end. A lock_timeout that the script itself has set stays.
class PatientBuild {
 public:
  // `patient`: there is such a statement; `lock_timeout_ms`: what the session was given.
  PatientBuild(Connection& connection, bool patient, std::int64_t lock_timeout_ms);
  ~PatientBuild();
  PatientBuild(const PatientBuild&) = delete;
  PatientBuild& operator=(const PatientBuild&) = delete;

 private:
  Connection& connection_;
  std::string undo_;  // "": nothing to be undone
};

}  // namespace flux::postgres
