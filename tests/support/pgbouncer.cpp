#include "pgbouncer.hpp"

#include <libpq-fe.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace flux::testing {
namespace {

namespace fs = std::filesystem;

std::string find_program() {
  for (const char* place : {"/usr/sbin/pgbouncer", "/usr/local/sbin/pgbouncer", "/usr/bin/pgbouncer",
                            "/usr/local/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"})
    if (fs::exists(place)) return place;
  throw std::runtime_error("pgbouncer is not installed");
}

}  // namespace

PgBouncer::PgBouncer(const PostgresServer& server, const std::vector<std::string>& settings)
    : program_(find_program()) {
  user_.own(folder_.path());
  fs::permissions(folder_.path(), fs::perms(0755));
  for (int tries = 0; tries < 5; ++tries) {
    port_ = free_port();
    configure(server, settings);
    if (try_start()) return;  // else another process took the port meanwhile
  }
  throw std::runtime_error("pgbouncer does not start:\n" + log());
}

PgBouncer::~PgBouncer() { stop(); }

void PgBouncer::configure(const PostgresServer& server, const std::vector<std::string>& settings) {
  std::string text = "[databases]\n* = host=127.0.0.1 port=" + std::to_string(server.port()) +
                     "\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = " + std::to_string(port_) +
                     "\nunix_socket_dir =\nauth_type = trust\nauth_file = " + (folder_ / "users").string() +
                     "\npool_mode = transaction\nmax_client_conn = 200\ndefault_pool_size = 20\n";
  for (const std::string& line : settings) text += line + '\n';
  write_file(folder_ / "pgbouncer.ini", text);
  write_file(folder_ / "users", "\"postgres\" \"\"\n");
}

bool PgBouncer::try_start() {
  pid_ = launch_server({program_, (folder_ / "pgbouncer.ini").string()}, folder_ / "log", user_, SIGKILL);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < deadline) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return false;
    }
    if (PQping((uri("postgres") + "?connect_timeout=2").c_str()) == PQPING_OK) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  stop();
  return false;
}

void PgBouncer::stop() noexcept {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string PgBouncer::uri(const std::string& database) const {
  return "postgresql://postgres@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

std::string PgBouncer::log() const {
  const fs::path file = folder_ / "log";
  return fs::exists(file) ? read_file(file) : std::string();
}

}  // namespace flux::testing
