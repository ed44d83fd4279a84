#include "fixture.hpp"

namespace flux::testing {
namespace {
std::unique_ptr<PostgresServer> running;
}

PostgresServer& server() {
  if (!running) running = std::make_unique<PostgresServer>(std::vector<std::string>{"wal_level = logical"});
  return *running;
}

void end_server() { running.reset(); }

}  // namespace flux::testing
