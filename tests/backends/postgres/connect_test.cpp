#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "fixture.hpp"

using namespace flux::testing;

namespace {

// Sets a variable of the environment for the life of this object.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

// Accepts one connection and answers like a server of another version, or (version "") not at all.
class FakeServer {
 public:
  explicit FakeServer(const std::string& version) : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(listener_, 8) == 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    if (!version.empty()) thread_ = std::thread([this, version] { answer(version); });
  }
  ~FakeServer() {
    if (thread_.joinable()) thread_.join();
    close(listener_);
  }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  int port = 0;

 private:
  void answer(const std::string& version) const {
    const int client = accept(listener_, nullptr, nullptr);
    char ignored[4096];
    static_cast<void>(!read(client, ignored, sizeof ignored));
    const std::string name = "server_version";
    const auto length = static_cast<char>(4 + name.size() + 1 + version.size() + 1);
    std::string out("R\0\0\0\x08\0\0\0\0", 9);
    out += std::string("S\0\0\0", 4) + length + name + '\0' + version + '\0';
    out += std::string("Z\0\0\0\x05I", 6);
    static_cast<void>(!write(client, out.data(), out.size()));
    static_cast<void>(!read(client, ignored, sizeof ignored));
    close(client);
  }

  int listener_;
  std::thread thread_;
};

std::string all_text(const Failure& f) { return f.message + '\n' + f.detail + '\n' + f.hint; }

}  // namespace

TEST_SUITE("postgres connect") {
  TEST_CASE("takes every form of address") {
    const Database database;
    const std::string at = "@127.0.0.1:" + std::to_string(server().port()) + "/" + database.name;
    const std::string addresses[] = {
        database.uri,
        "postgres://postgres" + at,
        "postgresql+asyncpg://postgres" + at,
        "postgresql+psycopg2://postgres" + at,
        server().socket_uri(database.name),
        server().conninfo(database.name),
        "postgresql://postgres@127.0.0.1:1,127.0.0.1:" + std::to_string(server().port()) + "/" + database.name,
    };
    for (const std::string& address : addresses) {
      CAPTURE(address);
      Client client;
      client.connect(address);
      CHECK(client.list_history().empty());
    }
  }

  TEST_CASE("describes the target without a secret") {
    const Database database;
    server().run("postgres", "drop role if exists described; create role described login password 'geheim123'");
    Client client;
    client.connect("postgresql://described:geheim123@127.0.0.1:" + std::to_string(server().port()) + "/" +
                   database.name);
    const std::string version =
        server().run("postgres", "select split_part(current_setting('server_version'), ' ', 1)");
    CHECK(client.describe_target() == "postgresql described@127.0.0.1:" + std::to_string(server().port()) + "/" +
                                          database.name + " (server " + version + ")");
    client.disconnect();
    client.connect(server().socket_uri(database.name));
    CHECK(client.describe_target() ==
          "postgresql postgres@" + server().folder().string() + "/" + database.name + " (server " + version + ")");
  }

  TEST_CASE("names itself, unless the user names it") {
    Connected one;
    one.begin();
    CHECK(one.run("select application_name from pg_stat_activity where datname = current_database() and state like "
                  "'idle in%'") == "flux");
    one.rollback();
    Client other;
    other.connect(one.uri + "?application_name=deploy");
    CHECK(one.run("select count(*) from pg_stat_activity where application_name = 'deploy'") == "1");
  }

  TEST_CASE("speaks UTF-8 whatever the environment and the database say") {
    server().run("postgres", "drop database if exists latin");
    server().run("postgres", "create database latin encoding 'LATIN1' template template0");
    const Variable encoding("PGCLIENTENCODING", "LATIN1");
    Client client;
    client.connect(server().uri("latin") + "?client_encoding=LATIN1");
    client.initialize();
    client.migrate("\xC3\xA4", "create table \"\xC3\xB6\" (a int)");
    CHECK(client.list_history().at(0).id == "\xC3\xA4");
    const Failure failure = failure_of([&] { client.migrate("b", "select '\xC3\xA4\xC3\xA4'; select nix"); });
    CHECK(failure.byte_offset == 22);
  }

  TEST_CASE("refuses credentials with a code of its own") {
    const Database database;
    server().run(
        "postgres",
        "drop role if exists needs_password; drop role if exists nologin_role; drop role if exists password_users;"
        "create role password_users; create role nologin_role;"
        "create role needs_password login password 'right-one' in role password_users");
    const std::string at = "@127.0.0.1:" + std::to_string(server().port()) + "/" + database.name;
    Client client;
    client.connect("postgresql://needs_password:right-one" + at);
    client.disconnect();
    for (const std::string user : {"needs_password:wrong-one", "needs_password", "nologin_role", "no_such_role"}) {
      CAPTURE(user);
      const Failure failure = failure_of([&] { client.connect("postgresql://" + user + at); });
      CHECK(failure.code == FLUX_E_AUTH);
      CHECK(all_text(failure).find("wrong-one") == std::string::npos);
    }
    const Failure failure = failure_of([&] { client.connect(server().uri("no_such_database")); });
    CHECK(failure.code == FLUX_E_CONNECTION);
    CHECK(failure.sqlstate == "3D000");
    CHECK(failure.hint.find("never creates") != std::string::npos);
  }

  TEST_CASE("keeps passwords out of every error") {
    const std::string addresses[] = {
        "postgresql://u:geheim@127.0.0.1:1/geheim",
        "postgresql://u:ge/heim@127.0.0.1/db",
        "postgresql://u:ge@heim@127.0.0.1/db",
        "postgresql://u:geheim@127.0.0.1:geheim/db",
        "postgresql://u:geheim%zz@127.0.0.1/db",
        "postgresql://u:geheim@[127.0.0.1/db",
        "postgresql://u:geheim@127.0.0.1/db?geheim",
        "postgresql://u:geheim/db",
        "host=127.0.0.1 port=1 password=geheim dbname=geheim",
        "host=127.0.0.1 password='geheim",
        "host=127.0.0.1 password=a geheim",
        "geheim",
        "mysql://u:geheim@127.0.0.1/db",
        "postgresql+geheim",
    };
    for (const std::string& address : addresses) {
      CAPTURE(address);
      Client client;
      const Failure failure = failure_of([&] { client.connect(address); });
      CHECK(failure.code == FLUX_E_CONNECTION);
      CHECK(all_text(failure).find("heim") == std::string::npos);
      CHECK(all_text(failure).find("geheim") == std::string::npos);
      for (const LogLine& line : client.log()) CHECK(line.text.find("geheim") == std::string::npos);
    }
    Client client;
    CHECK(failure_of([&] { client.connect("postgresql://u:geheim@h/db?sslmod=on"); }).message.find("\"sslmod\"") !=
          std::string::npos);
  }

  TEST_CASE("refuses a server that is too old") {
    const FakeServer old("12.22");
    Client client;
    const Failure failure = failure_of([&] {
      client.connect("postgresql://u@127.0.0.1:" + std::to_string(old.port) + "/db?sslmode=disable&gssencmode=disable");
    });
    CHECK(failure.code == FLUX_E_CONNECTION);
    CHECK(failure.message.find("12.22") != std::string::npos);
  }

  TEST_CASE("gives up on a silent server within its timeout") {
    const FakeServer silent("");
    Client client;
    const auto start = std::chrono::steady_clock::now();
    const std::string address = "postgresql://u@127.0.0.1:" + std::to_string(silent.port) + "/db?connect_timeout=2";
    CHECK(failure_of([&] { client.connect(address); }).code == FLUX_E_CONNECTION);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  }

  TEST_CASE("can be made, connected and dropped many times") {
    const Database database;
    for (int i = 0; i < 100; ++i) Client();
    Client client;
    for (int i = 0; i < 20; ++i) {
      client.connect(database.uri);
      CHECK(client.list_history().empty());
      client.disconnect();
      client.disconnect();
    }
  }

  TEST_CASE("says so when it is called in a wrong state") {
    Client client;
    const auto state = [](auto&& call) { CHECK(failure_of(call).code == FLUX_E_STATE); };
    state([&] { client.describe_target(); });
    state([&] { client.list_history(); });
    state([&] { client.initialize(); });
    state([&] { client.lock(0); });
    state([&] { client.unlock(); });
    state([&] { client.begin(); });
    state([&] { client.commit(); });
    state([&] { client.apply("select 1"); });
    state([&] { client.register_migration(row_of("a")); });
    client.rollback();
    client.cancel();
    const Database database;
    client.connect(database.uri);
    state([&] { client.connect(database.uri); });
    state([&] { client.commit(); });
    client.rollback();
    client.begin();
    state([&] { client.begin(); });
    state([&] { client.initialize(); });
    client.rollback();
    client.lock(0);
    state([&] { client.lock(0); });
    client.unlock();
    state([&] { client.unlock(); });
  }

  TEST_CASE("refuses wrong keys with their name") {
    const Config wrong[] = {{{"migrations_table", std::string()}},
                            {{"migrations_schema", std::string(64, 'x')}},
                            {{"migrations_lock_id", std::string("a")}},
                            {{"unknown", std::string("a")}}};
    for (const Config& config : wrong) {
      const Failure failure = failure_of([&] { Client client(config); });
      CHECK(failure.code == FLUX_E_CONFIG);
      CHECK(failure.key == config[0].first);
    }
  }

  TEST_CASE("hands the server's notices to the log") {
    Connected client;
    client.apply(
        "do $$ begin raise notice 'a note'; raise warning 'a warning'; raise debug 'unseen'; raise info 'told'; end $$;"
        "do $$ begin raise notice 'alter role x password ''geheim'''; end $$");
    std::vector<std::pair<int, std::string>> seen;
    for (const LogLine& line : client.log()) seen.emplace_back(line.level, line.text);
    const std::vector<std::pair<int, std::string>> expected = {{FLUX_LOG_INFO, "a note"},
                                                               {FLUX_LOG_WARN, "a warning"},
                                                               {FLUX_LOG_INFO, "told"},
                                                               {FLUX_LOG_INFO, "alter role x password '***'"}};
    CHECK(seen == expected);
  }

  TEST_CASE("notices a connection that the server has ended") {
    Initialized client;
    const auto end_all = [&] {
      client.run(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> "
          "pg_backend_pid()");
    };
    end_all();
    CHECK(failure_of([&] { client.list_history(); }).code == FLUX_E_CONNECTION);
    client.rollback();
    client.disconnect();
    client.connect(client.uri);
    client.begin();
    client.apply("create table t (a int)");
    end_all();
    CHECK(failure_of([&] { client.commit(); }).code == FLUX_E_CONNECTION);
    client.rollback();
    client.disconnect();
    client.connect(client.uri);
    CHECK(client.run("select to_regclass('t') is null") == "t");
    client.begin();
    const Failure failure = failure_of([&] { client.apply("select pg_terminate_backend(pg_backend_pid())"); });
    CHECK(failure.code == FLUX_E_CONNECTION);
    CHECK(failure.sqlstate == "57P01");
  }
}
