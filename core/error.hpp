// What goes wrong, as a value (Failure) and as the one exception of this library (Error).
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace flux {

// The kinds of failure, and with them the exit code of a command (exit_code).
enum class ErrorCode {
  usage,            // the command line
  config,           // flux.toml or the environment
  backend,          // a backend that cannot be loaded or does not do what is asked
  directory,        // the migration directory is unreadable or wrong
  history,          // the directory and the history are at odds
  script,           // a statement of a script failed; it was rolled back
  lock_timeout,     // the migration lock was not obtained in time
  connection,       // no connection, or it was lost and nothing was applied by it
  outcome_unknown,  // the connection was lost during COMMIT
  interrupted,      // a non-transactional migration stopped half way and needs `flux resolve`
  cancelled,        // the user asked to stop
  internal,         // a bug
};

// The exit code that a command ends with: design of the command line, README.md "Exit codes".
int exit_code(ErrorCode code) noexcept;
// The code's name as it stands in JSON: "lock_timeout".
const char* name(ErrorCode code) noexcept;

// A place in a file that a person can go to.
struct SourcePosition {
  std::string file;       // as the user would name it
  int line = 0;           // from 1; 0: the whole file
  int column = 0;         // in characters from 1; 0: the whole line
  std::string line_text;  // that line; empty where it is not known
};

// One thing that is wrong. `message` is a sentence without a final full stop; nothing in it is secret.
struct Failure {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string migration_id = {};  // empty: it concerns no single migration
  std::optional<SourcePosition> where = {};
  std::string detail = {};    // more about it, as the database said it
  std::string hint = {};      // what to do next
  std::string sqlstate = {};  // the database's own code
  bool retryable = false;     // somebody else was in the way: the same can succeed later
};

// Thrown when a command cannot go on. Holds every problem that was found, at least one.
class Error : public std::runtime_error {
 public:
  explicit Error(Failure failure);
  // `failures` is not empty. The exit code is that of `code`.
  Error(ErrorCode code, std::vector<Failure> failures);

  ErrorCode code() const noexcept { return code_; }
  const std::vector<Failure>& failures() const noexcept { return failures_; }

 private:
  ErrorCode code_;
  std::vector<Failure> failures_;
};

}  // namespace flux
