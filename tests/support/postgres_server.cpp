#include "postgres_server.hpp"

#include <libpq-fe.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <thread>

#include "run_process.hpp"

namespace flux::testing {
namespace {

namespace fs = std::filesystem;

fs::path find_programs() {
  std::vector<fs::path> places;
  if (const char* given = std::getenv("FLUX_TEST_PG_BINDIR")) places.emplace_back(given);
  if (places.empty()) {
    try {
      std::string out = run_process({"pg_config", "--bindir"}).out;
      out.erase(out.find_last_not_of(" \n") + 1);
      places.emplace_back(out);
    } catch (const std::runtime_error&) {
      // Not installed: the folders below are left.
    }
    std::vector<std::pair<int, fs::path>> versions;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", none))
      versions.emplace_back(std::atoi(entry.path().filename().c_str()), entry.path() / "bin");
    std::sort(versions.rbegin(), versions.rend());
    for (auto& version : versions) places.push_back(std::move(version.second));
  }
  std::string looked;
  for (const fs::path& place : places) {
    if (fs::exists(place / "initdb") && fs::exists(place / "postgres")) return place;
    looked += " " + place.string();
  }
  throw std::runtime_error("no PostgreSQL server (initdb, postgres) in:" + looked +
                           "; install postgresql or set FLUX_TEST_PG_BINDIR");
}

std::unique_ptr<PGconn, void (*)(PGconn*)> connected(const std::string& conninfo) {
  return {PQconnectdb(conninfo.c_str()), &PQfinish};
}

}  // namespace

PostgresServer::PostgresServer(const std::vector<std::string>& settings) : programs_(find_programs()) {
  user_.own(folder_.path());
  fs::permissions(folder_.path(), fs::perms(0755));
  make_cluster(settings);
  for (int tries = 0; tries < 5; ++tries) {
    port_ = free_port();
    if (try_start()) return;  // else another process took the port meanwhile
  }
  throw std::runtime_error("the PostgreSQL server does not start:\n" + log());
}

PostgresServer::~PostgresServer() { stop(); }

pid_t PostgresServer::launch(const std::vector<std::string>& argv) const {
  return launch_server(argv, folder_ / "log", user_, SIGQUIT);
}

void PostgresServer::make_cluster(const std::vector<std::string>& settings) {
  const std::string data = folder_ / "data";
  const pid_t pid = launch({programs_ / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8",
                            "--locale=C", "--no-sync"});
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || status != 0) throw std::runtime_error("initdb failed:\n" + log());

  std::ofstream conf(data + "/postgresql.conf", std::ios::app);
  conf << "listen_addresses = '127.0.0.1'\n"
       << "unix_socket_directories = '" << folder_.path().string() << "'\n"
       << "fsync = off\nfull_page_writes = off\nmax_connections = 200\nshared_buffers = 32MB\n";
  for (const std::string& line : settings) conf << line << '\n';
  std::ofstream(data + "/pg_hba.conf", std::ios::trunc) << "local all all trust\n"
                                                        << "host all +password_users 127.0.0.1/32 scram-sha-256\n"
                                                        << "host all all 127.0.0.1/32 trust\n"
                                                        << "local replication all trust\n"
                                                        << "host replication all 127.0.0.1/32 trust\n";
}

bool PostgresServer::answers() const {
  return PQping((conninfo("postgres") + " connect_timeout=2").c_str()) == PQPING_OK;
}

bool PostgresServer::try_start() {
  pid_ = launch({programs_ / "postgres", "-D", folder_ / "data", "-p", std::to_string(port_)});
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

void PostgresServer::start() {
  if (pid_ < 0 && !try_start()) throw std::runtime_error("the PostgreSQL server does not start:\n" + log());
}

void PostgresServer::stop() noexcept {
  if (pid_ < 0) return;
  kill(pid_, SIGQUIT);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string PostgresServer::uri(const std::string& database, const std::string& user) const {
  return "postgresql://" + user + "@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

std::string PostgresServer::socket_uri(const std::string& database, const std::string& user) const {
  return "postgresql://" + user + "@/" + database + "?host=" + folder_.path().string() +
         "&port=" + std::to_string(port_);
}

std::string PostgresServer::conninfo(const std::string& database, const std::string& user) const {
  return "host=127.0.0.1 port=" + std::to_string(port_) + " dbname=" + database + " user=" + user;
}

std::string PostgresServer::create_database() {
  const std::string name = "test_" + std::to_string(++databases_);
  run("postgres", "CREATE DATABASE " + name);
  return name;
}

std::string PostgresServer::run(const std::string& database, const std::string& sql) const {
  const auto connection = connected(conninfo(database));
  if (PQstatus(connection.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection.get(), sql.c_str()), &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
  return PQntuples(result.get()) > 0 && PQnfields(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

std::string PostgresServer::log() const {
  const fs::path file = folder_ / "log";
  return fs::exists(file) ? read_file(file) : std::string();
}

}  // namespace flux::testing
