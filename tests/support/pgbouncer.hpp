// A transaction pooler of the test's own.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "postgres_server.hpp"
#include "temp_dir.hpp"

namespace flux::testing {

// A pgbouncer in front of `server`, in transaction mode, listening on a free port of 127.0.0.1. Everyone may connect as
// "postgres" to any database. Ends when destroyed, with the test process, or with the thread that made this object. As
// root it runs as an unprivileged user.
class PgBouncer {
 public:
  // `settings` are lines of its [pgbouncer] section and win over the defaults. Throws std::runtime_error with its log
  // where it is not installed or does not start. `server` must outlive it.
  explicit PgBouncer(const PostgresServer& server, const std::vector<std::string>& settings = {});
  ~PgBouncer();
  PgBouncer(const PgBouncer&) = delete;
  PgBouncer& operator=(const PgBouncer&) = delete;

  int port() const noexcept { return port_; }
  // "postgresql://postgres@127.0.0.1:PORT/DATABASE".
  std::string uri(const std::string& database) const;

 private:
  void configure(const PostgresServer& server, const std::vector<std::string>& settings);
  bool try_start();
  void stop() noexcept;
  std::string log() const;

  TempDir folder_;
  std::string program_;
  ServerUser user_{{"postgres"}};
  int port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace flux::testing
