#include "scene.hpp"

#include <thread>

namespace flux::testing {

using std::chrono::milliseconds;

std::unique_ptr<Child> start_flux(const Project& project, const std::vector<std::string>& arguments,
                                  ProcessOptions options) {
  std::vector<std::string> argv{FLUX_PROGRAM};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  if (options.cwd.empty()) options.cwd = project.folder();
  for (const char* name : {"FLUX_ENV", "FLUX_CONFIG", "FLUX_DATABASE_URI", "FLUX_BACKEND_PATH"})
    options.env[name] = std::nullopt;
  return std::make_unique<Child>(argv, options);
}

bool eventually(const std::function<bool()>& is, milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!is()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return true;
}

int sessions_with(const Database& database, const std::string& part, const std::string& state) {
  return std::stoi(
      database.run("select count(*) from pg_stat_activity where datname = current_database() and pid <> "
                   "pg_backend_pid() and state = '" +
                   state + "' and strpos(query, '" + part + "') > 0"));
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

bool has_relation(const Database& database, const std::string& name) {
  if (database.backend() == "sqlite")
    return database.run("select count(*) from sqlite_master where name = '" + name + "'") != "0";
  return database.run("select to_regclass('" + name + "') is not null") == "t";
}

std::string history_of(const Database& database) {
  if (!has_relation(database, "_flux_migrations")) return "";
  const std::string aggregate = database.backend() == "sqlite" ? "group_concat(id, ' ')" : "string_agg(id, ' ')";
  return database.run("select coalesce(" + aggregate +
                      ", '') from (select id from _flux_migrations where state = 'applied' order by id) rows");
}

namespace {
constexpr const char* others = " from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
}  // namespace

void end_sessions(const Database& database) {
  database.run(std::string("select count(pg_terminate_backend(pid))") + others);
  static_cast<void>(alone(database));
}

bool alone(const Database& database, milliseconds limit) {
  return eventually([&] { return database.run(std::string("select count(*)") + others) == "0"; }, limit);
}

}  // namespace flux::testing
