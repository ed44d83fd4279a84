// Rows 6 to 9: the link between flux and the server fails, or falls silent.
#include <future>

#include "proxy.hpp"
#include "scene.hpp"

using namespace flux::testing;
using std::chrono::seconds;

namespace {

// The traffic from the script of the second migration on, which holds the word "marker".
class Second {
 public:
  bool is(const Message& message) {
    if (message.is_query_with("marker")) connection_ = message.connection;
    return message.connection == connection_;
  }

 private:
  int connection_ = 0;
};

// Three migrations, the first one applied; faults go into the second.
struct Cut : PostgresScene {
  Cut() {
    project.write("01.sql", "create table a (x int);\n");
    project.write("02.sql", "create table b (x int /* marker */);\ninsert into b values (1);\n");
    project.write("03.sql", "create table c (x int);\n");
    project.must({"apply", "1", "--yes"});  // what is sent together with it could be cut with it
  }
  // Runs flux apply through a proxy; `decide` gets the messages of the second migration.
  void apply(std::function<Fault(const Message&)> decide) {
    Second second;
    Proxy proxy(postgres().port(), [&](const Message& message) { return second.is(message) ? decide(message) : Fault(); });
    flux = start_flux(project, {"apply", proxy.uri(name()), "--yes"});
    code = flux->wait();
    messages = proxy.log();
  }
  bool applied() const { return history_of(*database) == "01 02 03"; }
  void check_t0() const {
    REQUIRE(alone(*database));
    CHECK(history_of(*database) == "01");
    CHECK_FALSE(has_relation(*database, "b"));
  }
  void check_next_run() const {
    CHECK_NOTHROW(project.must({"apply", "--yes"}));
    CHECK(applied());
    CHECK(run("select count(*) from b") == "1");
  }

  std::unique_ptr<Child> flux;
  int code = -1;
  std::string messages;
};

// Statements that put the session in order may stand before it, in the same message.
bool is_commit(const Message& message) { return message.is_query_with("COMMIT"); }

// Makes the COMMIT of its transaction take two seconds: a trigger that is put off runs then.
constexpr const char* slow_commit =
    "create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(2); return null; end $$;\n"
    "create constraint trigger later after insert on b deferrable initially deferred for each row execute function "
    "slow();\n"
    "insert into b values (1);\n";

Fault when(bool is, Fault::Deed deed, bool pass_first = false) {
  Fault fault;
  if (is) fault.deed = deed, fault.pass_first = pass_first;
  return fault;
}

}  // namespace

TEST_SUITE_BEGIN("connection");

TEST_CASE("row 6: the link is cut in the middle of a statement") {
  for (const Fault::Deed deed : {Fault::Deed::cut, Fault::Deed::hang_up}) {
    Cut scene;
    scene.project.write("02.sql",
                        "create table b (x int); insert into b values (1);\n"
                        "select /* marker */ pg_sleep(case when exists (select from gate) then 0 else 60 end);\n");
    scene.run("create table gate (open int)");
    scene.apply([deed](const Message& message) { return when(message.is_query_with("marker"), deed, true); });
    CAPTURE(scene.flux->text());
    CHECK(scene.code == 5);
    scene.check_t0();
    scene.run("insert into gate values (1)");
    scene.check_next_run();
  }
}

TEST_CASE("row 7: the link is cut before COMMIT") {
  Cut scene;
  scene.apply([](const Message& message) { return when(is_commit(message), Fault::Deed::cut); });
  CAPTURE(scene.flux->text());
  CAPTURE(scene.messages);
  CHECK(scene.code == 5);
  CHECK(contains(scene.flux->text(), "02"));
  scene.check_t0();
  scene.check_next_run();
}

TEST_CASE("row 7: the link is cut before the history write") {
  Cut scene;
  scene.apply([](const Message& message) { return when(message.is_query_with("_flux_migrations"), Fault::Deed::cut); });
  CAPTURE(scene.flux->text());
  CAPTURE(scene.messages);
  CHECK(scene.code == 5);
  scene.check_t0();
  scene.check_next_run();
}

TEST_CASE("row 8: COMMIT done, its answer lost") {
  for (const Fault::Deed deed : {Fault::Deed::cut, Fault::Deed::hang_up, Fault::Deed::cut_client}) {
    Cut scene;
    scene.apply([deed](const Message& message) { return when(message.is_done("COMMIT"), deed); });
    CAPTURE(scene.flux->text());
    CAPTURE(scene.messages);
    CHECK(scene.code == 0);
    CHECK(contains(scene.flux->text(), "commit confirmed"));
    CHECK(scene.applied());
    CHECK(scene.run("select count(*) from b") == "1");
  }
}

TEST_CASE("row 8: cut while the server works on COMMIT") {
  Cut scene;
  scene.project.write("02.sql", std::string("create table b (x int /* marker */);\n") + slow_commit);
  scene.apply([](const Message& message) { return when(is_commit(message), Fault::Deed::cut, true); });
  CAPTURE(scene.flux->text());
  // The server notices the cut before it is done, or not: what flux says must be what is.
  if (scene.code == 0) {
    CHECK(scene.applied());
    CHECK(contains(scene.flux->text(), "commit confirmed"));
  } else {
    CHECK(scene.code == 5);
    scene.check_t0();
    scene.check_next_run();
  }
}

TEST_CASE("row 8: what was sent ahead over a link that is lost is done once, and is what flux says") {
  constexpr int count = 400;
  PostgresScene scene;
  for (int i = 1000; i < 1000 + count; ++i)
    scene.project.write(std::to_string(i) + ".sql", "create table t" + std::to_string(i) + " (a int);\n");
  int commits = 0;
  // The server does not learn of it, and goes on with what it has.
  Proxy proxy(postgres().port(), [&](const Message& message) {
    return when(message.is_done("COMMIT") && ++commits == 20, Fault::Deed::cut_client);
  });
  const auto flux = start_flux(scene.project, {"apply", proxy.uri(scene.name()), "--yes"});
  const int code = flux->wait();
  CAPTURE(flux->text());
  CHECK(code == 0);
  CHECK(contains(flux->text(), "commit confirmed"));
  CHECK(scene.run("select count(*) from _flux_migrations") == std::to_string(count));
  CHECK(scene.run("select count(*) from pg_class where relname ~ '^t1...$' and relkind = 'r'") == std::to_string(count));
}

TEST_CASE("row 8: a COMMIT that takes seconds is waited for, and what follows runs") {
  Cut scene;
  scene.project.write("02.sql", std::string("create table b (x int /* marker */);\n") + slow_commit);
  scene.apply([](const Message&) { return Fault(); });
  CAPTURE(scene.flux->text());
  CHECK(scene.code == 0);
  CHECK(scene.applied());
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("silence");

namespace {

// What one fault led to. Kept, and judged by the thread of the test.
struct Silence {
  std::string name;
  Cut scene;
  std::function<Fault(const Message&)> decide;
  std::chrono::milliseconds took{0};
};

}  // namespace

TEST_CASE("row 9: silence at COMMIT") {
  Silence answer{"the answer is swallowed", {}, {}}, question{"COMMIT is swallowed", {}, {}},
      dark{"nobody answers any more", {}, {}};
  answer.decide = [](const Message& message) { return when(message.is_done("COMMIT"), Fault::Deed::swallow); };
  question.decide = [](const Message& message) { return when(is_commit(message), Fault::Deed::swallow); };
  // Whatever is sent after COMMIT, also on other connections, is swallowed.
  dark.decide = [](const Message& message) { return when(message.is_done("COMMIT"), Fault::Deed::swallow); };
  std::vector<std::future<void>> runs;
  for (Silence* silence : {&answer, &question, &dark})
    runs.push_back(std::async(std::launch::async, [silence, &dark] {
      const auto start = std::chrono::steady_clock::now();
      bool committed = false;
      Second second;
      Proxy proxy(postgres().port(), [&](const Message& message) {
        const Fault fault = second.is(message) ? silence->decide(message) : Fault();
        committed = committed || fault.deed == Fault::Deed::swallow;
        return silence == &dark && committed ? when(true, Fault::Deed::swallow) : fault;
      });
      silence->scene.flux = start_flux(silence->scene.project, {"apply", proxy.uri(silence->scene.name()), "--yes"});
      silence->scene.code = silence->scene.flux->wait(seconds(200));
      silence->took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
    }));
  for (auto& run : runs) run.get();

  for (const Silence* silence : {&answer, &question, &dark}) {
    CAPTURE(silence->name);
    CAPTURE(silence->scene.flux->text());
    MESSAGE(silence->name << ": exit " << silence->scene.code << " after " << silence->took.count() << " ms");
    CHECK(silence->took >= seconds(20));  // a slow COMMIT is no lost one
    CHECK(silence->took <= seconds(90 + 90));
    REQUIRE(alone(*silence->scene.database));
  }
  CHECK(answer.scene.code == 0);
  CHECK(contains(answer.scene.flux->text(), "commit confirmed"));
  CHECK(answer.scene.applied());
  // Whether it never arrives can be known only where the server tells that its transaction has ended.
  CHECK((question.scene.code == 5 || question.scene.code == 6));
  question.scene.check_t0();
  question.scene.check_next_run();
  CHECK(dark.scene.code == 6);
  CHECK(contains(dark.scene.flux->text(), "unknown"));
  CHECK(contains(history_of(*dark.scene.database), "01 02"));  // and perhaps what was sent behind it
  dark.scene.check_next_run();
}

TEST_SUITE_END();
