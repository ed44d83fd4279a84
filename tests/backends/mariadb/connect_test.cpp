#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "fixture.hpp"
#include "run_process.hpp"
#include "temp_dir.hpp"

using namespace flux::testing;

namespace {

struct Refused {
  std::string uri, part, hint;
};

const Refused refused[] = {
    {"mariadb://u:Geheim@42@h/d", "percent-encoded", ""},
    {"mariadb://u:Geheim/42@h/d", "percent-encoded", ""},
    {"mariadb://u:Geheim?42@h/d", "percent-encoded", ""},
    {"mariadb://u:Geheim%4@h/d", "hexadecimal", ""},
    {"mariadb://u:Geheim%zz@h/d", "hexadecimal", ""},
    {"mariadb://u:Geheim%00@h/d", "NUL", ""},
    {"mariadb:u:Geheim@h", "begin with", ""},
    {"oracle://u:Geheim@h/d", "begin with", ""},
    {"mariadb://u:Geheim@h:port/d", "port", ""},
    {"mariadb://u:Geheim@h:70000/d", "port", ""},
    {"mariadb://u:Geheim@[::1/d", "[", ""},
    {"mariadb://h/d?sokket=x", "sokket", "\"socket\""},
    {"mariadb://h/d?ssl-mode=maybe", "ssl-mode", "verify-identity"},
    {"mariadb://h/d?connect-timeout=soon", "connect-timeout", ""},
    {"mariadb://h/d?socket", "no value", ""},
};

// While it lives, the user's option file holds these lines in the group [client].
class OptionFile {
 public:
  explicit OptionFile(const std::string& lines) {
    std::ofstream(folder_ / ".my.cnf") << "[client]\n" << lines;
    setenv("HOME", folder_.path().c_str(), 1);
  }
  ~OptionFile() { setenv("HOME", home_.c_str(), 1); }
  OptionFile(const OptionFile&) = delete;
  OptionFile& operator=(const OptionFile&) = delete;

 private:
  TempDir folder_;
  std::string home_ = std::getenv("HOME") == nullptr ? "/" : std::getenv("HOME");
};

}  // namespace

TEST_SUITE("mariadb connect") {
  TEST_CASE("what the table says") {
    Client client;
    CHECK(std::string(client.api().name) == "mariadb");
    CHECK(std::string(client.api().uri_schemes) == "mariadb,mysql");
    CHECK(client.api().capabilities == (FLUX_CAP_LOCK | FLUX_CAP_CANCEL | FLUX_CAP_STATEMENT_OFFSETS));
  }

  TEST_CASE("by TCP and by socket, by either name") {
    const Database database;
    for (const std::string& uri : {server().uri(database.name), server().socket_uri(database.name),
                                   "mysql" + server().uri(database.name).substr(7)}) {
      CAPTURE(uri);
      Client client;
      client.connect(uri);
      CHECK(client.describe_target().find(database.name + " (server ") != std::string::npos);
      CHECK(failure_of([&] { client.connect(uri); }).code == FLUX_E_STATE);
      client.disconnect();
      client.connect(uri);
    }
  }

  TEST_CASE("with a password that is percent-encoded") {
    const Database database;
    database.run("create or replace user 'a@b' identified by 'p/w:@?'; grant all on *.* to 'a@b'");
    Client client;
    client.connect(server().uri(database.name, "a%40b:p%2Fw%3A%40%3F"));
    CHECK(client.describe_target().find("p/w") == std::string::npos);
  }

  TEST_CASE("a URI that is not one is refused without its password") {
    for (const Refused& item : refused) {
      CAPTURE(item.uri);
      Client client;
      const Failure failure = failure_of([&] { client.connect(item.uri); });
      CHECK(failure.code == FLUX_E_CONNECTION);
      CHECK(failure.message.find(item.part) != std::string::npos);
      CHECK(failure.hint.find(item.hint) != std::string::npos);
      CHECK(std::string(failure.what()).find("Geheim") == std::string::npos);
    }
  }

  TEST_CASE("a wrong password is told, and not repeated") {
    const Database database;
    database.run("create or replace user guarded identified by 'secret'");
    Client client;
    const Failure failure = failure_of([&] { client.connect(server().uri(database.name, "guarded:Geheim42")); });
    CHECK(failure.code == FLUX_E_AUTH);
    CHECK(std::string(failure.what()).find("Geheim42") == std::string::npos);
  }

  TEST_CASE("a mistyped database is told, and not created") {
    Client client;
    const Failure failure = failure_of([&] { client.connect(server().uri("mistyped")); });
    CHECK(failure.code == FLUX_E_CONNECTION);
    CHECK(failure.message.find("mistyped") != std::string::npos);
    CHECK(server().run("", "select count(*) from information_schema.schemata where schema_name = 'mistyped'") == "0");
  }

  TEST_CASE("no database is refused, unless the history has one of its own") {
    CHECK(failure_of([&] { Client().connect(server().uri("")); }).message.find("no database") != std::string::npos);
    Client client({{"migrations_database", std::string("histories")}});
    client.connect(server().uri(""));
    client.initialize();
  }

  TEST_CASE("nobody there is told within the time that was given") {
    const std::string port = std::to_string(free_port());
    CHECK(failure_of([&] { Client().connect("mariadb://root@127.0.0.1:" + port + "/x?connect-timeout=1"); }).code ==
          FLUX_E_CONNECTION);
    CHECK(failure_of([&] { Client().connect("mariadb://root@[::1]:" + port + "/x"); }).code == FLUX_E_CONNECTION);
    CHECK(failure_of([&] { Client().connect("mariadb:///x?socket=/nowhere/socket"); }).code == FLUX_E_CONNECTION);
  }

  TEST_CASE("a server without TLS is refused where TLS is required, and taken where it is preferred") {
    const Database database;
    CHECK(failure_of([&] { Client().connect(database.uri + "?ssl-mode=required"); }).code == FLUX_E_CONNECTION);
    Client().connect(database.uri + "?ssl-mode=preferred");
    Client().connect(database.uri + "?ssl_mode=DISABLED");
  }

  TEST_CASE(
      "an option file changes neither the character set, nor what becomes of a lost connection or of a semicolon") {
    const Database database;
    const OptionFile options("default-character-set = latin1\nreconnect = 1\nmulti-statements\n");
    Client client;
    client.connect(database.uri);
    client.initialize();
    client.lock(1000);
    Row row = row_of("01 \xC3\xA4");
    client.register_migration(row);
    client.migrate("02", "create table t as select '\xC3\xA4' as a");
    CHECK(database.run("select group_concat(hex(id) order by id) from _flux_migrations") == "303120C3A4,3032");
    CHECK(database.run("select hex(a) from t") == "C3A4");
    CHECK(failure_of([&] { client.apply("DELIMITER //\nselect 1; select 2//"); }).code == FLUX_E_SCRIPT);
    database.run("kill connection " + database.run("select min(id) from information_schema.processlist where db = '" +
                                                   database.name + "' and id <> connection_id()"));
    CHECK(failure_of([&] { client.migrate("03", "select 1"); }).code == FLUX_E_CONNECTION);
  }

  TEST_CASE("TLS is as the URI says, or there is no connection, whatever an option file says") {
    const TempDir folder;
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
    const std::string key = (folder / "key").string(), own = (folder / "own").string(),
                      other = (folder / "other").string();
    for (const std::string& certificate : {other, own}) {
      const ProcessResult made =
          run_process({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out",
                       certificate, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"});
      REQUIRE_MESSAGE(made.exit_code == 0, made.err);
    }
    std::filesystem::permissions(key, std::filesystem::perms(0644));
    MariadbServer guarded({"--ssl-cert=" + own, "--ssl-key=" + key});
    const std::string uri = guarded.uri(guarded.create_database());
    struct Case {
      std::string parameters, options;
      bool connects;
    };
    for (const Case& item : {Case{"ssl-mode=required", "", true},
                             {"ssl-mode=required", "ssl-enforce=0", false},
                             {"ssl-mode=verify-ca&ssl-ca=" + own, "", true},
                             {"ssl-mode=verify-identity", "ssl-ca=" + own, true},
                             {"ssl-mode=verify-ca&ssl-ca=" + other, "", false},
                             {"ssl-mode=verify-ca&ssl-ca=" + other, "ssl-ca=" + own, false},
                             {"ssl-mode=verify-ca&ssl-ca=" + own, "ssl-verify-server-cert=0", false}}) {
      CAPTURE(item.parameters);
      CAPTURE(item.options);
      const OptionFile options(item.options + "\n");
      Client client;
      if (item.connects)
        client.connect(uri + '?' + item.parameters);
      else
        CHECK(failure_of([&] { client.connect(uri + '?' + item.parameters); }).code == FLUX_E_CONNECTION);
    }
  }

  TEST_CASE("keys that are not its own, or of another type, are refused") {
    const auto refused_key = [](const Config& config) { return failure_of([&] { Client client(config); }).key; };
    CHECK(refused_key({{"migrations_schema", std::string("x")}}) == "migrations_schema");
    CHECK(refused_key({{"migrations_table", std::int64_t{1}}}) == "migrations_table");
    CHECK(refused_key({{"migrations_table", std::string()}}) == "migrations_table");
    CHECK(refused_key({{"migrations_lock_name", std::string(63, 'x')}}) == "migrations_lock_name");
  }

  TEST_CASE("init_sql that fails names its key") {
    const Database database;
    Client client({{"init_sql", std::vector<std::string>{"set nonsense = 1"}}});
    const Failure failure = failure_of([&] { client.connect(database.uri); });
    CHECK(failure.code == FLUX_E_CONFIG);
    CHECK(failure.key == "init_sql");
  }
}
