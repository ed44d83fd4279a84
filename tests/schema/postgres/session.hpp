// One connection to a database of the test's own, kept open.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flux::testing {

class Session {
 public:
  // Throws std::runtime_error.
  explicit Session(const std::string& uri);

  // Statements that stand or fall together. What the server says where they fail.
  std::optional<std::string> attempt(const std::string& sql);
  // The same; throws std::runtime_error.
  void run(const std::string& sql);
  // The rows of one query.
  std::vector<std::vector<std::string>> ask(const std::string& sql);

 private:
  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

}  // namespace flux::testing
