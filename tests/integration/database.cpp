#include "database.hpp"

#include <sqlite3.h>

#include <sstream>
#include <stdexcept>

#include "run_process.hpp"

namespace flux::testing {
namespace {

class Postgres final : public Database {
 public:
  Postgres() : name_(postgres().create_database()) {}
  std::string backend() const override { return "postgres"; }
  std::unique_ptr<Database> another() const override { return std::make_unique<Postgres>(); }
  std::string uri() const override { return postgres().uri(name_); }
  std::string run(const std::string& sql) const override { return postgres().run(name_, sql); }
  std::string dump() const override {
    const ProcessResult result =
        run_process({(postgres().programs() / "pg_dump").string(), "--inserts", "--exclude-table=*._flux_migrations", uri()});
    if (result.exit_code != 0) throw std::runtime_error(result.err);
    std::istringstream lines(result.out);
    std::string out;
    // pg_dump writes a random key into these two lines.
    for (std::string line; std::getline(lines, line);)
      if (!line.starts_with("\\restrict") && !line.starts_with("\\unrestrict")) out += line + "\n";
    return out;
  }

 private:
  std::string name_;
};

class Sqlite final : public Database {
 public:
  std::string backend() const override { return "sqlite"; }
  std::unique_ptr<Database> another() const override { return std::make_unique<Sqlite>(); }
  std::string joined(const std::string& column, const std::string&) const override { return "group_concat(" + column + ", ' ')"; }
  std::string uri() const override { return "sqlite:" + file(); }
  std::string run(const std::string& sql) const override {
    sqlite3* db = nullptr;
    if (sqlite3_open(file().c_str(), &db) != SQLITE_OK) throw std::runtime_error("cannot open " + file());
    sqlite3_busy_timeout(db, 10'000);
    std::string value;
    char* message = nullptr;
    const auto keep = [](void* into, int columns, char** values, char**) {
      *static_cast<std::string*>(into) = columns > 0 && values[0] != nullptr ? values[0] : "";
      return 0;
    };
    const int status = sqlite3_exec(db, sql.c_str(), keep, &value, &message);
    const std::string why = message != nullptr ? message : "";
    sqlite3_free(message);
    sqlite3_close(db);
    if (status != SQLITE_OK) throw std::runtime_error(why);
    return value;
  }
  std::string dump() const override {
    std::string out = run("select group_concat(type || ' ' || name || ' ' || coalesce(sql, ''), char(10)) from (select * from sqlite_master"
                          " where name not like '\\_flux\\_%' escape '\\' and name not like 'sqlite\\_%' escape '\\' order by type, name)");
    const std::string tables = run("select group_concat(name, char(10)) from (select name from sqlite_master where type = 'table'"
                                   " and name not like '\\_flux\\_%' escape '\\' and name not like 'sqlite\\_%' escape '\\' order by name)");
    std::istringstream lines(tables);
    for (std::string table; std::getline(lines, table);) out += "\n" + table + ": " + run("select count(*) from \"" + table + "\"");
    return out;
  }

 private:
  std::string file() const { return (folder_ / "app.db").string(); }
  TempDir folder_;
};

}  // namespace

PostgresServer& postgres() {
  static PostgresServer server;
  return server;
}

std::unique_ptr<Database> new_postgres() { return std::make_unique<Postgres>(); }
std::unique_ptr<Database> new_sqlite() { return std::make_unique<Sqlite>(); }
std::vector<std::unique_ptr<Database>> one_of_each() {
  std::vector<std::unique_ptr<Database>> both;
  both.push_back(new_sqlite());
  both.push_back(new_postgres());
  return both;
}

std::vector<std::unique_ptr<Database>> one_of_every_kind() {
  std::vector<std::unique_ptr<Database>> all = one_of_each();
  if (auto database = new_mariadb_if_built()) all.push_back(std::move(database));
  return all;
}

}  // namespace flux::testing
