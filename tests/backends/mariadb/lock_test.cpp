#include <chrono>
#include <functional>
#include <thread>

#include "fixture.hpp"

using namespace flux::testing;

namespace {

bool eventually(const std::function<bool()>& is) {
  for (int i = 0; i < 1000; ++i) {
    if (is()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

// The session that holds the lock, as describe_lock() says.
std::string holder_id(Client& client) {
  const std::string text = client.describe_lock();
  const std::size_t at = text.find(' ') + 1;
  return text.substr(at, text.find(' ', at) - at);
}

}  // namespace

TEST_SUITE("mariadb lock") {
  TEST_CASE("keeps another run out, names its holder, and is free again") {
    Initialized holder;
    Client other;
    other.connect(holder.uri);
    holder.lock(1000);
    CHECK(failure_of([&] { holder.lock(0); }).code == FLUX_E_STATE);
    const Failure failure = failure_of([&] { other.lock(200); });
    CHECK(failure.code == FLUX_E_LOCKED);
    CHECK(failure.message.find("user \"root\"") != std::string::npos);
    CHECK(other.describe_lock() == holder.describe_lock());
    holder.unlock();
    CHECK(failure_of([&] { holder.unlock(); }).code == FLUX_E_STATE);
    CHECK(other.describe_lock().empty());
    other.lock(1000);
    other.disconnect();
    holder.lock(5000);
  }

  TEST_CASE("is one per database, table and name") {
    const Database a, b;
    Client one, two, table({{"migrations_table", std::string("other")}}),
        named({{"migrations_lock_name", std::string("mine")}}), same({{"migrations_lock_name", std::string("mine")}});
    one.connect(a.uri);
    two.connect(b.uri);
    table.connect(a.uri);
    named.connect(a.uri);
    same.connect(b.uri);
    for (Client* client : {&one, &two, &table, &named}) client->lock(1000);
    CHECK(failure_of([&] { same.lock(100); }).code == FLUX_E_LOCKED);
  }

  TEST_CASE("names that are too long for the server are told apart") {
    const std::string start(60, 'a');
    Client one({{"migrations_table", start + "1"}}), two({{"migrations_table", start + "2"}});
    const Database database;
    one.connect(database.uri);
    two.connect(database.uri);
    one.lock(1000);
    two.lock(1000);
  }

  TEST_CASE("break_lock ends the holder") {
    Initialized holder;
    holder.lock(1000);
    Client other;
    other.connect(holder.uri);
    other.break_lock();
    CHECK(other.describe_lock().empty());
    other.break_lock();
    CHECK(failure_of([&] { holder.begin(); }).code == FLUX_E_CONNECTION);
    other.lock(5000);
  }

  TEST_CASE("a run whose lock is taken away does nothing more") {
    Initialized holder;
    holder.lock(1000);
    holder.run("kill connection " + holder_id(holder));
    REQUIRE(eventually([&] { return holder.describe_lock() != "" && holder_id(holder) != ""; }));
    for (const auto& call :
         std::vector<std::function<void()>>{[&] { holder.begin(); }, [&] { holder.apply("create table x (a int)"); },
                                            [&] { holder.register_migration(row_of("01")); }})
      CHECK(failure_of(call).code == FLUX_E_CONNECTION);
    CHECK(holder.run(
              "select count(*) from information_schema.tables where table_schema = database() and table_name = 'x'") ==
          "0");
  }

  TEST_CASE("is not free as long as the server is at work for a run that is gone") {
    Initialized holder;
    holder.lock(1000);
    const std::string keeper = holder_id(holder);
    std::thread work([&] { CHECK_THROWS(holder.apply("do sleep(60)")); });
    REQUIRE(eventually([&] {
      return holder.run("select count(*) from information_schema.processlist where info = 'do sleep(60)'") == "1";
    }));
    holder.run("kill connection " + keeper);
    Client other;
    other.connect(holder.uri);
    CHECK(failure_of([&] { other.lock(300); }).code == FLUX_E_LOCKED);
    other.break_lock();
    work.join();
    other.lock(5000);
  }

  TEST_CASE("a script that releases all locks does not end the run") {
    Initialized client;
    client.lock(1000);
    client.apply("select release_all_locks()", "01", {FLUX_SCRIPT_CONTINUES});
    client.register_migration(row_of("01"));
    client.begin();
    client.rollback();
  }

  TEST_CASE("a waiter can be cancelled") {
    Initialized holder;
    holder.lock(1000);
    Client other;
    other.connect(holder.uri);
    std::thread stop([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      other.request_cancel();
      other.cancel();
    });
    const Failure failure = failure_of([&] { other.lock(60000); });
    stop.join();
    CHECK(failure.code == FLUX_E_CANCELLED);
  }
}
