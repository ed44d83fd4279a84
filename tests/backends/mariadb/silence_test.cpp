// What takes as long as Flux is patient: a test of ctest for itself.
#include <chrono>

#include "deaf_proxy.hpp"
#include "fixture.hpp"

using namespace flux::testing;

TEST_SUITE("mariadb silence") {
  TEST_CASE("a history row that the lock's connection swallows is given up, and written after connecting again") {
    const Database database;
    constexpr int lock_connection = 2;
    DeafProxy proxy(server().port(), [](int connection, std::string_view sent) {
      return connection == lock_connection && sent.find("INSERT INTO") != std::string_view::npos;
    });
    Client client;
    client.connect("mariadb://root@127.0.0.1:" + std::to_string(proxy.port()) + '/' + database.name);
    client.initialize();
    client.lock(1000);
    const auto start = std::chrono::steady_clock::now();
    CHECK(failure_of([&] { client.register_migration(row_of("01")); }).code == FLUX_E_CONNECTION);
    const auto took = std::chrono::steady_clock::now() - start;
    CHECK(took > std::chrono::seconds(20));
    CHECK(took < std::chrono::seconds(120));
    client.reconnect(20000);
    client.register_migration(row_of("01"));
    CHECK(client.list_history().size() == 1);
    client.unlock();
  }
}
