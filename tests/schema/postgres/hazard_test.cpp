// What the rows may not allow is said before.
#include <algorithm>

#include "database.hpp"

using namespace flux;
using namespace flux::testing;

namespace {

struct Change {
  std::string before, after, rows;
};

// Each fails, as the rows are.
const Change changes[] = {
    {"CREATE DOMAIN d AS integer NOT NULL; CREATE TABLE t (a integer)",
     "CREATE DOMAIN d AS integer NOT NULL; CREATE TABLE t (a integer, b d)", "INSERT INTO t VALUES (1)"},
    {"CREATE DOMAIN d AS integer CHECK (VALUE > 5); CREATE TABLE t (a integer)",
     "CREATE DOMAIN d AS integer CHECK (VALUE > 5); CREATE TABLE t (a integer, b d DEFAULT 1)",
     "INSERT INTO t VALUES (1)"},
    {"CREATE TABLE t (a integer)", "CREATE TABLE t (a integer, b integer GENERATED ALWAYS AS (10 / a) STORED)",
     "INSERT INTO t VALUES (0)"},
    {"CREATE TABLE t (a integer)", "CREATE TABLE t (a integer, b integer GENERATED ALWAYS AS (a) STORED NOT NULL)",
     "INSERT INTO t VALUES (NULL)"},
};

}  // namespace

TEST_SUITE("postgres hazards") {
  TEST_CASE("a step that fails has said that it may") {
    for (const Change& change : changes) {
      CAPTURE(change.after);
      Database database, wanted;
      database.run(change.before);
      wanted.run(change.after);
      const auto steps = plan(database.inspect(), wanted.inspect());
      database.run(change.rows);
      const auto failing = std::find_if(steps.begin(), steps.end(), [&](const PlannedStep& step) {
        try {
          database.run(step.step.sql);
          return false;
        } catch (const std::exception&) {
          return true;
        }
      });
      REQUIRE(failing != steps.end());
      CHECK((failing->step.hazards & FLUX_HAZARD_MAY_FAIL) != 0);
      CHECK(failing->step.remark.find("fails where") != std::string::npos);
    }
  }
}
