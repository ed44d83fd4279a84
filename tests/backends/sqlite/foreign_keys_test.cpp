#include <doctest/doctest.h>

#include "fixture.hpp"

using namespace flux::testing;

namespace {

constexpr const char* schema =
    "create table customers (id integer primary key, name text);"
    "create table orders (id integer primary key, customer_id integer references customers (id) on delete cascade);"
    "insert into customers values (1, 'ann'), (2, 'bob'); insert into orders values (10, 1), (20, 2);";

// How SQLite's documentation changes a table, as many tools' migrations have it.
constexpr const char* rebuild_customers =
    "PRAGMA foreign_keys = off;"
    "create table customers_new (id integer primary key, name text not null default '');"
    "insert into customers_new select id, name from customers;"
    "drop table customers; alter table customers_new rename to customers;"
    "PRAGMA foreign_key_check; PRAGMA foreign_keys = on;";

struct Fixture {
  TempFolder folder;
  Client client{folder / "app.db"};
  Fixture() {
    client.initialize();
    client.migrate("0", schema);
  }
  Database database() { return Database(folder / "app.db"); }
  // What the database was before anyone watched the keys.
  void break_key() { database().run("insert into orders values (30, 99)"); }
};

}  // namespace

TEST_SUITE("sqlite foreign keys") {
  TEST_CASE_FIXTURE(Fixture, "a table that others refer to can be rebuilt, and no row is lost by a cascade") {
    client.migrate("1", rebuild_customers);
    CHECK(database().ask("select count(*) from orders") == "2");
    CHECK(database().ask("select sql like '%customers%(id)%' from sqlite_schema where name = 'orders'") == "1");
  }

  TEST_CASE_FIXTURE(Fixture, "rows that break a key stop the commit, are named, and everything is rolled back") {
    const std::string before = dump(folder / "app.db");
    const Failure failure =
        failure_of([&] { client.migrate("1", "delete from customers where id = 2; create table u (a)"); });
    CHECK(failure.code == FLUX_E_FAILED);
    CHECK(failure.message == "the migration leaves 1 row that breaks a foreign key");
    CHECK(failure.detail == "orders: rowid 20: (customer_id) refers to customers (id)");
    CHECK(failure.sqlstate == "SQLITE_CONSTRAINT_FOREIGNKEY");
    CHECK_FALSE(failure.hint.empty());
    CHECK(dump(folder / "app.db") == before);
    client.migrate("1", "delete from orders where customer_id = 2; delete from customers where id = 2");
  }

  TEST_CASE_FIXTURE(Fixture, "of many rows the first ten are named and all are counted") {
    const Failure failure = failure_of([&] {
      client.migrate("1",
                     "with recursive n (i) as (select 1 union all select i + 1 from n where i < 25)"
                     "insert into orders select 100 + i, 1000 + i from n");
    });
    CHECK(failure.message == "the migration leaves 25 rows that break a foreign key");
    CHECK(failure.detail.find("orders: rowid 101: ") == 0);
    CHECK(failure.detail.find("rowid 110") != std::string::npos);
    CHECK(failure.detail.find("rowid 111") == std::string::npos);
    CHECK(failure.detail.find("\n… and 15 more") != std::string::npos);
  }

  TEST_CASE_FIXTURE(Fixture, "every way to break a key is found") {
    for (const char* breaks :
         {"insert into orders values (30, 99)", "update orders set customer_id = 99",
          "update customers set id = 7 where id = 1", "drop table customers",
          "alter table customers rename column id to key; update customers set key = 9 where key = 1",
          "alter table orders add column second integer default 5 references customers (id)",
          "create table customers2 as select * from customers; drop table customers; alter table "
          "customers2 rename to customers",
          "create table lines (order_id integer references orders (id), primary key (order_id)) "
          "without rowid; insert into lines "
          "values (5)",
          "create trigger t after delete on orders begin delete from customers; end; delete from "
          "orders where id = 10"}) {
      CAPTURE(std::string(breaks));
      const Failure failure = failure_of([&] { client.migrate("1", breaks); });
      CHECK(failure.code == FLUX_E_FAILED);
      CAPTURE(failure.message);
      CHECK(failure.message.find("break") != std::string::npos);
    }
    CHECK(client.list_history().size() == 1);
  }

  TEST_CASE_FIXTURE(Fixture, "a key over several columns, and one to the primary key, are described") {
    client.migrate("1",
                   "create table pairs (a, b, primary key (a, b)); create table uses (x, y, foreign key (x, y) "
                   "references pairs (a, b));"
                   "create table implied (c references customers)");
    CHECK(failure_of([&] { client.migrate("2", "insert into uses values (1, 2)"); }).detail ==
          "uses: rowid 1: (x, y) refers to pairs (a, b)");
    CHECK(failure_of([&] { client.migrate("2", "insert into implied values (3)"); }).detail ==
          "implied: rowid 1: (c) refers to customers");
  }

  TEST_CASE_FIXTURE(Fixture, "rows that broke a key before do not stop a migration, new ones do") {
    break_key();
    client.migrate("1", "insert into customers values (3, 'eve')");
    client.migrate("2", "create index i on orders (customer_id)");
    client.migrate("3", "insert into orders values (31, 3)");
    const Failure failure = failure_of([&] { client.migrate("4", "insert into orders values (40, 98)"); });
    CHECK(failure.message == "the migration leaves 1 row that breaks a foreign key");
    CHECK(failure.detail.find("rowid 40") != std::string::npos);
    // As many as before, but others.
    CHECK_THROWS(client.migrate("5", "delete from orders where id = 30; insert into orders values (50, 97)"));
    client.migrate("6", "delete from orders where id = 30");
    CHECK_THROWS(client.migrate("7", "insert into orders values (30, 99)"));
  }

  TEST_CASE_FIXTURE(Fixture, "rows that broke a key before do not stop a rebuild that gives them other rowids") {
    database().run(
        "create table notes (customer_id references customers (id), text);"
        "insert into notes values (1, 'a'), (99, 'b'), (2, 'c'); delete from notes where customer_id = 1");
    client.migrate("1",
                   "create table n (customer_id references customers (id), text); insert into n select * from notes;"
                   "drop table notes; alter table n rename to notes");
    client.migrate("2", "alter table notes rename to remarks");
    CHECK_THROWS(client.migrate("3", "alter table remarks add column x; insert into remarks values (98, 'd', 1)"));
  }

  TEST_CASE_FIXTURE(Fixture, "rows that another process breaks between two migrations do not count either") {
    client.migrate("1", "insert into customers values (3, 'eve')");
    break_key();
    client.migrate("2", "insert into customers values (4, 'dan')");
  }

  TEST_CASE_FIXTURE(Fixture, "a script without a transaction that breaks a key does not stop the next migration") {
    client.migrate("1", "insert into customers values (3, 'eve')");
    client.apply("pragma foreign_keys = off; insert into orders values (30, 99)");
    client.migrate("2", "insert into customers values (4, 'dan')");
  }

  TEST_CASE_FIXTURE(Fixture,
                    "a key that refers to columns which are not unique stops the migration that adds rows to it") {
    client.migrate("1", "create table loose (a); create table refers (b references loose (a))");
    const Failure failure = failure_of([&] {
      client.migrate("2",
                     "create table loose2 (a); create table refers2 (b references loose2 (a)); insert into orders "
                     "values (30, 99)");
    });
    CHECK(failure.detail.find("foreign key mismatch") != std::string::npos);
    CHECK(failure.detail.find("rowid 30") != std::string::npos);
    CHECK_NOTHROW(client.migrate("3", "insert into customers values (3, 'eve')"));
  }

  TEST_CASE("without the key foreign_keys nothing is checked") {
    TempFolder folder;
    Client client(folder / "app.db", {{"foreign_keys", false}});
    client.initialize();
    client.migrate("1", schema);
    CHECK_NOTHROW(client.migrate("2", "delete from customers"));
    CHECK(Database(folder / "app.db").ask("select count(*) from orders") == "2");
  }

  TEST_CASE_FIXTURE(Fixture, "an old broken row that is mended does not make up for a new one in another table") {
    client.migrate("1", "create table d (id integer primary key, customer_id integer references customers (id)); create table z (a)");
    break_key();
    const Failure failure = failure_of(
        [&] { client.migrate("2", "delete from orders where id = 30; insert into d values (1, 77); alter table z add column b"); });
    CHECK(failure.code == FLUX_E_FAILED);
    CHECK(failure.detail == "d: rowid 1: (customer_id) refers to customers (id)");
  }

  TEST_CASE_FIXTURE(Fixture, "renaming tables around an old broken row is no new one") {
    break_key();
    CHECK_NOTHROW(client.migrate("1", "alter table customers rename to clients"));
    CHECK_NOTHROW(client.migrate("2", "alter table orders rename to purchases"));
  }

  TEST_CASE("several migrations of one transaction are checked together at its end") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.begin();
    client.apply(schema);
    client.apply("insert into orders values (30, 3)");
    client.apply("insert into customers values (3, 'eve')");
    CHECK_NOTHROW(client.commit());
    client.begin();
    client.apply("insert into orders values (40, 4)");
    client.apply("create table u (a)");
    CHECK_THROWS(client.commit());
  }
}
