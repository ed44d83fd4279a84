#include <chrono>
#include <thread>

#include "fixture.hpp"

using namespace flux::testing;

namespace {

// A session of another user that holds what `sql` takes until it is destroyed.
class Other {
 public:
  Other(const Database& database, const std::string& sql) : client_() {
    client_.connect(database.uri);
    client_.begin();
    client_.apply(sql);
  }
  ~Other() { client_.rollback(); }

 private:
  Client client_;
};

}  // namespace

TEST_SUITE("mariadb busy") {
  TEST_CASE("a lock that is taken is waited for as long as was said, and who has it is told") {
    Initialized client;
    client.run("create table t (a int primary key); insert into t values (1)");
    client.lock(1000);
    const Other other(client, "update t set a = 2");
    for (const std::string text : {"select 1; alter table t add b int", "update t set a = 3"}) {
      CAPTURE(text);
      const auto start = std::chrono::steady_clock::now();
      const Failure failure = failure_of([&] { client.apply(text, "01", {0, 900, -1}); });
      CHECK(failure.code == FLUX_E_BUSY);
      CHECK(failure.detail.find("in a transaction since") != std::string::npos);
      CHECK(failure.statement_index == (text[0] == 's' ? 1 : 0));
      CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(8));
    }
  }

  TEST_CASE("a statement runs as long as was said") {
    Initialized client;
    const Failure failure = failure_of([&] { client.apply("select sleep(60)", "01", {0, -1, 300}); });
    CHECK(failure.code == FLUX_E_SCRIPT);
    CHECK(failure.hint.find("statement-timeout") != std::string::npos);
    client.apply("select sleep(0.5)");
  }

  TEST_CASE("a deadlock is busy") {
    Initialized client;
    client.run("create table t (a int primary key); insert into t values (1), (2)");
    Client other;
    other.connect(client.uri);
    client.begin();
    other.begin();
    client.apply("update t set a = a where a = 1");
    other.apply("update t set a = a where a = 2; insert into t select seq from seq_10_to_500");
    std::thread wait([&] {
      try {
        other.apply("update t set a = a where a = 1");
      } catch (const Failure& failure) {
        CHECK(failure.code == FLUX_E_BUSY);
      }
      other.rollback();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    try {
      client.apply("update t set a = a where a = 2");
    } catch (const Failure& failure) {
      CHECK(failure.code == FLUX_E_BUSY);
    }
    client.rollback();
    wait.join();
  }
}
