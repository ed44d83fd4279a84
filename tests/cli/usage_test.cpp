// Command lines that are wrong
#include <doctest/doctest.h>

#include "project.hpp"

using namespace flux::cli::test;

TEST_SUITE_BEGIN("usage");

TEST_CASE("a password in the wrong place is not shown") {
  const Project project;
  const std::string uri = "postgresql://bob:s3cret@localhost/app";
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"apply", "1", uri}, {uri}, {"status", uri, uri}, {"--env", uri, "status"}, {"help", uri},
        {"--format", uri, "status"}, {"--" + uri, "status"}}) {
    CAPTURE(joined(arguments));
    const ProcessResult result = project.flux(arguments);
    CHECK(result.exit_code == 2);
    CHECK((result.out + result.err).find("s3cret") == std::string::npos);
  }
}

TEST_CASE("a password in a flux.toml with a slip is not shown") {
  const std::string start = "[flux]\nbackend = \"sqlite\"\nmigration_directory = \"migrations\"\n";
  for (const char* line : {"databse_uri = \"postgresql://bob:s3cret@h/app\"", "database_uri = \"postgresql://bob:s3cret@h/app",
                           "database_uri = [\"postgresql://bob:s3cret@h/app\", 1]", "database_uri_command = \"get --token s3cret\"",
                           "database_uri_command = [\n  \"s3cret\" \"s3cret\"\n]", "[environments.x]\nlog_level = \"postgresql://bob:s3cret@h/app\""}) {
    CAPTURE(line);
    const Project project;
    project.write("flux.toml", start + line + "\n");
    for (const char* format : {"text", "json"}) {
      const ProcessResult result = project.flux({"--format", format, "--env", "x", "status"});
      CHECK(result.exit_code == 2);
      CHECK((result.out + result.err).find("s3cret") == std::string::npos);
    }
  }
}

TEST_CASE("each wrong command line says what is wrong and where to look") {
  struct Case {
    std::vector<std::string> arguments;
    std::string message;
  };
  const Project project;
  for (const Case& c :
       {Case{{"aply"}, "error: unknown command \"aply\"\n  hint: did you mean apply? See `flux --help`\n"},
        Case{{"zzzzzzzz"}, "error: unknown command \"zzzzzzzz\"\n  hint: see `flux --help`\n"},
        Case{{"status", "--chek"},
             "error: unknown option --chek\n  hint: did you mean --check? See `flux status --help`\n"},
        Case{{"--frmat", "json", "status"},
             "error: unknown option --frmat\n  hint: did you mean --format? See `flux status --help`\n"},
        Case{{"--no-color"}, "error: a command is missing\n  hint: see `flux --help`\n"},
        Case{{"status", "sqlite:a", "b"}, "error: there is no place for \"b\"\n  hint: see `flux status --help`\n"},
        Case{{"apply", "sqlite:a", "1", "2"}, "error: there is no place for \"2\"\n  hint: give [URI] [N]\n"},
        Case{{"apply", "001_authors"},
             "error: \"001_authors\" is no database URI\n"
             "  hint: a migration is named with --to ID, a SQLite file with sqlite:FILE\n"},
        Case{{"status", "pending"},
             "error: \"pending\" is no database URI\n"
             "  hint: a migration is named with --to ID, a SQLite file with sqlite:FILE\n"},
        Case{{"apply", "sqlite:a", "b"}, "error: \"b\" is no number of migrations\n  hint: N is 1 or more\n"},
        Case{{"apply", "0"}, "error: \"0\" is no number of migrations\n  hint: N is 1 or more\n"},
        Case{{"apply", "99999999999999999999999"},
             "error: \"99999999999999999999999\" is no number of migrations\n  hint: N is 1 or more\n"},
        Case{{"apply", "1", "--to", "x"}, "error: N and --to exclude each other\n  hint: give one of them\n"},
        Case{{"rollback"},
             "error: say how far to roll back\n  hint: a number of migrations, --to ID (that one included) or --all\n"},
        Case{{"rollback", "1", "--all"}, "error: N, --to and --all exclude each other\n  hint: give one of them\n"},
        Case{{"plan", "--all"},
             "error: --all, --no-repeatable and --forget-missing-undo are for a rollback\n  hint: add --rollback\n"},
        Case{{"plan", "--rollback", "1", "--single-transaction"},
             "error: --single-transaction and --allow-out-of-order are not for a rollback\n  hint: leave them out\n"},
        Case{{"diff", "migrations"}, "error: TO is missing: flux diff FROM TO\n  hint: see `flux diff --help`\n"},
        Case{{"diff"}, "error: FROM is missing: flux diff FROM TO\n  hint: see `flux diff --help`\n"},
        Case{{"undo"}, "error: ID is missing: flux undo ID\n  hint: see `flux undo --help`\n"},
        Case{{"new"}, "error: NAME is missing: flux new NAME\n  hint: see `flux new --help`\n"},
        Case{{"accept"}, "error: ID... is missing: flux accept ID...\n  hint: see `flux accept --help`\n"},
        Case{{"resolve", "--resume"}, "error: ID is missing: flux resolve ID [URI]\n  hint: see `flux resolve --help`\n"},
        Case{{"completions"}, "error: SHELL is missing: flux completions SHELL\n  hint: see `flux completions --help`\n"},
        Case{{"status", "--formt", "json"},
             "error: unknown option --formt\n  hint: did you mean --format? See `flux status --help`\n"},
        Case{{"diff", "a", "b", "c", "--chek"},
             "error: unknown option --chek\n  hint: did you mean --check? See `flux diff --help`\n"},
        Case{{"generate", "x", "--allow", "data_loss"},
             "error: --allow: \"data_loss\" is not one of data-loss: did you mean data-loss?\n  hint: see `flux generate --help`\n"},
        Case{{"help", "nonsense"}, "error: unknown command \"nonsense\"\n  hint: see `flux --help`\n"}}) {
    CAPTURE(joined(c.arguments));
    const ProcessResult result = project.flux(c.arguments);
    CHECK(result.exit_code == 2);
    CHECK(result.out == "");
    CHECK(result.err == c.message);
  }
}

TEST_CASE("values and arguments that the parser refuses are errors of usage, too") {
  const Project project;
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"status", "--format", "xml"},
                                                    {"status", "--log-level", "loud"},
                                                    {"completions", "tcsh"},
                                                    {"completions"},
                                                    {"new"},
                                                    {"new", "x", "--pre", "--post"},
                                                    {"status", "--config"}}) {
    CAPTURE(joined(arguments));
    const ProcessResult result = project.flux(arguments);
    CHECK(result.exit_code == 2);
    CHECK(result.out == "");
    CHECK(result.err.starts_with("error: "));
    CHECK(result.err.find("hint: see `flux ") != std::string::npos);
  }
}

TEST_CASE("a migration may be named as a command is") {
  const Project project;
  CHECK(project.flux({"new", "status"}).exit_code == 0);
  CHECK(project.has("migrations/" + today() + "_001_status.sql"));
}

TEST_SUITE_END();
