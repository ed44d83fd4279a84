#include "mariadb_server.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <thread>

#include "run_process.hpp"

namespace flux::testing {
namespace {

namespace fs = std::filesystem;

fs::path find_program(const std::string& name) {
  std::vector<fs::path> places{"/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"};
  if (const char* given = std::getenv("FLUX_TEST_MARIADB_BINDIR")) places = {given};
  std::string looked;
  for (const fs::path& place : places) {
    if (fs::exists(place / name)) return place / name;
    looked += " " + place.string();
  }
  throw std::runtime_error("no " + name + " in:" + looked + "; install mariadb-server or set FLUX_TEST_MARIADB_BINDIR");
}

using Handle = std::unique_ptr<MYSQL, void (*)(MYSQL*)>;

Handle connected(const fs::path& socket, const std::string& database) {
  Handle handle(mysql_init(nullptr), &mysql_close);
  mysql_optionsv(handle.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (mysql_real_connect(handle.get(), nullptr, "root", "", database.empty() ? nullptr : database.c_str(), 0,
                         socket.c_str(), CLIENT_MULTI_STATEMENTS) == nullptr)
    throw std::runtime_error(mysql_error(handle.get()));
  return handle;
}

// Small and fast, and the same wherever the test runs.
std::vector<std::string> usual_settings() {
  return {"--innodb-log-file-size=8M",       "--innodb-data-file-path=ibdata1:8M:autoextend",
          "--innodb-buffer-pool-size=24M",   "--innodb-undo-tablespaces=0",
          "--aria-log-file-size=8M",         "--innodb-flush-log-at-trx-commit=0",
          "--innodb-doublewrite=0",          "--key-buffer-size=1M",
          "--aria-pagecache-buffer-size=1M", "--innodb-use-native-aio=0"};
}

}  // namespace

MariadbServer::MariadbServer(const std::vector<std::string>& settings) : settings_(settings) {
  user_.own(folder_.path());
  fs::permissions(folder_.path(), fs::perms(0755));
  std::vector<std::string> install{find_program("mariadb-install-db"),
                                   "--no-defaults",
                                   "--datadir=" + (folder_ / "data").string(),
                                   "--tmpdir=" + folder_.path().string(),
                                   "--auth-root-authentication-method=normal",
                                   "--skip-test-db",
                                   "--skip-name-resolve"};
  for (const std::string& setting : usual_settings()) install.push_back(setting);
  const pid_t pid = launch_server(install, folder_ / "log", user_, SIGKILL);
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || status != 0) throw std::runtime_error("mariadb-install-db failed:\n" + log());
  for (int tries = 0; tries < 5; ++tries) {
    port_ = free_port();
    if (try_start()) return;  // else another process took the port meanwhile
  }
  throw std::runtime_error("the MariaDB server does not start:\n" + log());
}

MariadbServer::~MariadbServer() { stop(); }

bool MariadbServer::answers() const {
  try {
    return connected(socket(), "") != nullptr;
  } catch (const std::runtime_error&) {
    return false;
  }
}

bool MariadbServer::try_start() {
  std::vector<std::string> argv{find_program("mariadbd"), "--no-defaults", "--datadir=" + (folder_ / "data").string(),
                                // A server that starts takes away what others have left in theirs.
                                "--tmpdir=" + folder_.path().string(), "--socket=" + socket().string(),
                                "--port=" + std::to_string(port_), "--bind-address=127.0.0.1",
                                "--pid-file=" + (folder_ / "pid").string(), "--skip-log-bin", "--skip-name-resolve",
                                "--max-connections=200", "--character-set-server=latin1"};
  for (const std::string& setting : usual_settings()) argv.push_back(setting);
  argv.insert(argv.end(), settings_.begin(), settings_.end());
  pid_ = launch_server(argv, folder_ / "log", user_, SIGKILL);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < deadline) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return false;
    }
    if (answers()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  stop();
  return false;
}

void MariadbServer::start() {
  if (pid_ < 0 && !try_start()) throw std::runtime_error("the MariaDB server does not start:\n" + log());
}

void MariadbServer::stop() noexcept {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string MariadbServer::uri(const std::string& database, const std::string& user) const {
  return "mariadb://" + user + "@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

std::string MariadbServer::socket_uri(const std::string& database, const std::string& user) const {
  return "mysql://" + user + "@localhost/" + database + "?socket=" + socket().string();
}

std::string MariadbServer::create_database() {
  const std::string name = "test_" + std::to_string(++databases_);
  run("", "CREATE DATABASE " + name);
  return name;
}

std::string MariadbServer::run(const std::string& database, const std::string& sql) const {
  const Handle handle = connected(socket(), database);
  std::string value;
  int more = mysql_real_query(handle.get(), sql.c_str(), sql.size());
  for (; more == 0; more = mysql_next_result(handle.get())) {
    const std::unique_ptr<MYSQL_RES, void (*)(MYSQL_RES*)> result(mysql_store_result(handle.get()), &mysql_free_result);
    value.clear();
    if (!result) continue;
    const MYSQL_ROW row = mysql_fetch_row(result.get());
    if (row != nullptr && row[0] != nullptr) value.assign(row[0], mysql_fetch_lengths(result.get())[0]);
  }
  if (more > 0) throw std::runtime_error(sql + ": " + mysql_error(handle.get()));
  return value;
}

std::string MariadbServer::dump(const std::string& database) const {
  const ProcessResult result = run_process({find_program("mariadb-dump").string(), "--no-defaults", "--user=root",
                                            "--socket=" + socket().string(), "--skip-comments", "--routines",
                                            "--events", "--ignore-table=" + database + "._flux_migrations", database});
  if (result.exit_code != 0) throw std::runtime_error(result.err);
  return result.out;
}

std::string MariadbServer::log() const {
  const fs::path file = folder_ / "log";
  return fs::exists(file) ? read_file(file) : std::string();
}

}  // namespace flux::testing
