// Tests of single migrations: what each does to data that is already there.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>
#include <flux/core/migrator.hpp>
#include <string>

namespace {

// A database file that lives as long as one test, and the shop's migrations for it.
class Shop {
 public:
  Shop() {
    std::string pattern = (std::filesystem::temp_directory_path() / "shop-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
  }
  ~Shop() { std::filesystem::remove_all(folder_); }

  flux::Migrator migrator() const {
    flux::ConfigRequest request;
    request.file = SHOP_PROJECT "/flux.toml";
    request.database_uri = "sqlite://" + file();
    flux::MigratorOptions options;
    options.search.backend_dir = FLUX_BACKEND_DIR;
    return flux::Migrator(flux::load_config(request), options);
  }
  flux::Report apply(std::size_t count) const {
    flux::Migrator m = migrator();
    flux::ApplyRequest request;
    request.count = count;
    return m.run(m.plan(request));
  }
  flux::Report rollback(std::size_t count) const {
    flux::Migrator m = migrator();
    flux::RollbackRequest request;
    request.count = count;
    return m.run(m.plan(request));
  }
  // The first column of the first row; "" where there is none, the message where the query fails.
  std::string query(const std::string& sql) const {
    sqlite3* db = nullptr;
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_open(file().c_str(), &db) == SQLITE_OK);
    std::string result;
    if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
      result = sqlite3_errmsg(db);
    } else if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0) != nullptr) {
      result = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return result;
  }

 private:
  std::string file() const { return (folder_ / "shop.db").string(); }
  std::filesystem::path folder_;
};

}  // namespace

TEST_CASE("the first migration creates the customers") {
  const Shop shop;
  const flux::Report report = shop.apply(1);
  CHECK(report.ok());
  CHECK(report.count(flux::StepOutcome::done) == 1);
  CHECK(shop.query("select count(*) from customers") == "2");
  CHECK(shop.query("select surname from customers") == "no such column: surname");
}

TEST_CASE("splitting the names keeps every one of them, there and back") {
  const Shop shop;
  REQUIRE(shop.apply(1).ok());
  REQUIRE(shop.apply(1).ok());
  CHECK(shop.query("select name from customers where surname = 'Lovelace'") == "Ada");
  CHECK(shop.query("select name from customers where surname is null") == "Plato");
  REQUIRE(shop.rollback(1).ok());
  CHECK(shop.query("select group_concat(name, ', ') from (select name from customers order by id)") ==
        "Ada Lovelace, Plato");
  CHECK(shop.migrator().status().applied == 1);
}

TEST_CASE("a migration that the data does not allow fails and leaves them as they were") {
  const Shop shop;
  REQUIRE(shop.apply(2).ok());
  const flux::Report report = shop.apply(1);
  REQUIRE_FALSE(report.ok());
  CHECK(report.exit_code() == 1);
  CHECK(report.failures.front().migration_id == "20260103_001_require-surnames");
  REQUIRE(report.failures.front().where.has_value());
  CHECK(report.failures.front().where->line == 2);
  CHECK(shop.query("select count(*) from sqlite_master where name = 'no_null'") == "0");
  CHECK(shop.migrator().status().pending == 1);
}

TEST_CASE("everything is taken back") {
  const Shop shop;
  REQUIRE(shop.apply(2).ok());
  flux::Migrator m = shop.migrator();
  flux::RollbackRequest all;
  all.all = true;
  REQUIRE(m.run(m.plan(all)).ok());
  CHECK(m.status().applied == 0);
  CHECK(shop.query("select count(*) from sqlite_master where name = 'customers'") == "0");
}
