// A PostgreSQL server of the test's own.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "server_process.hpp"
#include "temp_dir.hpp"

namespace flux::testing {

// A new, empty cluster in a temporary folder, its server listening on a Unix socket there and on a free port of
// 127.0.0.1. Stopped and removed when destroyed; the server also ends when the test process does, however it ends,
// or the thread that made this object. As root it runs as an unprivileged user ("postgres", else "nobody").
//
// Everyone may connect as the superuser "postgres", or any other role, without a password; but over TCP the
// members of a role "password_users" need theirs. No fsync: what a test writes need not survive a power cut.
class PostgresServer {
 public:
  // Starts the newest PostgreSQL found in FLUX_TEST_PG_BINDIR, by pg_config, or in /usr/lib/postgresql/*/bin;
  // `settings` are lines of postgresql.conf. Throws std::runtime_error with the server's log where it does not start.
  explicit PostgresServer(const std::vector<std::string>& settings = {});
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  int port() const noexcept { return port_; }
  // The folder of the socket; the database files are in its subfolder "data".
  const std::filesystem::path& folder() const noexcept { return folder_.path(); }
  // The folder of the server's programs: psql, pg_dump and the others.
  const std::filesystem::path& programs() const noexcept { return programs_; }

  // "postgresql://USER@127.0.0.1:PORT/DATABASE".
  std::string uri(const std::string& database, const std::string& user = "postgres") const;
  // The same over the socket: "postgresql://USER@/DATABASE?host=FOLDER&port=PORT".
  std::string socket_uri(const std::string& database, const std::string& user = "postgres") const;
  // "host=127.0.0.1 port=PORT dbname=DATABASE user=USER".
  std::string conninfo(const std::string& database, const std::string& user = "postgres") const;

  // Makes a new empty database and returns its name, a different one each time.
  std::string create_database();
  // Runs SQL and returns the first value of its last result, "" where there is none. Throws std::runtime_error.
  std::string run(const std::string& database, const std::string& sql) const;

  // What the server has logged.
  std::string log() const;
  // Stops the server at once, as a crash would; start() brings it back on the same port.
  void stop() noexcept;
  void start();

 private:
  pid_t launch(const std::vector<std::string>& argv) const;
  void make_cluster(const std::vector<std::string>& settings);
  bool try_start();
  bool answers() const;

  TempDir folder_;
  std::filesystem::path programs_;
  ServerUser user_{{"postgres"}};
  int port_ = 0;
  pid_t pid_ = -1;
  int databases_ = 0;
};

}  // namespace flux::testing
