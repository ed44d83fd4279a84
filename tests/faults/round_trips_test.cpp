// How often flux waits for the server: each round trip of a run is one of those that are named here.
#include "proxy.hpp"
#include "scene.hpp"

using namespace flux::testing;

namespace {

// Counts the times that the server says that it has answered all it was asked and waits: a client that waits for it waits
// for that.
class RoundTrips {
 public:
  Fault note(const Message& message) {
    if (message.from == From::server && message.type == 'Z') ++count_;
    return {};
  }
  int count() const { return count_; }

 private:
  int count_ = 0;
};

struct Counted : PostgresScene {
  Counted() : PostgresScene("batch = true") {}

  // The round trips of a run that ends well.
  int run(const std::vector<std::string>& arguments) {
    RoundTrips trips;
    Proxy proxy(postgres().port(), [&](const Message& message) { return trips.note(message); });
    std::vector<std::string> all = arguments;
    all.insert(all.begin() + 1, proxy.uri(name()));
    const auto flux = start_flux(project, all);
    const int code = flux->wait();
    CAPTURE(flux->text());
    CHECK(code == 0);
    return trips.count();
  }
  void write(int first, int count) const {
    for (int i = first; i < first + count; ++i) {
      const std::string id = std::to_string(1000 + i);
      project.migration(id, "create table t" + id + " (a int);\ninsert into t" + id + " values (1);\n", "drop table t" + id + ";\n");
    }
  }
};

// Of each connection: the startup packet, with authentication by trust.
constexpr int connecting = 1;
// Who we are and whether there is a history.
constexpr int looking = 1;
// The rows of the history; where there is none, whether there is one by now.
constexpr int reading = 1;
// The second connection, and on it the lock together with all that belongs to it. Meanwhile the first one asks what there
// is of the history table and of event triggers.
constexpr int locking = connecting + 1 + 1;
// The same under the lock.
constexpr int reading_again = 1;
// All migrations.
constexpr int batch = 1;
constexpr int unlocking = 1;
constexpr int whole_run = connecting + looking + reading + locking + reading_again + batch + unlocking;
// BEGIN, the lock of the table, a look at what there is of it, its creation, COMMIT.
constexpr int creating_history = 5;
// Behind scripts that may have changed the session: DISCARD ALL, and what a fresh session begins with.
constexpr int refreshing = 2;

}  // namespace

TEST_SUITE_BEGIN("round trips");

TEST_CASE("flux waits for the server a fixed number of times, however much there is to do") {
  Counted scene;
  CHECK(scene.run({"status"}) == connecting + looking + reading);
  scene.write(1, 1);
  CHECK(scene.run({"apply", "--yes"}) == whole_run + creating_history);
  CHECK(scene.run({"status"}) == connecting + looking + reading);
  CHECK(scene.run({"apply", "--yes"}) == connecting + looking + reading);
  scene.write(2, 1);
  CHECK(scene.run({"apply", "--yes"}) == whole_run);
  scene.write(3, 98);
  CHECK(scene.run({"apply", "--yes"}) == whole_run);
  CHECK(scene.run({"rollback", "--all", "--yes"}) == whole_run);
  CHECK(scene.run({"apply", "--yes", "--single-transaction"}) == whole_run + 2);  // BEGIN and COMMIT
  scene.write(101, 1900);
  CHECK(scene.run({"apply", "--yes"}) == whole_run + batch + refreshing);  // in two batches
}

TEST_SUITE_END();
