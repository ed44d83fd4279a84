// Opens connections as a URI says.
#pragma once

#include <mysql.h>

#include <memory>

#include "target_uri.hpp"

namespace flux::mariadb {

struct CloseConnection {
  void operator()(MYSQL* connection) const noexcept { mysql_close(connection); }
};
using Handle = std::unique_ptr<MYSQL, CloseConnection>;

struct Opened {
  Handle handle;  // holds the error where it is not connected
  bool connected = false;
};
// Connects in utf8mb4, within `timeout_s`; the group [client] of the user's option files fills in what the URI leaves
// out. Throws FLUX_E_CONNECTION where TLS is not as the URI says. No file of this machine is ever sent (LOAD DATA
// LOCAL), and one message is one statement.
Opened open_connection(const TargetUri& uri, unsigned timeout_s);

}  // namespace flux::mariadb
