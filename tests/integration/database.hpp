// A real, empty database of any kind.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "postgres_server.hpp"
#include "temp_dir.hpp"

namespace flux::testing {

class MariadbServer;

class Database {
 public:
  virtual ~Database() = default;
  virtual std::string backend() const = 0;  // "sqlite"
  // A new one of the same kind.
  virtual std::unique_ptr<Database> another() const = 0;
  virtual std::string uri() const = 0;
  // Runs SQL and returns the first value of its last result, "" where there is none.
  virtual std::string run(const std::string& sql) const = 0;
  // Everything in it but the history, as text: equal databases give equal text.
  virtual std::string dump() const = 0;
  // SQL for the values of `column` with a blank between them, by `order` (where the rows do not come in it already).
  virtual std::string joined(const std::string& column, const std::string& order) const {
    return "string_agg(" + column + ", ' ' order by " + order + ")";
  }
  // Does a rollback take back everything, DDL too?
  virtual bool takes_all_back() const { return true; }
};

// The servers that this test program's databases are on; started when first asked for. Those of MariaDB are only there
// where its backend is built.
PostgresServer& postgres();
MariadbServer& mariadb();

std::unique_ptr<Database> new_postgres();
std::unique_ptr<Database> new_sqlite();
std::unique_ptr<Database> new_mariadb();
std::unique_ptr<Database> new_mariadb_if_built();  // else null
// One of each whose rollback takes back everything, for tests that hold for both.
std::vector<std::unique_ptr<Database>> one_of_each();
// Those and the others.
std::vector<std::unique_ptr<Database>> one_of_every_kind();

}  // namespace flux::testing
