// Who holds an advisory lock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "canceller.hpp"
#include "connection.hpp"

namespace flux::postgres {

struct LockHolder {
  int process = 0;
  std::string text;  // "pid 4711 (user "deploy", application "flux", from 10.0.0.7:51234, since 2026-01-02 ...)"
};

// The session of this database that holds the advisory lock `id`. What the user may not see of it is left out of the
// text. Throws as Connection does.
std::optional<LockHolder> holder_of(Connection& connection, std::int64_t id);

// Ends the session that holds the advisory lock `id`, and waits until it is gone. Throws BackendError: FLUX_E_FAILED
// where the user may not, or where it does not go, otherwise as Connection does.
void end_holder(Connection& connection, const Canceller& canceller, std::int64_t id);

// A session for people: what of it is not empty. `since` is behind the other parts.
struct SessionText {
  std::string process, user, application, address, since;

  std::string text() const;
};

}  // namespace flux::postgres
