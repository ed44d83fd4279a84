// Rows 14 and 42: DDL and those who use the table meanwhile.
#include <thread>

#include "scene.hpp"

using namespace flux::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::string psql() { return (postgres().programs() / "psql").string(); }

// Someone who reads the table "busy" in one long transaction.
std::unique_ptr<Child> reader(const PostgresScene& scene, int for_seconds) {
  auto out = std::make_unique<Child>(std::vector<std::string>{
      psql(), scene.database->uri() + "?application_name=report", "-qc",
      "begin; select * from busy; select pg_sleep(" + std::to_string(for_seconds) + "); commit"});
  REQUIRE(eventually([&] { return sessions_with(*scene.database, "pg_sleep") == 1; }));
  return out;
}

// The longest time that others had to wait for a look at the table while `flux` ran.
milliseconds longest_stall(const PostgresScene& scene, Child& flux) {
  milliseconds longest{0};
  while (flux.running()) {
    const auto start = std::chrono::steady_clock::now();
    scene.run("select count(*) from busy");
    longest = std::max(longest, std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start));
    std::this_thread::sleep_for(milliseconds(5));
  }
  return longest;
}

}  // namespace

TEST_SUITE_BEGIN("lock waits");

TEST_CASE("row 42: DDL behind a reader of five seconds gives way, tries again and says who is in the way") {
  PostgresScene scene;
  scene.run("create table busy (a int)");
  const auto busy = reader(scene, 5);
  scene.project.write("01.sql", "-- flux: lock-timeout=300ms\nalter table busy add column b int;\n");
  const auto flux = start_flux(scene.project, {"apply", "--yes"});
  const milliseconds stall = longest_stall(scene, *flux);
  CHECK(flux->wait() == 0);
  CAPTURE(flux->err());
  MESSAGE("others waited at most " << stall.count() << " ms, with a lock timeout of 300 ms");
  CHECK(stall <= milliseconds(900));
  CHECK(contains(flux->err(), "pid"));
  CHECK(contains(flux->err(), "report"));
  CHECK(history_of(*scene.database) == "01");
}

TEST_CASE("row 42: without a directive the lock timeout is two seconds, and the retries come to an end") {
  PostgresScene scene;
  scene.run("create table busy (a int)");
  const auto busy = reader(scene, 300);
  scene.project.write("01.sql", "create table early (a int);\nalter table busy add column b int;\n");
  const auto start = std::chrono::steady_clock::now();
  const auto flux = start_flux(scene.project, {"apply", "--yes"});
  // The first try ends after its two seconds.
  const bool told = eventually([&] { return contains(flux->err(), "report"); }, seconds(6));
  CAPTURE(flux->err());
  CHECK(told);
  CHECK(std::chrono::steady_clock::now() - start >= milliseconds(1500));
  end_sessions(*scene.database);  // the report, and perhaps flux in its wait
  flux->wait();
  scene.project.must({"apply", "--yes"});
  CHECK(history_of(*scene.database) == "01");
}

TEST_CASE("row 14: CREATE INDEX CONCURRENTLY failed once and is rerun with IF NOT EXISTS") {
  PostgresScene scene;
  scene.run("create table people (mail text); insert into people values ('a'), ('a')");
  scene.project.write("01.sql",
                      "-- flux: no-transaction\ncreate unique index concurrently people_mail on people (mail);\n");
  const ProcessResult first = scene.project.flux({"apply", "--yes"});
  CAPTURE(first.err);
  CHECK((first.exit_code == 1 || first.exit_code == 7));
  CHECK(scene.run("select indisvalid from pg_index where indexrelid = 'people_mail'::regclass") == "f");

  scene.project.write(
      "01.sql",
      "-- flux: no-transaction\ncreate unique index concurrently if not exists people_mail on people (mail);\n");
  const ProcessResult second = scene.project.flux({"apply", "--yes"});
  CAPTURE(second.err);
  CHECK(second.exit_code == 7);
  CHECK(contains(second.out + second.err, "people_mail"));
  // What the server takes for a success is none.
  const ProcessResult resumed = scene.project.flux({"resolve", "01", "--resume", "--yes"});
  CAPTURE(resumed.err);
  CHECK(resumed.exit_code != 0);
  CHECK(contains(resumed.out + resumed.err, "people_mail"));
  CHECK(history_of(*scene.database) == "");

  scene.run("drop index people_mail; delete from people");
  const ProcessResult mended = scene.project.flux({"resolve", "01", "--resume", "--yes"});
  CAPTURE(mended.err);
  CHECK(mended.exit_code == 0);
  CHECK(history_of(*scene.database) == "01");
  CHECK(scene.run("select indisvalid from pg_index where indexrelid = 'people_mail'::regclass") == "t");
}

TEST_CASE("row 14: an INVALID index of someone else is not taken for the migration's") {
  PostgresScene scene;
  scene.run("create table people (mail text); insert into people values ('a'), ('a')");
  CHECK_THROWS(scene.run("create unique index concurrently people_mail on people (mail)"));
  scene.project.write(
      "01.sql",
      "-- flux: no-transaction\ncreate unique index concurrently if not exists people_mail on people (mail);\n");
  const ProcessResult result = scene.project.flux({"apply", "--yes"});
  CAPTURE(result.err);
  CHECK(result.exit_code != 0);
  CHECK(contains(result.out + result.err, "people_mail"));
  CHECK(history_of(*scene.database) == "");
}

TEST_SUITE_END();
