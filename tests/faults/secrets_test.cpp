// Row 43: no secret is in the arguments of a process, in output, or in a log.
#include <fstream>
#include <sstream>

#include "proxy.hpp"
#include "scene.hpp"

using namespace flux::testing;

namespace {

constexpr const char* secret = "hunter2-Zebra";

// The arguments of every process that this one, or its children, have started.
std::string arguments_of_processes() {
  std::string out;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", none)) {
    if (entry.path().filename().string().find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream in(entry.path() / "cmdline");
    std::ostringstream arguments;
    arguments << in.rdbuf();  // a process that has ended meanwhile has none; an iterator would throw
    out += arguments.str() + "\n";
  }
  return out;
}

void check_hidden(const ProcessResult& result) {
  CAPTURE(result.exit_code);
  CHECK_FALSE(contains(result.out, secret));
  CHECK_FALSE(contains(result.err, secret));
}

}  // namespace

TEST_SUITE_BEGIN("secrets");

TEST_CASE("row 43: a password of the URI is shown nowhere, whatever is wrong with it") {
  PostgresScene scene;
  scene.project.write("01.sql", "select 1;\n");
  const std::string port = std::to_string(postgres().port()), pass = secret;
  postgres().run("postgres", "create role password_users; create role keeper login superuser password '" + pass +
                                 "' in role password_users");
  const std::string host = "@127.0.0.1:" + port + "/" + scene.name();
  for (const std::string& uri :
       {"postgresql://keeper:" + pass + host, "postgresql://keeper:" + pass + host + "?application_name=" + pass,
        "postgresql://keeper:" + pass + "x" + host, "postgresql://keeper:" + pass + "@127.0.0.1:notaport/x",
        "postgresql://keeper:" + pass + "@[::1/x", "postgresql://keeper:" + pass + "@ho st/x?sslmode=" + pass,
        "postgresql://keeper:" + pass + host + "?no_such_option=1",
        "postgresql://keeper" + host + "?password=" + pass + "&bad=%zz",
        "postgres://keeper:" + pass + "/" + pass + host, "postgresql:/keeper:" + pass + host,
        "host=127.0.0.1 port=" + port + " user=keeper password=" + pass + " dbname=nowhere",
        "host=127.0.0.1 user=keeper password='" + pass, "host=127.0.0.1 user=keeper password = '" + pass + "' nonsense",
        "keeper:" + pass + host, "mysql://keeper:" + pass + host}) {
    CAPTURE(uri);
    for (const std::vector<std::string>& options : {std::vector<std::string>{},
                                                    {"--log-level", "trace"},
                                                    {"--format", "json"},
                                                    {"--format", "json", "--log-level", "trace"}})
      for (const std::vector<std::string>& command :
           {std::vector<std::string>{"status", uri}, {"apply", uri, "--yes"}}) {
        std::vector<std::string> all = options;
        all.insert(all.end(), command.begin(), command.end());
        check_hidden(scene.project.flux(all));
      }
  }
}

TEST_CASE("row 43: a password in the configuration reaches no process's arguments and no session's name") {
  PostgresScene scene;
  scene.project.write("01_py.py", "import time\ndef apply():\n    time.sleep(0.5)\n    return 'select pg_sleep(1);'\n");
  postgres().run(
      "postgres",
      std::string("do $$ begin if not exists (select from pg_roles where rolname = 'password_users') then create role "
                  "password_users; end if; end $$; create role keeper2 login superuser password '") +
          secret + "' in role password_users");
  write_file(scene.project.folder() / "flux.toml",
             "[flux]\nbackend = \"postgres\"\nmigration_directory = \"migrations\"\ndatabase_uri_command = [\"sh\", "
             "\"-c\", \"cat uri\"]\n");
  write_file(scene.project.folder() / "uri", "postgresql://keeper2:" + std::string(secret) + "@127.0.0.1:" +
                                                 std::to_string(postgres().port()) + "/" + scene.name() + "\n");
  const auto flux = start_flux(scene.project, {"--log-level", "trace", "apply", "--yes"});
  int looks = 0;
  while (flux->running()) {
    CHECK_FALSE(contains(arguments_of_processes(), secret));
    CHECK(
        scene.run(
            std::string(
                "select count(*) from pg_stat_activity where pid <> pg_backend_pid() and strpos(application_name, '") +
            secret + "') > 0") == "0");
    ++looks;
  }
  CHECK(looks > 1);
  CAPTURE(flux->text());
  check_hidden({flux->wait(), flux->out(), flux->err()});
  CHECK(flux->wait() == 0);
}

TEST_CASE("row 43: PASSWORD literals of failing SQL are masked") {
  PostgresScene scene;
  for (const char* sql :
       {"create role app login password '%', superuser;", "create role app password '%' nonsense;",
        "alter role no_such_role password '%';", "create role postgres login\n  encrypted password '%';",
        "do $$ begin execute 'create role app password ''%'' nonsense'; end $$;",
        "create user mapping for current_user server nowhere options (user 'app', password '%');",
        "create subscription s connection 'host=127.0.0.1 port=1 password=%' publication p;"}) {
    std::string script = sql;
    script.replace(script.find('%'), 1, secret);
    CAPTURE(script);
    scene.project.write("01.sql", script + "\n");
    for (const std::vector<std::string>& command : {std::vector<std::string>{"apply", "--yes"},
                                                    {"--format", "json", "apply", "--yes"},
                                                    {"--log-level", "trace", "apply", "--yes"}}) {
      const ProcessResult result = scene.project.flux(command);
      CHECK(result.exit_code != 0);
      check_hidden(result);
    }
  }
}

TEST_SUITE_END();
