#include <doctest/doctest.h>

#include "long_history.hpp"
#include "project.hpp"

TEST_SUITE_BEGIN("long history");

using namespace flux::testing;

namespace {

void up_down_and_up_again(const Database& database, const std::vector<LongMigration>& history) {
  const Project project(database);
  for (const LongMigration& m : history) project.migration(m.id, m.up, m.undo);
  const std::string count = std::to_string(history.size());

  const std::string empty = database.dump();
  project.must({"apply", "--yes"});
  CHECK(database.run("select count(*) from _flux_migrations where state = 'applied'") == count);
  const std::string full = database.dump();
  CHECK(full != empty);

  project.must({"rollback", "--all", "--yes"});
  CHECK(database.run("select count(*) from _flux_migrations") == "0");
  CHECK(database.dump() == empty);

  project.must({"apply", "--yes"});
  CHECK(database.dump() == full);
  CHECK(project.must({"apply", "--yes"}).find("nothing to apply") != std::string::npos);
}

}  // namespace

TEST_CASE("300 migrations of PostgreSQL go up, all the way down, and up again") {
  up_down_and_up_again(*new_postgres(), long_postgres_history(300));
}

TEST_CASE("300 migrations of SQLite go up, all the way down, and up again") {
  up_down_and_up_again(*new_sqlite(), long_sqlite_history(300));
}

TEST_CASE("the same in a single transaction each way") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const auto history = database->backend() == "sqlite" ? long_sqlite_history(40) : long_postgres_history(60);
    const Project project(*database);
    for (const LongMigration& m : history) project.migration(m.id, m.up, m.undo);
    const std::string empty = database->dump();
    project.must({"apply", "--yes", "--single-transaction"});
    project.must({"rollback", "--all", "--yes"});
    CHECK(database->dump() == empty);
  }
}

TEST_SUITE_END();
