// A MariaDB server of the test's own.
#pragma once

#include <mysql.h>
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "server_process.hpp"
#include "temp_dir.hpp"

namespace flux::testing {

// A new server with its files in a temporary folder, listening on a Unix socket there and on a free port of 127.0.0.1.
// Stopped and removed when destroyed; it also ends when the test process does, however it ends, or the thread that made
// this object. As root it runs as an unprivileged user ("mysql", else "nobody").
//
// The user "root" comes in without a password. What a test writes need not survive a power cut.
class MariadbServer {
 public:
  // Starts the server of FLUX_TEST_MARIADB_BINDIR, or the one that is installed; `settings` are more of its options.
  // Throws std::runtime_error with the server's log where it does not start.
  explicit MariadbServer(const std::vector<std::string>& settings = {});
  ~MariadbServer();
  MariadbServer(const MariadbServer&) = delete;
  MariadbServer& operator=(const MariadbServer&) = delete;

  int port() const noexcept { return port_; }
  std::filesystem::path socket() const { return folder_ / "socket"; }

  // "mariadb://USER@127.0.0.1:PORT/DATABASE"; `user` may hold a password: "me:secret".
  std::string uri(const std::string& database, const std::string& user = "root") const;
  // The same over the socket.
  std::string socket_uri(const std::string& database, const std::string& user = "root") const;

  // Makes a new empty database and returns its name, a different one each time.
  std::string create_database();
  // Runs SQL, more than one statement too, and returns the first value of its last result, "" where there is none.
  // Throws std::runtime_error.
  std::string run(const std::string& database, const std::string& sql) const;
  // Everything in a database but the history, as SQL.
  std::string dump(const std::string& database) const;

  // What the server has logged.
  std::string log() const;
  // Stops the server at once, as a crash would; start() brings it back on the same port.
  void stop() noexcept;
  void start();

 private:
  bool try_start();
  bool answers() const;

  TempDir folder_;
  ServerUser user_{{"mysql"}};
  std::vector<std::string> settings_;
  int port_ = 0;
  pid_t pid_ = -1;
  int databases_ = 0;
};

}  // namespace flux::testing
