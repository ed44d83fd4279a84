#include <algorithm>
#include <chrono>
#include <thread>

#include "fixture.hpp"

using namespace flux::testing;

namespace {

struct Names {
  std::string schema, table, index;  // as in SQL
};
const Names names[] = {{"public", "t", "i"}, {"\"Ops\"", "\"a b\"", "\"I.x\""}, {"other", "t", "i"}};

// A table with duplicates, on which a unique index fails and stays INVALID.
void make(const Connected& client, const Names& n) {
  client.run("create schema if not exists " + n.schema + "; create table " + n.schema + "." + n.table +
             " (a int); insert into " + n.schema + "." + n.table + " values (1), (1)");
}

}  // namespace

TEST_SUITE("postgres invalid index") {
  TEST_CASE("is named when it is left, when it is skipped, and afterwards") {
    for (const Names& n : names) {
      CAPTURE(n.index);
      Connected client;
      make(client, n);
      const std::string on = " /* on */ on " + n.schema + "." + n.table + " (a)", full = n.schema + "." + n.index;
      const Failure left = failure_of([&] { client.apply("create unique index concurrently " + n.index + on); });
      CHECK(left.code == FLUX_E_SCRIPT);
      CHECK(left.sqlstate == "23505");
      CAPTURE(left.hint);
      CHECK(left.detail.find("the index " + full + " of " + n.schema + "." + n.table + " is INVALID") !=
            std::string::npos);
      CHECK(left.hint.find("DROP INDEX CONCURRENTLY " + full) != std::string::npos);

      const Failure skipped =
          failure_of([&] { client.apply("create unique index concurrently if not exists " + n.index + on); });
      CHECK(skipped.code == FLUX_E_SCRIPT);
      CHECK(skipped.message.find("the index " + full + " of ") == 0);
      CHECK(skipped.message.find("is INVALID") != std::string::npos);
      CHECK(skipped.hint.find("DROP INDEX CONCURRENTLY " + full) != std::string::npos);
      CHECK(skipped.statement_index == 0);

      const auto leftovers = client.list_leftovers();
      REQUIRE(leftovers.size() == 1);
      CHECK(leftovers[0].find("the index " + full + " of ") == 0);
      CHECK(leftovers[0].find("DROP INDEX CONCURRENTLY " + full) != std::string::npos);

      client.run("delete from " + n.schema + "." + n.table);
      client.apply("drop index concurrently " + full);
      client.apply("create unique index concurrently if not exists " + n.index + on);
      client.apply("create unique index concurrently if not exists " + n.index + on);
      CHECK(client.list_leftovers().empty());
    }
  }

  TEST_CASE("is looked for where the script's search path leads, and without a name") {
    Connected client;
    make(client, names[2]);
    const Failure failure = failure_of([&] {
      client.apply("set search_path = other", "a", {FLUX_SCRIPT_CONTINUES});
      client.apply("create unique index concurrently on t (a)", "a", {FLUX_SCRIPT_CONTINUED});
    });
    CHECK(failure.detail.find("the index other.t_a_idx of other.t is INVALID") != std::string::npos);
  }

  TEST_CASE("is found after REINDEX, too") {
    Connected client;
    client.run(
        "create table t (a int); create index i on t (a); create index j on t (a);"
        "update pg_index set indisvalid = false where indexrelid = 'i'::regclass");
    CHECK(failure_of([&] { client.apply("reindex table concurrently t"); }).message.find("public.i") !=
          std::string::npos);
    CHECK(failure_of([&] { client.apply("reindex (verbose) schema concurrently public"); }).code == FLUX_E_SCRIPT);
    client.apply("reindex index concurrently j");
    client.apply("reindex index concurrently i");
    CHECK(client.list_leftovers().empty());
    client.apply("reindex (concurrently) table t");
  }

  TEST_CASE("is none where a partitioned table waits for its parts' indexes") {
    Connected client;
    client.run(
        "create table p (a int) partition by list (a); create table p1 partition of p for values in (1);"
        "create index i on only p (a)");
    CHECK(client.run("select indisvalid from pg_index where indexrelid = 'i'::regclass") == "f");
    CHECK(client.list_leftovers().empty());
  }

  TEST_CASE("is not made by a lock timeout: what works CONCURRENTLY waits") {
    Connected client;
    client.run("create table t (a int)");
    client.lock(0);
    Client reader;
    reader.connect(client.uri);
    reader.begin();
    reader.apply("lock table t in row exclusive mode; insert into t values (1)");
    std::thread ends([&] {
      std::this_thread::sleep_for(std::chrono::seconds(12));
      reader.commit();
    });
    client.apply("create index concurrently i on t (a)", "a", {FLUX_SCRIPT_CONTINUES, 300});
    ends.join();
    const auto lines = client.log();
    CHECK(std::any_of(lines.begin(), lines.end(), [](const LogLine& line) {
      return line.text.find("a statement waits for others to end; in the way: pid ") == 0;
    }));
    client.apply(
        "do $$ begin if current_setting('lock_timeout') <> '300ms' then raise exception '%', "
        "current_setting('lock_timeout'); end if; end $$",
        "a", {FLUX_SCRIPT_CONTINUED, 300});
    CHECK(client.list_leftovers().empty());
    // The script's own counts.
    reader.begin();
    reader.apply("lock table t in row exclusive mode");
    client.apply("set lock_timeout = 200", "b", {FLUX_SCRIPT_CONTINUES, 300});
    const Failure failure = failure_of([&] {
      client.apply("create index concurrently j on t (a)", "b", {FLUX_SCRIPT_CONTINUED, 300});
    });
    CHECK(failure.code == FLUX_E_BUSY);
    reader.rollback();
  }

  TEST_CASE("is named when the build was cancelled") {
    Connected client;
    client.run("create table t (a int)");
    Client writer;
    writer.connect(client.uri);
    writer.begin();
    writer.apply("insert into t values (1)");
    std::thread stops([&] {
      while (client.run("select count(*) from pg_index where not indisvalid") == "0")
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      client.cancel();
    });
    const Failure failure = failure_of([&] { client.apply("create index concurrently i on t (a)"); });
    stops.join();
    CHECK(failure.code == FLUX_E_CANCELLED);
    CHECK(failure.detail.find("public.i") != std::string::npos);
    writer.rollback();
  }
}
