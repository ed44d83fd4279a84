#include <chrono>
#include <thread>

#include "fixture.hpp"

using namespace flux::testing;
using Clock = std::chrono::steady_clock;

namespace {

// What `text` fails with when it is cancelled after a while, and how long that took.
std::pair<Failure, Clock::duration> cancelled(Client& client, const std::string& text) {
  Clock::time_point asked;
  std::thread stop([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    asked = Clock::now();
    client.cancel();
  });
  try {
    client.apply(text);
  } catch (const Failure& failure) {
    const Clock::duration took = Clock::now() - asked;
    stop.join();
    return {failure, took};
  }
  stop.join();
  throw std::runtime_error("it was not cancelled: " + text);
}

}  // namespace

TEST_SUITE("mariadb cancel") {
  TEST_CASE("ends what is running within two seconds, and the connection lives on") {
    Initialized client;
    client.run("create table t (a int); insert into t select seq from seq_1_to_3000");
    for (const std::string text : {"do sleep(60)", "select sleep(60)", "insert into t select sleep(0.05) from t x",
                                   "select count(*) from t a, t b, t c, t d where a.a + b.a + c.a + d.a < 0",
                                   "begin not atomic while 1 do set @x = 1; end while; end"}) {
      CAPTURE(text);
      const auto [failure, took] = cancelled(client, text);
      CHECK(failure.code == FLUX_E_CANCELLED);
      CHECK(took < std::chrono::seconds(2));
      client.apply("select 1");
    }
    CHECK(client.run("select count(*) from t") == "3000");
  }

  TEST_CASE("does nothing while nothing runs") {
    Initialized client;
    for (int i = 0; i < 50; ++i) {
      client.cancel();
      client.apply("select 1");
    }
  }

  TEST_CASE("hits the call that runs and no later one") {
    Initialized client;
    int ended = 0;
    for (int i = 0; i < 200; ++i) {
      std::thread stop([&] {
        std::this_thread::sleep_for(std::chrono::microseconds(i * 20));
        client.cancel();
      });
      client.begin();
      try {
        client.apply("do sleep(0.002)");
      } catch (const Failure& failure) {
        CHECK(failure.code == FLUX_E_CANCELLED);
        ++ended;
      }
      stop.join();
      client.rollback();
      CHECK_NOTHROW(client.list_history());
    }
    MESSAGE("cancelled: " << ended << " of 200");
  }

  TEST_CASE("what a wish of the host ends is ended without cancel") {
    Initialized client;
    std::thread stop([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      client.request_cancel();
    });
    const Failure failure = failure_of([&] { client.apply("do sleep(60)"); });
    stop.join();
    CHECK(failure.code == FLUX_E_CANCELLED);
  }
}
