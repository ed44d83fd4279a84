#include "project.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <regex>

#include "migration_id.hpp"

namespace flux::cli::test {

Project::Project(Content content) {
  if (content == Content::nothing) return;
  write("flux.toml",
        "[flux]\n"
        "backend = \"sqlite\"\n"
        "migration_directory = \"migrations\"\n"
        "database_uri = \"sqlite:app.db\"\n");
  std::filesystem::create_directories(folder() / "migrations");
}

void Project::write(const std::string& file, std::string_view text) const { testing::write_file(dir_ / file, text); }
std::string Project::read(const std::string& file) const { return testing::read_file(dir_ / file); }
bool Project::has(const std::string& file) const { return std::filesystem::exists(dir_ / file); }

void Project::write_library() const {
  write("migrations/001_authors.sql", "create table authors (id integer primary key, name text not null);\n");
  write("migrations/001_authors.undo.sql", "drop table authors;\n");
  write("migrations/002_books.sql",
        "create table books (id integer primary key, author integer references authors (id));\n");
  write("migrations/002_books.undo.sql", "drop table books;\n");
  write("migrations/003_loans.sql", "create table loans (book integer references books (id), since text);\n");
  write("migrations/003_loans.undo.sql", "drop table loans;\n");
}

Environment Project::environment() {
  return {{"FLUX_CONFIG", std::nullopt},
          {"FLUX_ENV", std::nullopt},
          {"FLUX_DATABASE_URI", std::nullopt},
          {"FLUX_BACKEND_PATH", std::nullopt},
          {"NO_COLOR", std::nullopt},
          {"TERM", "xterm"},
          {"XDG_DATA_HOME", "/nonexistent"},
          {"TZ", "UTC"},
          {"LANG", "C"},
          {"XDG_CONFIG_HOME", "/nonexistent"},
          {"DATABASE_URL", std::nullopt}};
}

ProcessResult Project::flux(const std::vector<std::string>& arguments, const Environment& more) const {
  std::vector<std::string> argv{FLUX_PROGRAM};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  testing::ProcessOptions options;
  options.cwd = folder();
  options.env = environment();
  for (const auto& [name, value] : more) options.env[name] = value;
  return testing::run_process(argv, options);
}

Json Project::json(std::vector<std::string> arguments) const {
  arguments.insert(arguments.end(), {"--format", "json"});
  const ProcessResult result = flux(arguments);
  CAPTURE(joined(arguments));
  CAPTURE(result.out);
  CAPTURE(result.err);
  const Json document = Json::parse(result.out, nullptr, false);
  REQUIRE(document.is_object());
  CHECK(document.at("exit_code") == result.exit_code);
  CHECK(document.at("ok") == (result.exit_code == 0));
  CHECK(document.at("failures").is_array());
  CHECK(document.at("warnings").is_array());
  return document;
}

std::string Project::normal(std::string_view text) const {
  std::string out(text);
  const auto replace_all = [&out](const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = out.find(from, at)) != std::string::npos; at += to.size())
      out.replace(at, from.size(), to);
  };
  replace_all(folder().string(), "<dir>");
  replace_all(today(), "<today>");
  out = std::regex_replace(out, std::regex(R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)"), "<time>");
  out = std::regex_replace(out, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)"), "<time>");
  out = std::regex_replace(out, std::regex(R"(\b\d+ ms\b|\b\d+\.\d s\b)"), "<took>");
  return std::regex_replace(out, std::regex(R"([^ \n]+@[^ \n]+)"), "<who>");
}

std::string Project::normal_table(std::string_view text) const {
  return std::regex_replace(normal(text), std::regex(R"((\S) {2,})"), "$1  ");
}

std::string today() { return date_of(std::chrono::system_clock::now()); }

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

}  // namespace flux::cli::test
