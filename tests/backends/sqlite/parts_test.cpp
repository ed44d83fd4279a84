#include <doctest/doctest.h>

#include <chrono>

#include "fixture.hpp"

using namespace flux::testing;
using std::chrono::milliseconds, std::chrono::seconds, std::chrono::steady_clock;

namespace {

constexpr ScriptOptions first{FLUX_SCRIPT_CONTINUES}, middle{FLUX_SCRIPT_CONTINUED | FLUX_SCRIPT_CONTINUES},
    last{FLUX_SCRIPT_CONTINUED};

Row row(const std::string& id, std::int64_t statements_done) {
  Row out;
  out.id = id;
  out.state = "interrupted";
  out.statements_done = statements_done;
  return out;
}

// A part in a transaction of its own, with its row of the history.
void run_inside(Client& client, const std::string& text, const ScriptOptions& options, std::int64_t done = 1) {
  client.begin();
  client.apply(text, "1", options);
  client.register_migration(row("1", done));
  client.commit();
}

// A part without a transaction, between two rows of the history.
void run_outside(Client& client, const std::string& text, const ScriptOptions& options, std::int64_t done = 1) {
  client.register_migration(row("1", done - 1));
  client.apply(text, "1", options);
  client.register_migration(row("1", done));
}

struct Change {
  const char *setting, *probe;  // `probe` gives 1 where the setting is there, 0 in a fresh session
};
constexpr Change changes[] = {
    {"pragma foreign_keys = off", "select not foreign_keys from pragma_foreign_keys"},
    {"pragma ignore_check_constraints = 1", "select ignore_check_constraints from pragma_ignore_check_constraints"},
    {"pragma recursive_triggers = 1", "select recursive_triggers from pragma_recursive_triggers"},
    {"pragma cache_size = 77", "select cache_size = 77 from pragma_cache_size"},
    {"pragma case_sensitive_like = 1", "select not ('a' like 'A')"},
    {"pragma count_changes = 1", "select count_changes from pragma_count_changes"},
    {"pragma max_page_count = 5000", "select max_page_count = 5000 from pragma_max_page_count"},
    {"create temp table seen (a)", "select count(*) from temp.sqlite_schema"},
    {"create temp table _flux_migrations (id)", "select count(*) from temp.sqlite_schema"},
    {"attach ':memory:' as other", "select count(*) from pragma_database_list where name = 'other'"},
};

// Fails where the change is there (`wanted` false) or is not there.
std::string expecting(const Change& change, bool wanted) {
  return "create table if not exists probe (x check (x)); pragma ignore_check_constraints = 0; insert into probe "
         "select " +
         std::string(wanted ? "" : "not ") + "(" + change.probe + ")";
}

}  // namespace

TEST_SUITE("sqlite parts of a script") {
  TEST_CASE("what a part changes of the session is there for the next, and gone behind the last") {
    for (const bool memory : {false, true})
      for (const Change& change : changes)
        for (const bool outside : {false, true}) {
          // It does nothing inside a transaction, which is why it is flagged.
          if (!outside && std::string(change.setting).find("foreign_keys") != std::string::npos) continue;
          // The probe writes with the setting switched off.
          if (std::string(change.setting).find("ignore_check") != std::string::npos) continue;
          CAPTURE(memory);
          CAPTURE(outside);
          CAPTURE(std::string(change.setting));
          TempFolder folder;
          Client client;
          client.connect(memory ? std::string(":memory:") : (folder / "app.db").string());
          client.initialize();
          if (outside) {
            run_outside(client, change.setting, first, 1);
          } else {
            run_inside(client, change.setting, first, 1);
          }
          CHECK_NOTHROW(run_inside(client, expecting(change, true), middle, 2));
          CHECK_NOTHROW(run_outside(client, expecting(change, true), middle, 3));
          CHECK_NOTHROW(run_inside(client, expecting(change, true), last, 4));
          CHECK_NOTHROW(client.apply(expecting(change, false), "2"));
          REQUIRE(client.list_history().size() == 1);
          CHECK(client.list_history()[0].statements_done == 4);
        }
  }

  TEST_CASE("rows of the history are written whatever a part has set") {
    for (const char* setting :
         {"pragma query_only = on", "pragma max_page_count = 1", "pragma count_changes = on",
          "pragma ignore_check_constraints = on", "create temp table _flux_migrations (id)",
          "create temp trigger x before update on main._flux_migrations begin select raise(abort, 'no'); end",
          "create temp trigger x after update on main._flux_migrations begin delete from _flux_migrations; end",
          "pragma locking_mode = exclusive", "pragma defer_foreign_keys = on"}) {
      CAPTURE(std::string(setting));
      TempFolder folder;
      Client client(folder / "app.db");
      client.initialize();
      CHECK_NOTHROW(run_outside(client, setting, first, 1));
      Row long_row = row("1", 2);
      long_row.note = std::string(100'000, 'x');
      CHECK_NOTHROW(client.register_migration(long_row));
      CHECK_NOTHROW(run_inside(client, "select 1", middle, 3));
      CHECK_NOTHROW(client.apply("select 1", "1", last));
      REQUIRE(client.list_history().size() == 1);
      CHECK(client.list_history()[0].statements_done == 3);
    }
  }

  TEST_CASE("what a part has set is as it was behind a row of the history") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    run_outside(client, "pragma query_only = on", first);
    CHECK(failure_of([&] { run_inside(client, "create table t (a)", middle); }).sqlstate == "SQLITE_READONLY");
    client.rollback();
    CHECK(failure_of([&] { client.apply("create table t (a)", "1", last); }).code == FLUX_E_SCRIPT);
  }

  TEST_CASE("foreign keys are enforced in a part as its script has set them") {
    const char* const setup =
        "create table p (a integer primary key); create table c (p references p on delete cascade);"
        "insert into p values (1); insert into c values (1)";
    for (const bool off : {false, true}) {
      CAPTURE(off);
      TempFolder folder;
      Client client(folder / "app.db");
      client.initialize();
      client.migrate("0", setup);
      client.apply(off ? "pragma foreign_keys = off" : "select 1", "1", first);
      run_inside(client, "delete from p", middle);
      CHECK(Database(folder / "app.db").ask("select count(*) from c") == (off ? "1" : "0"));
      if (off) {
        CHECK_NOTHROW(run_inside(client, "insert into c values (7)", last));
      } else {
        const Failure failure = failure_of([&] { run_inside(client, "insert into c values (7)", last); });
        CHECK(failure.code == FLUX_E_SCRIPT);
        CHECK(failure.sqlstate == "SQLITE_CONSTRAINT_FOREIGNKEY");
        client.rollback();
      }
      // Not enforced, but checked, as in every migration that is a transaction.
      client.begin();
      client.apply("insert into c values (8)", "2");
      CHECK(failure_of([&] { client.commit(); }).message.find("breaks a foreign key") != std::string::npos);
    }
  }

  TEST_CASE("a key that is broken at the end of a part's transaction rolls it back") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.migrate(
        "0", "create table p (a integer primary key); create table c (p references p deferrable initially deferred)");
    client.begin();
    client.apply("insert into c values (7)", "1", first);
    CHECK(failure_of([&] { client.commit(); }).sqlstate == "SQLITE_CONSTRAINT_FOREIGNKEY");
    CHECK(Database(folder / "app.db").ask("select count(*) from c") == "0");
  }

  TEST_CASE("a script that starts behind one that stopped half way finds a fresh session") {
    for (const bool inside : {false, true})
      for (const bool failed : {false, true}) {
        CAPTURE(inside);
        CAPTURE(failed);
        TempFolder folder;
        Client client(folder / "app.db");
        client.initialize();
        client.apply("pragma foreign_keys = off; create temp table x (a); attach ':memory:' as other", "1", first);
        if (failed) CHECK_THROWS(run_inside(client, "selec", middle));
        client.rollback();
        client.register_migration(row("1", 1));
        if (inside) client.begin();
        client.apply(
            "create table probe (x check (x)); insert into probe select not count(*) from temp.sqlite_schema;"
            "insert into probe select count(*) < 3 from pragma_database_list",
            "2");
        if (inside) client.commit();
        client.apply("insert into probe select foreign_keys from pragma_foreign_keys", "3");
        CHECK(Database(folder / "app.db").ask("select count(*) from probe") == "3");
        CHECK(client.list_history().size() == 1);
      }
  }

  TEST_CASE("reading or initialising the history ends what the parts have set") {
    TempFolder folder;
    const std::function<void(Client&)> calls[] = {[](Client& c) { c.list_history(); },
                                                  [](Client& c) { c.initialize(); },
                                                  [](Client& c) { c.read_script("", "1"); }};
    for (const auto& call : calls) {
      Client client(folder / "app.db");
      client.initialize();
      client.apply("create temp table x (a)", "1", first);
      call(client);
      CHECK(failure_of([&] { client.apply("select * from x", "1", middle); }).code == FLUX_E_SCRIPT);
    }
  }

  TEST_CASE("a part that has to be run again finds the session as it was") {
    TempFolder folder;
    Client client(folder / "app.db", {{"busy_timeout", std::int64_t{50}}});
    client.initialize();
    client.migrate("0", "create table t (a)");
    client.apply("create temp table mine as select 5 as a", "1", first);
    Database reader(folder / "app.db");
    for (const ScriptOptions& options : {middle, last}) {
      reader.run("begin; select * from t");
      client.begin();
      client.apply("insert into t select a from mine", "1", options);
      CHECK(failure_of([&] { client.commit(); }).code == FLUX_E_BUSY);
      reader.run("commit");
      CHECK_NOTHROW(run_inside(client, "insert into t select a from mine", options));
    }
    CHECK(Database(folder / "app.db").ask("select a from t") == "5\n5");
    CHECK(failure_of([&] { client.apply("select * from mine"); }).code == FLUX_E_SCRIPT);
  }

  TEST_CASE("a transaction that a script has left open outside of one is taken back") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    const Failure failure = failure_of([&] { client.apply("begin; create table t (a)", "1", first); });
    CHECK(failure.message == "the script leaves a transaction open");
    client.register_migration(row("1", 0));
    CHECK(Database(folder / "app.db").ask("select count(*) from sqlite_schema where name = 't'") == "0");
    CHECK(client.list_history().size() == 1);
  }

  TEST_CASE("a busy timeout that a part has set lasts to the end of the script, not for the history") {
    TempFolder folder;
    Client client(folder / "app.db", {{"busy_timeout", std::int64_t{400}}});
    client.initialize();
    client.apply("create table t (a); pragma busy_timeout = 10", "1", first);
    Database other(folder / "app.db");
    other.run("begin immediate");
    const auto waited = [&](const std::function<void()>& call) {
      const auto start = steady_clock::now();
      CHECK(failure_of(call).code == FLUX_E_BUSY);
      return steady_clock::now() - start;
    };
    const ScriptOptions patient{FLUX_SCRIPT_CONTINUED | FLUX_SCRIPT_CONTINUES, 60'000};
    CHECK(waited([&] { client.apply("insert into t values (1)", "1", patient); }) < milliseconds(300));
    CHECK(waited([&] { client.register_migration(row("1", 1)); }) >= milliseconds(390));
    CHECK(waited([&] { client.apply("insert into t values (1)", "1", patient); }) < milliseconds(300));
    other.run("rollback");
    client.apply("select 1", "1", last);
    other.run("begin immediate");
    CHECK(waited([&] { client.apply("insert into t values (1)"); }) >= milliseconds(390));
  }

  TEST_CASE("a journal mode that a kill would turn into a broken file is refused, others are set") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    for (const char* mode : {"off", "MEMORY", "'memory'"}) {
      CAPTURE(std::string(mode));
      const Failure failure =
          failure_of([&] { client.apply("select 1; pragma journal_mode = " + std::string(mode), "1", first); });
      CHECK(failure.code == FLUX_E_SCRIPT);
      CHECK(failure.statement_index == 1);
      CHECK(Database(folder / "app.db").ask("pragma journal_mode") == "delete");
    }
    run_outside(client, "pragma journal_mode = wal", first);
    run_inside(client, "create table t (a)", last, 2);
    CHECK(Database(folder / "app.db").ask("pragma journal_mode") == "wal");
    CHECK(client.list_history()[0].statements_done == 2);
  }

  TEST_CASE("VACUUM, ATTACH and a group with its BEGIN and COMMIT blanked run as parts") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.apply("attach '" + (folder / "other.db").string() + "' as other", "1", first);
    run_inside(client, "     ; create table t (a); create table other.u (a); insert into t values (1);      ", middle);
    client.apply("vacuum", "1", middle);
    run_inside(client, "insert into other.u select a from t", middle);
    client.apply("detach other", "1", last);
    CHECK(Database(folder / "other.db").ask("select a from u") == "1");
  }
}
