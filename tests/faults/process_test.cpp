// Rows 1 to 5: the flux process ends, or is told to end, while the server works for it.
#include <csignal>

#include "proxy.hpp"
#include "scene.hpp"

using namespace flux::testing;
using std::chrono::seconds;

namespace {

// A statement that sleeps for a minute, unless the table "gate" has a row.
constexpr const char* sleeps = "select pg_sleep(case when exists (select from gate) then 0 else 60 end);\n";

// A first migration that is quick and a second one that sleeps in its middle; flux has come to the sleep.
struct Sleeping : PostgresScene {
  explicit Sleeping(const std::string& uri = "") {
    run("create table gate (open int)");
    project.write("01.sql", "create table a (x int);\n");
    project.write("02.sql", std::string("create table b (x int);\n") + sleeps + "insert into b values (1);\n");
    project.write("03.sql", "create table c (x int);\n");
    flux = start_flux(project, uri.empty() ? std::vector<std::string>{"apply", "--yes"}
                                           : std::vector<std::string>{"apply", uri, "--yes"});
    REQUIRE(eventually([&] { return sleeping() == 1; }));
  }
  int sleeping() const { return sessions_with(*database, "pg_sleep"); }
  void check_t0() const {
    CHECK(history_of(*database) == "01");
    CHECK_FALSE(has_relation(*database, "b"));
  }
  // Nothing but the fault is in the way, so the next run does the rest.
  void check_next_run() const {
    run("insert into gate values (1)");
    CHECK_NOTHROW(project.must({"apply", "--yes"}));
    CHECK(history_of(*database) == "01 02 03");
    CHECK(run("select count(*) from b") == "1");
  }

  std::unique_ptr<Child> flux;
};

}  // namespace

TEST_SUITE_BEGIN("process");

TEST_CASE("row 1: kill -9 inside a transactional migration") {
  const Sleeping scene;
  scene.flux->signal(SIGKILL);
  CHECK(scene.flux->wait() == 128 + SIGKILL);
  scene.check_t0();
  scene.check_next_run();  // waits for what is left at the server
}

TEST_CASE("row 2: the statement of a killed run stops at the server") {
  const Sleeping scene;
  scene.flux->signal(SIGKILL);
  scene.flux->wait();
  CHECK(eventually([&] { return scene.sleeping() == 0; }, seconds(6)));
  CHECK(alone(*scene.database));
  scene.check_t0();
}

TEST_CASE("rows 3 and 4: SIGINT and SIGTERM during a statement") {
  for (const int signal : {SIGINT, SIGTERM}) {
    CAPTURE(signal);
    const Sleeping scene;
    scene.flux->signal(signal);
    CHECK(eventually([&] { return scene.sleeping() == 0; }, seconds(3)));
    CHECK(scene.flux->wait() == 128 + signal);
    CAPTURE(scene.flux->err());
    CHECK(contains(scene.flux->err(), "02"));
    scene.check_t0();
    scene.check_next_run();
  }
}

TEST_CASE("rows 3 and 4: a signal stops SQLite in its statement, too") {
  for (const int signal : {SIGINT, SIGTERM}) {
    CAPTURE(signal);
    const auto database = new_sqlite();
    const Project project(*database);
    project.write("01.sql", "create table a (x int);");
    // Started, and for longer than any test takes; the file that it waits for does not end it.
    project.write(
        "02.sql",
        "create table b as with recursive n(x) as (select 1 union all select x + 1 from n) select max(x) from n;");
    const auto flux = start_flux(project, {"apply", "--yes"});
    REQUIRE(eventually([&] { return history_of(*database) == "01"; }));
    flux->signal(signal);
    CHECK(flux->wait(seconds(10)) == 128 + signal);
    CHECK(history_of(*database) == "01");
    CHECK_FALSE(has_relation(*database, "b"));
    project.write("02.sql", "create table b (x int);");
    CHECK_NOTHROW(project.must({"apply", "--yes"}));
  }
}

TEST_CASE("rows 3 and 4: a second signal ends a run that cannot be cancelled") {
  PostgresScene scene;
  scene.project.write("01.sql", "select 'marker';");
  Proxy proxy(postgres().port(), [](const Message& message) {
    Fault fault;
    if (message.is_query_with("marker") || message.text == "cancel") fault.deed = Fault::Deed::swallow;
    return fault;
  });
  const auto flux = start_flux(scene.project, {"apply", proxy.uri(scene.name()), "--yes"});
  REQUIRE(eventually([&] { return contains(proxy.log(), "marker"); }));
  flux->signal(SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  flux->signal(SIGINT);
  CHECK(flux->wait(seconds(6)) == 128 + SIGINT);
}

TEST_CASE("rows 3 and 4: nothing is cancelled once COMMIT was sent") {
  PostgresScene scene;
  scene.project.write("01.sql", "select 'marker';");
  int at = 0;
  const Child* running = nullptr;
  std::mutex started;
  std::unique_lock starting(started);
  Proxy proxy(postgres().port(), [&](const Message& message) {
    const std::lock_guard lock(started);
    Fault fault;
    if (message.is_query_with("marker")) at = message.connection;
    if (message.connection != at || !message.is_done("COMMIT")) return fault;
    running->signal(SIGINT);
    fault.delay = std::chrono::milliseconds(500);
    return fault;
  });
  const auto flux = start_flux(scene.project, {"apply", proxy.uri(scene.name()), "--yes"});
  running = flux.get();
  starting.unlock();
  const int code = flux->wait();
  CAPTURE(flux->text());
  CHECK((code == 0 || code == 130));
  CHECK(history_of(*scene.database) == "01");
  CHECK(contains(flux->text(), "01"));
}

TEST_CASE("row 5: kill -9 inside a no-transaction migration") {
  PostgresScene scene;
  scene.run("create table gate (open int); create table journal (what int)");
  scene.project.write("01.sql", std::string("-- flux: no-transaction\ninsert into journal values (1);\n") + sleeps +
                                    "insert into journal values (3);\n");
  scene.project.write("02.sql", "insert into journal values (4);\n");
  const auto flux = start_flux(scene.project, {"apply", "--yes"});
  REQUIRE(eventually([&] { return sessions_with(*scene.database, "pg_sleep") == 1; }));
  flux->signal(SIGKILL);
  flux->wait();
  REQUIRE(alone(*scene.database));
  CHECK(scene.run("select string_agg(what::text, ' ' order by what) from journal") == "1");

  std::string text;
  CHECK_NOTHROW(text = scene.project.must({"apply", "--yes"}, 7));
  CAPTURE(text);
  CHECK(contains(text, "statement 2 of 3"));
  CHECK(contains(text, "flux resolve 01"));
  scene.run("insert into gate values (1)");
  CHECK_NOTHROW(scene.project.must({"resolve", "01", "--resume", "--yes"}));
  CHECK_NOTHROW(scene.project.must({"apply", "--yes"}));
  CHECK(scene.run("select string_agg(what::text, ' ' order by what) from journal") == "1 3 4");
  CHECK(history_of(*scene.database) == "01 02");
}

TEST_CASE("row 5: a statement in doubt runs again only if the user says so") {
  PostgresScene scene;
  scene.run("create table big (x int); create table journal (what int)");
  scene.project.write("01.sql",
                      "-- flux: no-transaction\ninsert into journal values (1);\n"
                      "create index concurrently big_x on big (x);\ninsert into journal values (3);\n");
  // Whoever has written to the table is waited for.
  const auto holder = std::make_unique<Child>(
      std::vector<std::string>{(postgres().programs() / "psql").string(), scene.database->uri(), "-qc",
                               "begin; insert into big values (1); select pg_sleep(120); commit"});
  REQUIRE(eventually([&] { return sessions_with(*scene.database, "pg_sleep") == 1; }));
  const auto flux = start_flux(scene.project, {"apply", "--yes"});
  REQUIRE(eventually([&] { return sessions_with(*scene.database, "index concurrently") == 1; }));
  flux->signal(SIGKILL);
  flux->wait();
  end_sessions(*scene.database);
  holder->wait();

  std::string text;
  CHECK_NOTHROW(text = scene.project.must({"apply", "--yes"}, 7));
  CAPTURE(text);
  CHECK(contains(text, "statement 2 of 3"));
  CHECK(scene.project.flux({"resolve", "01", "--resume", "--yes"}).exit_code != 0);
  CHECK(scene.run("select count(*) from journal") == "1");
  scene.run("drop index if exists big_x");
  CHECK_NOTHROW(scene.project.must({"resolve", "01", "--resume", "--statement-redo", "--yes"}));
  CHECK(scene.run("select indisvalid from pg_index where indexrelid = 'big_x'::regclass") == "t");
  CHECK(scene.run("select string_agg(what::text, ' ' order by what) from journal") == "1 3");
  CHECK(history_of(*scene.database) == "01");
}

TEST_SUITE_END();
