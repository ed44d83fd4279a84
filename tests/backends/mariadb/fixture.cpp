#include "fixture.hpp"

namespace flux::testing {
namespace {
std::unique_ptr<MariadbServer> running;
}

MariadbServer& server() {
  if (!running) running = std::make_unique<MariadbServer>();
  return *running;
}

void end_server() { running.reset(); }

}  // namespace flux::testing
