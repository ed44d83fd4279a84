#include <doctest/doctest.h>

#include <map>

#include <flux/core/config.hpp>

#include "temp_dir.hpp"

TEST_SUITE_BEGIN("config");

using namespace flux;
using namespace flux::testing;

namespace {

struct Project {
  TempDir dir;
  std::map<std::string, std::string> env;
  ConfigRequest request;

  explicit Project(const std::string& text) {
    write_file(dir / "flux.toml", text);
    request.working_directory = dir.path();
    request.getenv = [this](const std::string& name) {
      const auto at = env.find(name);
      return at != env.end() ? std::optional(at->second) : std::nullopt;
    };
  }
  Config load() const { return load_config(request); }
  // "LINE:COLUMN message (hint)" of each problem.
  std::vector<std::string> problems() const {
    std::vector<std::string> out;
    try {
      load();
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::config);
      for (const Failure& f : error.failures())
        out.push_back(std::to_string(f.where->line) + ":" + std::to_string(f.where->column) + " " + f.message + (f.hint.empty() ? "" : " (" + f.hint + ")"));
    }
    return out;
  }
};

const std::string minimal = "[flux]\nbackend = \"sqlite\"\nmigration_directory = \"migrations\"\n";

}  // namespace

TEST_CASE("a minimal file has defaults") {
  const Project p(minimal);
  const Config config = p.load();
  CHECK(config.backend == "sqlite");
  CHECK(config.migration_directory == p.dir / "migrations");
  CHECK(config.name_space.empty());
  CHECK(config.apply_repeatable_on_undo);
  CHECK(config.lock_timeout == std::chrono::seconds(60));
  CHECK(config.statement_lock_timeout == std::chrono::seconds(2));
  CHECK_FALSE(config.statement_timeout);
  CHECK(config.lock_retries == 10);
  CHECK(config.log_level == LogLevel::info);
  CHECK_FALSE(config.database_uri);
}

TEST_CASE("every key is read") {
  const Project p(minimal + "database_uri = \"sqlite:a.db\"\nnamespace = \"shop\"\napply_repeatable_on_undo = false\nlock_timeout = \"500ms\"\n"
                            "statement_lock_timeout = \"0s\"\nstatement_timeout = \"1m\"\nlock_retries = 3\n"
                            "log_level = \"WARNING\"\n[backend]\na = \"x\"\nb = 5\nc = 1.5\nd = true\ne = [\"1\", \"2\"]\n[backend.tls]\nca = \"file\"\n");
  const Config config = p.load();
  CHECK(config.database_uri->secret_text() == "sqlite:a.db");
  CHECK(config.name_space == "shop");
  CHECK_FALSE(config.apply_repeatable_on_undo);
  CHECK(config.lock_timeout == std::chrono::milliseconds(500));
  CHECK(config.statement_lock_timeout == std::chrono::milliseconds(0));
  CHECK(config.statement_timeout == std::chrono::milliseconds(60'000));
  CHECK(config.lock_retries == 3);
  CHECK(config.log_level == LogLevel::warn);
  REQUIRE(config.backend_settings.size() == 6);
  CHECK(std::get<std::int64_t>(config.backend_settings[1].value) == 5);
  CHECK(std::get<std::vector<std::string>>(config.backend_settings[4].value).size() == 2);
  CHECK(config.backend_settings[5].key == "tls.ca");
}

TEST_CASE("every problem is listed with its place") {
  const Project p("[flux]\nbakend = \"sqlite\"\nmigration_directory = 5\nlock_timeout = \"soon\"\nlog_level = \"loud\"\n[backend]\nwhen = 2020-01-01\n[fluxx]\n");
  const std::vector<std::string> expected = {
      "8:1 unknown table \"fluxx\" (did you mean \"flux\"?)",
      "2:1 unknown key \"bakend\" (did you mean \"backend\"?)",
      "4:1 the key \"lock_timeout\" must be a duration like \"60s\", \"500ms\" or \"2m\"",
      "5:1 the key \"log_level\" must be one of trace, debug, info, warn, error, off",
      "3:1 the key \"migration_directory\" must be a string, not an integer",
      "1:1 the key \"backend\" is missing (name the kind of database, as `flux backends` lists them: backend = \"sqlite\")",
      "7:1 the key \"when\" is a date or time, which no backend takes",
  };
  std::vector<std::string> found = p.problems(), wanted = expected;
  std::sort(found.begin(), found.end());
  std::sort(wanted.begin(), wanted.end());
  CHECK(found == wanted);
}

TEST_CASE("what is not TOML is refused with its place") {
  const auto problems = Project("[flux]\nbackend = \n").problems();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].starts_with("2:"));
}

TEST_CASE("a key outside of a table is refused") {
  CHECK(Project("backend = \"sqlite\"\n" + minimal).problems() == std::vector<std::string>{"1:1 unknown key outside of a table: \"backend\""});
}

TEST_CASE("the URI comes from the first place that has one") {
  Project p(minimal + "database_uri = \"file\"\n[environments.production]\ndatabase_uri = \"production\"\n[environments.empty]\n");
  const auto uri = [&] { return p.load().database_uri->secret_text(); };
  CHECK(uri() == "file");
  CHECK(p.load().database_uri_base == p.dir.path());
  p.request.environment = "empty";
  CHECK(uri() == "file");
  p.request.environment = "production";
  CHECK(uri() == "production");
  p.request.environment.reset();
  p.env["FLUX_ENV"] = "production";
  CHECK(uri() == "production");
  p.env["FLUX_DATABASE_URI"] = "variable";
  CHECK(uri() == "variable");
  p.request.database_uri = "argument";
  CHECK(uri() == "argument");
}

TEST_CASE("an unknown environment names those that there are") {
  Project p(minimal + "[environments.staging]\n");
  p.request.environment = "prod";
  CHECK(p.problems() == std::vector<std::string>{"0:0 unknown environment \"prod\" (there are: staging)"});
}

TEST_CASE("slips in environments that are not chosen are seen") {
  CHECK(Project(minimal + "[environments.staging]\ndatabase_url = \"x\"\n").problems() ==
        std::vector<std::string>{"5:1 unknown key \"database_url\" (did you mean \"database_uri\"?)"});
}

TEST_CASE("variables are taken from the environment") {
  Project p(minimal + "database_uri = \"a${ONE}b$${ONE}c$d\"\nnamespace = \"${TWO}\"\n");
  p.env = {{"ONE", "1"}, {"TWO", "2"}};
  CHECK(p.load().database_uri->secret_text() == "a1b${ONE}c$d");
  CHECK(p.load().name_space == "2");
  p.env.erase("TWO");
  CHECK(p.problems() == std::vector<std::string>{"5:1 the environment variable TWO is not set"});
}

TEST_CASE("an unset variable of a URI that is not used is no problem") {
  Project p(minimal + "database_uri = \"${NOT_SET}\"\n");
  const Config config = p.load();
  CHECK_THROWS_WITH_AS(resolve_database_uri(config), "the environment variable NOT_SET is not set", Error);
  p.request.database_uri = "argument";
  CHECK(resolve_database_uri(p.load()).secret_text() == "argument");
}

TEST_CASE("a program can give the URI") {
  const Project good(minimal + "database_uri_command = [\"printf\", \"the uri\\n\"]\n");
  CHECK(resolve_database_uri(good.load()).secret_text() == "the uri");
  struct Row {
    const char *command, *message;
  };
  const Row rows[] = {
      {"[\"false\"]", "database_uri_command: false ended with exit code 1"},
      {"[\"true\"]", "database_uri_command: true wrote no URI to its stdout"},
      {"[\"printf\", \"a\\nb\"]", "database_uri_command: printf wrote more than one line to its stdout"},
      {"[\"/no/such/program\"]", "database_uri_command: /no/such/program cannot be started: No such file or directory"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.command);
    const Project p(minimal + "database_uri_command = " + row.command + "\n");
    const Config config = p.load();
    CHECK_THROWS_WITH_AS(resolve_database_uri(config), row.message, Error);
  }
}

TEST_CASE("a URI and a program exclude each other in one table, not across tables") {
  CHECK(Project(minimal + "database_uri = \"x\"\ndatabase_uri_command = [\"x\"]\n").problems().size() == 1);
  Project p(minimal + "database_uri = \"x\"\n[environments.e]\ndatabase_uri_command = [\"printf\", \"y\"]\n");
  p.request.environment = "e";
  CHECK(resolve_database_uri(p.load()).secret_text() == "y");
}

TEST_CASE("the file is found in a parent folder") {
  Project p(minimal);
  std::filesystem::create_directories(p.dir / "a/b");
  p.request.working_directory = p.dir / "a/b";
  CHECK(std::filesystem::equivalent(p.load().file, p.dir / "flux.toml"));
  const TempDir other;
  p.request.working_directory = other.path();
  CHECK_THROWS_AS(p.load(), Error);
  p.env["FLUX_CONFIG"] = (p.dir / "flux.toml").string();
  CHECK(p.load().backend == "sqlite");
}

TEST_CASE("a backend is named, never given as a path") {
  const auto problems = Project("[flux]\nbackend = \"../evil\"\nmigration_directory = \"m\"\n").problems();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].starts_with("2:1 \"../evil\" cannot be the name of a backend"));
}

TEST_SUITE_END();
