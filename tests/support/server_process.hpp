// Starts database servers for tests.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace flux::testing {

// Who a server runs as: no server likes root.
struct ServerUser {
  // Of root the first of these users that there is, or "nobody"; otherwise who the test runs as. Throws
  // std::runtime_error where root finds none.
  explicit ServerUser(const std::vector<std::string>& names);

  bool other = false;  // run as user and group
  uid_t user = 0;
  gid_t group = 0;

  // Gives a folder to that user.
  void own(const std::filesystem::path& folder) const;
};

// Starts a program as that user, its output appended to `log_file`. It gets `death_signal` when this process, or the
// thread that called, ends, however that ends.
pid_t launch_server(const std::vector<std::string>& argv, const std::filesystem::path& log_file, const ServerUser& user,
                    int death_signal);

// A port of 127.0.0.1 that was free a moment ago.
int free_port();

}  // namespace flux::testing
