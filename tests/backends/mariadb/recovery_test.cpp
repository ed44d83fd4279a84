#include <thread>

#include "deaf_proxy.hpp"
#include "fixture.hpp"

using namespace flux::testing;

namespace {

// Ends every session but the one that asks.
void end_sessions(const Database& database) {
  const std::string list =
      "select coalesce(group_concat(id), '') from information_schema.processlist where id <> connection_id() and db = "
      "'" +
      database.name + "'";
  std::string ids = database.run(list);
  while (!ids.empty()) {
    const std::string id = ids.substr(0, ids.find(','));
    ids.erase(0, id.size() + 1);
    try {
      database.run("kill connection " + id);
    } catch (const std::runtime_error&) {
      // It has ended meanwhile.
    }
  }
}

}  // namespace

TEST_SUITE("mariadb recovery") {
  TEST_CASE("after a lost connection the history says what became of it, under the lock") {
    Initialized client;
    client.run("create table t (a int)");
    client.lock(1000);
    client.begin();
    client.apply("insert into t values (1)");
    client.register_migration(row_of("01"));
    end_sessions(client);
    CHECK_THROWS(client.commit());
    client.rollback();
    client.reconnect(10000);
    CHECK(client.list_history().empty());
    CHECK(client.run("select count(*) from t") == "0");
    CHECK(client.describe_lock() != "");
    client.migrate("01", "insert into t values (1)");
    CHECK(client.run("select count(*) from t") == "1");
    client.unlock();
  }

  TEST_CASE("the lock is had again where the server does not know that both connections are lost") {
    const Database database;
    DeafProxy proxy(server().port());
    Client client;
    client.connect("mariadb://root@127.0.0.1:" + std::to_string(proxy.port()) + '/' + database.name);
    client.initialize();
    client.lock(1000);
    client.begin();
    client.apply("create temporary table t (a int)");
    client.register_migration(row_of("01"));
    proxy.lose_clients();
    CHECK_THROWS(client.commit());
    client.rollback();
    client.reconnect(20000);
    CHECK(client.list_history().empty());
    client.migrate("01", "select 1");
    CHECK(client.describe_lock() != "");
    client.unlock();
  }

  TEST_CASE("a call whose connection is lost says so") {
    Initialized client;
    std::thread end([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      end_sessions(client);
    });
    const Failure failure = failure_of([&] { client.apply("do sleep(60)"); });
    end.join();
    CHECK(failure.code == FLUX_E_CONNECTION);
    client.reconnect(10000);
    client.apply("select 1");
  }

  TEST_CASE("a lock that somebody else has taken meanwhile is told, and the history can be read") {
    Initialized client;
    client.lock(1000);
    end_sessions(client);
    Client other;
    other.connect(client.uri);
    other.lock(5000);
    CHECK(failure_of([&] { client.begin(); }).code == FLUX_E_CONNECTION);
    CHECK(failure_of([&] { client.reconnect(500); }).code == FLUX_E_LOCKED);
    CHECK(client.list_history().empty());
  }

  TEST_CASE("waits while the server starts again") {
    MariadbServer own;
    const std::string name = own.create_database();
    Client client;
    client.connect(own.uri(name));
    client.initialize();
    client.lock(1000);
    own.stop();
    CHECK(failure_of([&] { client.begin(); }).code == FLUX_E_CONNECTION);
    std::thread again([&] { CHECK_NOTHROW(client.reconnect(30000)); });
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    own.start();  // here, for it ends with the thread that starts it
    again.join();
    client.migrate("01", "select 1");
    CHECK(client.list_history().size() == 1);
  }
}
