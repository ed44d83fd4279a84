// A database and a backend for one test.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "mariadb_server.hpp"
#include "table_client.hpp"

namespace flux::testing {

// The server of this test program, started when first asked for.
MariadbServer& server();
// Stops it; called by main.
void end_server();

// A fresh database and how to look into it.
struct Database {
  std::string name = server().create_database();
  std::string uri = server().uri(name);

  // The first value of the last result, over a connection of its own.
  std::string run(const std::string& sql) const { return server().run(name, sql); }
};

// An instance of the backend, not connected.
struct Client : TableClient {
  explicit Client(const Config& config = {}) : TableClient(FLUX_MARIADB_BACKEND, config) {}
};

// A fresh database with a backend connected to it.
struct Connected : Database, Client {
  explicit Connected(const Config& config = {}) : Client(config) { connect(uri); }
};

// The same with a history.
struct Initialized : Connected {
  explicit Initialized(const Config& config = {}) : Connected(config) { initialize(); }
};

inline Row row_of(const std::string& id) {
  Row row;
  row.id = id;
  return row;
}

}  // namespace flux::testing
