#include <doctest/doctest.h>

#include <chrono>

#include "fixture.hpp"

using namespace flux::testing;

namespace {

// A setting that a script makes, and how the next one would notice. `probe` gives 0 in a fresh session.
struct Leak {
  const char *setting, *probe;
};

constexpr Leak leaks[] = {
    {"pragma query_only = 1", "select query_only from pragma_query_only"},
    {"pragma ignore_check_constraints = 1", "select ignore_check_constraints from pragma_ignore_check_constraints"},
    {"pragma writable_schema = 1", "select writable_schema from pragma_writable_schema"},
    {"pragma legacy_alter_table = 1", "select legacy_alter_table from pragma_legacy_alter_table"},
    {"pragma recursive_triggers = 1", "select recursive_triggers from pragma_recursive_triggers"},
    {"pragma reverse_unordered_selects = 1", "select reverse_unordered_selects from pragma_reverse_unordered_selects"},
    {"pragma defer_foreign_keys = 1", "select defer_foreign_keys from pragma_defer_foreign_keys"},
    {"pragma trusted_schema = 0", "select trusted_schema <> 1 from pragma_trusted_schema"},
    {"pragma automatic_index = 0", "select automatic_index <> 1 from pragma_automatic_index"},
    {"pragma cache_size = 77", "select cache_size = 77 from pragma_cache_size"},
    {"pragma max_page_count = 5000", "select max_page_count = 5000 from pragma_max_page_count"},
    {"pragma case_sensitive_like = 1", "select not ('a' like 'A')"},
    {"create temp table leaked (a)", "select count(*) from temp.sqlite_schema"},
    {"create temp view leaked as select 1", "select count(*) from temp.sqlite_schema"},
    {"create table temp.leaked (a primary key); create index temp.i on leaked (a)",
     "select count(*) from temp.sqlite_schema"},
    {"create table owner (a); create temp trigger leaked after insert on owner begin select 1; end",
     "select count(*) from temp.sqlite_schema"},
    {"create temp table _flux_migrations (namespace, id, hash, state)", "select count(*) from temp.sqlite_schema"},
    {"attach ':memory:' as other", "select count(*) from pragma_database_list where name = 'other'"},
    {"attach ':memory:' as other; create table other.x (a); insert into other.x values (1)",
     "select count(*) from pragma_database_list where name = 'other'"},
    {"pragma foreign_keys = off", "select foreign_keys from pragma_foreign_keys"},
};

// A script that fails where the probe is not 0.
std::string checking(const Leak& leak) {
  return "create table if not exists probe (leaked check (not leaked)); insert into probe " + std::string(leak.probe) +
         ";";
}

}  // namespace

TEST_SUITE("sqlite session") {
  TEST_CASE("what a script changes reaches neither the history nor the next script") {
    for (const bool memory : {false, true})
      for (const Leak& leak : leaks) {
        CAPTURE(memory);
        CAPTURE(std::string(leak.setting));
        TempFolder folder;
        Client client;
        client.connect(memory ? std::string(":memory:") : (folder / "app.db").string());
        client.initialize();
        CHECK_NOTHROW(client.migrate("0", checking(leak)));
        CHECK_NOTHROW(client.migrate("1", leak.setting));
        CHECK_NOTHROW(client.migrate("2", checking(leak)));
        CHECK_THROWS(client.migrate("3", std::string(leak.setting) + "; selec"));
        CHECK_NOTHROW(client.migrate("4", checking(leak)));
        CHECK(client.list_history().size() == 4);
      }
  }

  TEST_CASE("the next script of the same transaction is not reached either") {
    for (const Leak& leak : leaks) {
      // A database that took part in a transaction can be detached only after it.
      if (std::string(leak.setting).find("other.x") != std::string::npos) continue;
      CAPTURE(std::string(leak.setting));
      TempFolder folder;
      Client client(folder / "app.db");
      client.initialize();
      client.begin();
      client.apply(leak.setting);
      CHECK_NOTHROW(client.apply(checking(leak)));
      Row row;
      row.id = "1";
      CHECK_NOTHROW(client.register_migration(row));
      client.commit();
    }
  }

  TEST_CASE("a script outside a transaction leaves nothing behind") {
    for (const Leak& leak : leaks) {
      if (std::string(leak.setting) == "pragma foreign_keys = off") continue;
      CAPTURE(std::string(leak.setting));
      TempFolder folder;
      Client client(folder / "app.db");
      client.initialize();
      client.apply(leak.setting);
      CHECK_NOTHROW(client.apply(checking(leak)));
    }
  }

  TEST_CASE("a busy timeout that a script sets ends with it") {
    TempFolder folder;
    Client client(folder / "app.db", {{"busy_timeout", std::int64_t{300}}});
    client.initialize();
    client.migrate("1", "pragma busy_timeout = 0");
    Database other(folder / "app.db");
    other.run("begin immediate");
    const auto start = std::chrono::steady_clock::now();
    CHECK_THROWS(client.begin());
    CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(290));
  }

  TEST_CASE("foreign keys are enforced outside of migrations as configured, whatever a script says") {
    for (const bool on : {true, false}) {
      CAPTURE(on);
      TempFolder folder;
      Client client(folder / "app.db", {{"foreign_keys", on}});
      client.begin();
      client.apply("pragma foreign_keys = off; create table t (a)");
      client.commit();
      client.apply("create table seen as select foreign_keys from pragma_foreign_keys");
      CHECK(Database(folder / "app.db").ask("select * from seen") == (on ? "1" : "0"));
      client.apply("pragma foreign_keys = off; pragma foreign_keys = on");
      client.apply("insert into seen select foreign_keys from pragma_foreign_keys");
      CHECK(Database(folder / "app.db").ask("select * from seen") == (on ? "1\n1" : "0\n0"));
    }
  }

  TEST_CASE("hundreds of migrations that change their session take seconds, not minutes") {
    TempFolder folder;
    Client client(folder / "app.db", {{"init_sql", std::string("PRAGMA synchronous = off")}});
    client.initialize();
    const auto run = [&](const std::string& extra, int from) {
      const auto start = std::chrono::steady_clock::now();
      for (int i = from; i < from + 300; ++i) {
        const std::string n = std::to_string(i);
        client.migrate(n, extra + "create table t" + n + " (a integer primary key, b text); create index i" + n +
                              " on t" + n + " (b)");
      }
      return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
    };
    const auto plain = run("", 0);
    const auto reset = run("create temp table x (a);", 300);
    MESSAGE("300 plain: " << plain << " ms; 300 that are reset, on 300 to 600 tables: " << reset << " ms");
    CHECK(plain < 120'000);
    CHECK(reset < 120'000);
  }
}
