// flux init and flux new
#include <doctest/doctest.h>

#include <sstream>

#include "project.hpp"

using namespace flux::cli::test;

TEST_SUITE_BEGIN("start");

TEST_CASE("init writes a configuration that works as it is") {
  const Project project(Project::Content::nothing);
  const ProcessResult init = project.flux({"init", "sqlite"});
  CHECK(init.err == "");
  CHECK(init.out == "wrote flux.toml and migrations/\nnext: flux new \"create users\"\n");
  CHECK(init.exit_code == 0);

  const ProcessResult status = project.flux({"status"});
  CHECK(status.err == "");
  CHECK(project.normal(status.out) == "sqlite <dir>/app.db: there is no database yet\n0 applied · 0 pending\n");
  CHECK(status.exit_code == 0);
}

TEST_CASE("init names every key, with the backend's defaults") {
  const Project project(Project::Content::nothing);
  REQUIRE(project.flux({"init", "sqlite"}).exit_code == 0);
  const std::string text = project.read("flux.toml");
  for (const char* line : {"backend = \"sqlite\"", "migration_directory = \"migrations\"",
                           "database_uri = \"sqlite:app.db\"", "# database_uri_command = ", "# namespace = \"\"",
                           "# apply_repeatable_on_undo = true", "# lock_timeout = \"60s\"", "# log_level = \"info\"",
                           "# [environments.production]", "[schema]", "# resources = \"schema\"", "# command = ", "# shadow_uri = ",
                           "# ignore = []", "# renames = \"propose\"", "[backend]", "# migrations_table = \"_flux_migrations\""}) {
    CAPTURE(line);
    CHECK(text.find(std::string("\n") + line) != std::string::npos);
  }
}

TEST_CASE("every commented key of init's configuration is valid when its mark is taken off") {
  const Project project(Project::Content::nothing);
  REQUIRE(project.flux({"init", "sqlite"}).exit_code == 0);
  std::string text;
  std::istringstream lines(project.read("flux.toml"));
  for (std::string line; std::getline(lines, line);) {
    const bool key =
        line.starts_with("# ") && line.find(" = ") != std::string::npos && line.find('(') == std::string::npos;
    const bool section = line.starts_with("# [");
    // Those that exclude a key that is there.
    const bool needs_more = line.find("database_uri") != std::string::npos || line.starts_with("# command = ");
    text += ((key && !needs_more) || section ? line.substr(2) : line) + '\n';
  }
  project.write("flux.toml", text);
  const ProcessResult status = project.flux({"status", "--env", "production"});
  CHECK(status.err == "");
  CHECK(status.exit_code == 0);
}

TEST_CASE("init overwrites nothing") {
  const Project project(Project::Content::nothing);
  project.write("flux.toml", "mine\n");
  const ProcessResult init = project.flux({"init", "sqlite"});
  CHECK(init.exit_code == 2);
  CHECK(init.out == "");
  CHECK(init.err == "error: flux.toml exists already; nothing was written\n");
  CHECK(project.read("flux.toml") == "mine\n");
  CHECK_FALSE(project.has("migrations"));
}

TEST_CASE("init writes to the file that --config names") {
  const Project project(Project::Content::nothing);
  std::filesystem::create_directories(project.folder() / "db");
  CHECK(project.flux({"init", "sqlite", "--config", "db/flux.toml"}).exit_code == 0);
  CHECK(project.has("db/flux.toml"));
  CHECK(project.has("db/migrations"));
}

TEST_CASE("init refuses a backend that is not installed and leaves nothing behind") {
  const Project project(Project::Content::nothing);
  const ProcessResult init = project.flux({"init", "oracle"});
  CHECK(init.exit_code == 2);
  CHECK(init.err.find("backend \"oracle\" not found") != std::string::npos);
  CHECK(std::filesystem::is_empty(project.folder()));
}

TEST_CASE("init says that a backend's name is wanted where it is given a URI") {
  const Project project(Project::Content::nothing);
  const ProcessResult init = project.flux({"init", "sqlite:app.db"});
  CHECK(init.exit_code == 2);
  CHECK(init.err ==
        "error: \"sqlite:\" begins a database URI, and the name of a backend is wanted\n"
        "  hint: the backend is \"sqlite\", as in `flux init sqlite`; the URI is given as database_uri in flux.toml\n");
  CHECK(project.flux({"init", "postgresql://bob:s3cret@h/app"}).err.find("s3cret") == std::string::npos);
  CHECK(std::filesystem::is_empty(project.folder()));
}

TEST_CASE("new makes a draft and its undo under the next free id") {
  const Project project;
  const ProcessResult first = project.flux({"new", "Create users!"});
  CHECK(first.err == "");
  CHECK(project.normal(first.out) ==
        "migrations/<today>_001_create-users.sql\nmigrations/<today>_001_create-users.undo.sql\n");
  CHECK(project.read("migrations/" + today() + "_001_create-users.sql") ==
        "-- flux: draft\n"
        "-- Create users!\n"
        "-- Remove the first line when the script is written: flux does not run a draft.\n\n");
  const ProcessResult second = project.flux({"new", "--no-undo", "größe & 用户"});
  CHECK(project.normal(second.out) == "migrations/<today>_002_größe-用户.sql\n");
}

TEST_CASE("new works from a folder below the project") {
  const Project project;
  project.write("src/main.c", "");
  const ProcessResult result = flux::testing::run_process({FLUX_PROGRAM, "new", "x"}, [&] {
    flux::testing::ProcessOptions options;
    options.cwd = project.folder() / "src";
    options.env = Project::environment();
    return options;
  }());
  CHECK(result.exit_code == 0);
  CHECK(project.has("migrations/" + today() + "_001_x.sql"));
}

TEST_CASE("new needs no variable of the URI to be set") {
  const Project project;
  project.write(
      "flux.toml",
      "[flux]\nbackend = \"sqlite\"\nmigration_directory = \"migrations\"\ndatabase_uri = \"${DATABASE_URL}\"\n");
  CHECK(project.flux({"status"}).exit_code == 2);
  CHECK(project.flux({"new", "x"}).exit_code == 0);
}

TEST_CASE("new puts repeatables into their folders, without undo") {
  const Project project;
  CHECK(project.normal(project.flux({"new", "--pre", "drop views"}).out) ==
        "migrations/pre-apply/<today>_001_drop-views.sql\n");
  CHECK(project.normal(project.flux({"new", "--post", "create views"}).out) ==
        "migrations/post-apply/<today>_001_create-views.sql\n");
}

TEST_CASE("new warns where the new migration is out of order") {
  const Project project;
  project.write("migrations/v1_first.sql", "select 1;\n");
  const ProcessResult result = project.flux({"new", "x"});
  CHECK(project.normal(result.err) ==
        "warning: <today>_001_x sorts before v1_first, and is out of order once that one is applied\n");
  CHECK(result.exit_code == 0);
}

TEST_CASE("new --python makes a draft that runs when it is written") {
  const Project project;
  REQUIRE(project.flux({"new", "--python", "make \"t\""}).exit_code == 0);
  const std::string file = "migrations/" + today() + "_001_make-t.py";
  const ProcessResult draft = project.flux({"apply", "--yes"});
  CHECK(draft.exit_code == 3);
  CHECK(draft.err.find("draft") != std::string::npos);

  std::string text = project.read(file);
  for (std::size_t at; (at = text.find("-- flux: draft\n")) != std::string::npos;) text.erase(at, 15);
  text.replace(text.find("a draft.\n") + 9, 0, "create table t (i int);\n");
  project.write(file, text);
  const ProcessResult applied = project.flux({"apply", "--yes"});
  CHECK(applied.err == "");
  CHECK(applied.exit_code == 0);
}

TEST_CASE("new refuses a name without a letter or digit") {
  const Project project;
  const ProcessResult result = project.flux({"new", "!?"});
  CHECK(result.exit_code == 2);
  CHECK(result.err == "error: \"!?\" holds no letter or digit to name a file by\n");
}

TEST_CASE("an unwritten migration is never recorded") {
  const Project project;
  REQUIRE(project.flux({"new", "create users"}).exit_code == 0);
  const ProcessResult result = project.flux({"apply", "--yes"});
  CHECK(result.exit_code == 3);
  CHECK(result.out == "");
  CHECK(project.normal(result.err) ==
        "error: it is still a draft\n"
        "  migrations/<today>_001_create-users.sql:1:1\n"
        "    1 | -- flux: draft\n"
        "      | ^\n"
        "  hint: write it, then remove the line \"-- flux: draft\"\n");
  CHECK_FALSE(project.has("app.db"));
}

TEST_SUITE_END();
