#include "project.hpp"

#include <cstdlib>
#include <stdexcept>

namespace flux::testing {

Project::Project(const Database& database, const std::string& settings, const std::string& backend_settings) {
  const char* more = std::getenv("FLUX_TEST_SETTINGS");
  write_file(folder_ / "flux.toml", "[flux]\nbackend = \"" + database.backend() + "\"\nmigration_directory = \"migrations\"\ndatabase_uri = \"" +
                                        database.uri() + "\"\n" + settings + "\n" + (more != nullptr ? more : "") + "\n[backend]\n" + backend_settings + "\n");
  std::filesystem::create_directory(folder_ / "migrations");
}

void Project::write(const std::string& name, const std::string& text) const { write_file(folder_.path() / "migrations" / name, text); }
void Project::remove(const std::string& name) const { std::filesystem::remove(folder_.path() / "migrations" / name); }
void Project::migration(const std::string& id, const std::string& up, const std::string& undo) const {
  write(id + ".sql", up);
  write(id + ".undo.sql", undo);
}

ProcessResult Project::flux(const std::vector<std::string>& arguments, const std::function<void(int pid)>& meanwhile) const {
  std::vector<std::string> argv{FLUX_PROGRAM};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  ProcessOptions options;
  options.cwd = folder_.path();
  for (const char* name : {"FLUX_ENV", "FLUX_CONFIG", "FLUX_DATABASE_URI", "FLUX_BACKEND_PATH"}) options.env[name] = std::nullopt;
  options.timeout = std::chrono::seconds(300);
  options.meanwhile = meanwhile;
  return run_process(argv, options);
}

std::string Project::must(const std::vector<std::string>& arguments, int code) const {
  const ProcessResult result = flux(arguments);
  if (result.exit_code == code) return result.out + result.err;
  std::string command = "flux";
  for (const std::string& argument : arguments) command += " " + argument;
  throw std::runtime_error(command + " exited with " + std::to_string(result.exit_code) + ", not " + std::to_string(code) + ":\n" + result.out + result.err);
}

std::string applied_ids(const Database& database) {
  return database.run("select " + database.joined("id", "namespace, id") + " from (select namespace, id from _flux_migrations order by namespace, id) as ordered");
}

}  // namespace flux::testing
