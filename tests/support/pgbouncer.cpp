#include "pgbouncer.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace flux::testing {
namespace {

namespace fs = std::filesystem;

// A port that was free a moment ago.
int free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::system_error(errno, std::generic_category(), "no free port");
  close(fd);
  return ntohs(address.sin_port);
}

std::string find_program() {
  for (const char* place : {"/usr/sbin/pgbouncer", "/usr/local/sbin/pgbouncer", "/usr/bin/pgbouncer",
                            "/usr/local/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"})
    if (fs::exists(place)) return place;
  throw std::runtime_error("pgbouncer is not installed");
}

}  // namespace

PgBouncer::PgBouncer(const PostgresServer& server, const std::vector<std::string>& settings)
    : program_(find_program()) {
  if (geteuid() == 0) {
    const passwd* user = getpwnam("postgres");
    if (user == nullptr) user = getpwnam("nobody");
    if (user == nullptr) throw std::runtime_error("pgbouncer does not run as root, and there is no user nobody");
    demoted_ = true;
    user_ = user->pw_uid;
    group_ = user->pw_gid;
    if (chown(folder_.path().c_str(), user_, group_) != 0)
      throw std::system_error(errno, std::generic_category(), "chown");
  }
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

// Starts it as its user, its output in the log file, to end with this process.
pid_t PgBouncer::launch() const {
  const std::string ini = folder_ / "pgbouncer.ini", log_file = folder_ / "log";
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid > 0) return pid;

  // Changing the user forgets the parent's death signal, so it comes after.
  if (demoted_ && (setgroups(0, nullptr) != 0 || setgid(group_) != 0 || setuid(user_) != 0)) _exit(126);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(126);
  const int out = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  dup2(out, 1);
  dup2(out, 2);
  execl(program_.c_str(), program_.c_str(), ini.c_str(), nullptr);
  _exit(127);
}

bool PgBouncer::try_start() {
  pid_ = launch();
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
