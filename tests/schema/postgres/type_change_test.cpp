// What a change of a column's type says that it does to the values.
#include <flux/core/error.hpp>

#include "database.hpp"

using namespace flux;
using namespace flux::testing;

namespace {

Fact column(const std::string& type) {
  Fact fact;
  fact.name = {"column", "public.t.c"};
  fact.parent = FactRef{"table", "public.t"};
  fact.schema = "public";
  fact.object = "c";
  fact.part = true;
  fact.definition = type;
  fact.properties = {{"table", "public.t"}, {"type", type}};
  return fact;
}

SchemaStep step(const std::string& from, const std::string& to) {
  const Fact a = column(from), b = column(to);
  SchemaChange change;
  change.from = &a;
  change.to = &b;
  return backend()->change(change).value().front();
}

struct Cast {
  std::string from, to;
  std::string value = "";  // that the other type does not have
};

// A value that is not the same, or not there, when the change is made and undone.
bool is_lost(const Database& database, const Cast& cast) {
  database.run("DROP TABLE IF EXISTS t; CREATE TABLE t (c " + cast.from + "); INSERT INTO t VALUES ('" + cast.value +
               "')");
  const std::string before = database.run("SELECT c::text FROM t");
  try {
    database.run(step(cast.from, cast.to).sql);
    database.run(step(cast.to, cast.from).sql);
  } catch (const std::exception&) {
    return false;
  }
  return database.run("SELECT c::text FROM t") != before;
}

}  // namespace

TEST_SUITE("postgres type changes") {
  TEST_CASE("a cast that changes a value in silence is named") {
    const Database database;
    const Cast casts[] = {
        {"integer", "real", "16777217"},
        {"bigint", "real", "16777217"},
        {"bigint", "double precision", "9007199254740993"},
        {"numeric", "double precision", "0.12345678901234567890"},
        {"numeric", "integer", "1.5"},
        {"double precision", "real", "0.1234567890123"},
        {"double precision", "bigint", "1.5"},
        {"real", "numeric", "0.123456789"},
        {"integer", "boolean", "7"},
        {"bigint", "bit(8)", "257"},
        {"integer", "bit(31)", "-1"},
        {"jsonb", "integer", "1.5"},
        {"jsonb", "double precision", "0.12345678901234567890"},
        {"text", "numeric(5,2)", "1.239"},
        {"text", "date", "2024-01-02 10:00"},
        {"text", "bit(2)", "10101"},
        {"text", "name", "a123456789b123456789c123456789d123456789e123456789f123456789g123456789"},
        {"text", "jsonb", "{\"b\": 1, \"a\": 2}"},
        {"character varying(40)", "timestamp without time zone", "2024-01-02 03:04:05+05"},
        {"timestamp with time zone", "timestamp(0) without time zone", "2024-01-02 10:00:00.5+00"},
        {"timestamp without time zone", "date", "2024-01-02 10:00"},
        {"time with time zone", "time without time zone", "10:00+05"},
        {"time without time zone", "time(0) with time zone", "10:00:00.5"},
        {"interval", "interval year", "1 year 2 mons"},
        {"interval", "interval(0)", "1.5 seconds"},
        {"interval", "time without time zone", "25:00"},
        {"json", "jsonb", "{\"b\": 1, \"a\": 2}"},
        {"inet", "cidr", "10.1.2.3/8"},
        {"money", "numeric(10,0)", "1.50"},
        {"numeric", "money", "1.505"},
        {"integer[]", "real[]", "{16777217}"},
        {"oid", "integer"},
        {"smallint", "oid"},
        {"text", "tsvector"},
    };
    for (const Cast& cast : casts) {
      CAPTURE(cast.from);
      CAPTURE(cast.to);
      const bool named = (step(cast.from, cast.to).hazards & FLUX_HAZARD_DATA_LOSS) != 0;
      CHECK(named);
      if (!cast.value.empty()) CHECK(is_lost(database, cast));
    }
  }

  TEST_CASE("a cast that keeps every value, or fails, is not said to lose any") {
    const Database database;
    const Cast casts[] = {
        {"smallint", "bigint", "-5"},
        {"smallint", "real", "32767"},
        {"integer", "double precision", "2147483647"},
        {"bigint", "numeric", "9007199254740993"},
        {"integer", "numeric(12,2)", "2147483647"},
        {"bigint", "integer", "5000000000"},
        {"bigint", "oid", "-1"},
        {"real", "double precision", "0.1"},
        {"bigint", "bit(64)", "-257"},
        {"boolean", "integer", "t"},
        {"date", "timestamp without time zone", "2024-01-02"},
        {"timestamp(0) without time zone", "timestamp without time zone", "2024-01-02 10:00"},
        {"time without time zone", "interval", "10:00:00.5"},
        {"interval year", "interval", "3 years"},
        {"jsonb", "json", "{\"a\": 1}"},
        {"jsonb", "numeric", "1.5"},
        {"cidr", "inet", "10.0.0.0/8"},
        {"macaddr", "macaddr8", "08:00:2b:01:02:03"},
        {"macaddr8", "macaddr", "08:00:2b:01:02:03:04:05"},
        {"money", "numeric", "1.50"},
        {"text", "integer", "12"},
        {"text", "uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"},
        {"text", "character varying(2)", "abc"},
        {"bit varying", "bit(3)", "10101"},
        {"numeric(4,2)", "numeric(6,3)", "12.34"},
    };
    for (const Cast& cast : casts) {
      CAPTURE(cast.from);
      CAPTURE(cast.to);
      CHECK((step(cast.from, cast.to).hazards & FLUX_HAZARD_DATA_LOSS) == 0);
      if (cast.to != "uuid") CHECK_FALSE(is_lost(database, cast));
    }
  }

  TEST_CASE("a narrower domain fails where a value has no room, and a rounding one says so") {
    const Database database, narrower, rounding;
    database.run(
        "CREATE DOMAIN d AS text; CREATE DOMAIN n AS numeric; CREATE TABLE t (v d, n n, vs d[]); "
        "INSERT INTO t VALUES ('abc', 1.26, '{x}')");
    narrower.run("CREATE DOMAIN d AS varchar(2); CREATE DOMAIN n AS numeric; CREATE TABLE t (v d, n n, vs d[])");
    rounding.run("CREATE DOMAIN d AS text; CREATE DOMAIN n AS numeric(5,1); CREATE TABLE t (v d, n n, vs d[])");
    const std::vector<PlannedStep> steps = plan(database.inspect(), narrower.inspect());
    std::string all;
    for (const PlannedStep& step : steps) all += step.step.sql + ';';
    CAPTURE(all);
    CHECK_THROWS(database.run("BEGIN;" + all + "COMMIT"));
    CHECK(database.run("SELECT v::text FROM t") == "abc");
    CHECK(text(steps).find("lose") == std::string::npos);
    CHECK(text(plan(database.inspect(), rounding.inspect())).find("lose what numeric(5,1) cannot hold") !=
          std::string::npos);
  }

  TEST_CASE("the type of what a table is partitioned by is refused with a hint") {
    const Database database, other;
    database.run("CREATE TYPE e AS ENUM ('x', 'y'); CREATE TABLE p (v e, n integer) PARTITION BY LIST (v)");
    other.run("CREATE TYPE e AS ENUM ('x'); CREATE TABLE p (v e, n integer) PARTITION BY LIST (v)");
    try {
      plan(database.inspect(), other.inspect());
      FAIL("it was planned");
    } catch (const Error& error) {
      CHECK(std::string(error.what()).find("public.p is partitioned by public.p.v") != std::string::npos);
      CHECK(error.failures().front().hint.find("moves the rows over") != std::string::npos);
    }
  }
}
