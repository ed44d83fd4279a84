// A real, empty database of either kind.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "postgres_server.hpp"
#include "temp_dir.hpp"

namespace flux::testing {

class Database {
 public:
  virtual ~Database() = default;
  virtual std::string backend() const = 0;  // "sqlite"
  virtual std::string uri() const = 0;
  // Runs SQL and returns the first value of its last result, "" where there is none.
  virtual std::string run(const std::string& sql) const = 0;
  // Everything in it but the history, as text: equal databases give equal text.
  virtual std::string dump() const = 0;
};

// The server that this test program's databases are on; started when first asked for.
PostgresServer& postgres();

std::unique_ptr<Database> new_postgres();
std::unique_ptr<Database> new_sqlite();
// One of each, for tests that hold for both.
std::vector<std::unique_ptr<Database>> one_of_each();

}  // namespace flux::testing
