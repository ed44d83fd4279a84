#include <cstring>

#include "fixture.hpp"

using namespace flux::testing;

namespace {

// The mark | in `text` is where the error is expected; it is taken out before the script runs.
struct Fault {
  std::string text;
  std::int64_t statement;
  const char* sqlstate;
};

const Fault faults[] = {
    {"|selec 1", 0, "42601"},
    {"select 1; |selec 2", 1, "42601"},
    {"select 1;\n\nselect 2 from|;\nselect 3", 1, "42601"},
    {"create table a (b int);\ninsert into |nix values (1);", 1, "42P01"},
    {"create table a (b int references |nix (id))", 0, "42P01"},
    {"select 1; create table a (nix_b int references |nix (id), c int); select 2", 1, "42P01"},
    {"select 1; |create table nix_c (nix int references nix (id))", 1, "42P01"},
    {"drop table |\xC3\xA4; select 1", 0, "42P01"},
    {"create table a (b int);\n-- a\nalter table a add |b int", 1, "42701"},
    {"-- comment\n/* another */ select |nix", 0, "42703"},
    {"select '\xC3\xA4\xC3\xB6\xC3\xBC'; select |nix", 1, "42703"},
    {"select '\xE2\x82\xAC\xF0\x9F\x98\x80', |nix; select 2", 0, "42703"},
    {"-- \xC3\xA4\xE2\x82\xAC\n select '\xF0\x9F\x98\x80' as \"\xC3\xA4\", \xC3\xA4.|; select 2", 0, "42601"},
    {"select 1; select 2; |select 1/0; select 3", 2, "22012"},
    {"select 1; -- \xC3\xA4\n  |do $$ begin perform 1/0; end $$;", 1, "22012"},
    {"create table u (a int unique);\ninsert into u values (1);\n|insert into u values (1);", 2, "23505"},
    {";;;-- nothing\n; |insert into pg_class values (1); select 2", 0, ""},
    {"create function f() returns int language sql as $$ select |nix $$", 0, "42703"},
    {"select |f(1); select 2", 0, "42883"},
    {"|raise; select 1", 0, "42601"},
    {"create table c (a int);\ncopy c from stdin;\n1\n2\n|x\n4\n\\.\nselect 1;", 1, "22P02"},
    {"create table c (a int); select 1;\n|copy |nix from stdin;\n1\n\\.\n", 2, ""},
    {"create table c (a int);\ncopy c from stdin;\n1\n\\.\nselect '\xC3\xA4', |nix;", 2, "42703"},
    {"select 1; create table x (a |nix)", 1, "42704"},
    {"select 1; select 'a' |union select 1", 1, ""},
};

}  // namespace

TEST_SUITE("postgres script") {
  TEST_CASE("says where a statement fails") {
    Initialized client;
    for (const Fault& fault : faults) {
      std::string text = fault.text;
      CAPTURE(text);
      if (std::string(fault.sqlstate).empty()) {
        // Only the statement counts: the server places these differently from one version to another.
        for (std::size_t at = 0; (at = text.find('|')) != std::string::npos;) text.erase(at, 1);
        client.begin();
        CHECK(failure_of([&] { client.apply(text); }).statement_index == fault.statement);
        client.rollback();
        continue;
      }
      const std::size_t place = text.find('|');
      text.erase(place, 1);
      client.begin();
      const Failure failure = failure_of([&] { client.apply(text); });
      CAPTURE(failure.message);
      CHECK(failure.code == FLUX_E_SCRIPT);
      CHECK(failure.sqlstate == fault.sqlstate);
      CHECK(failure.statement_index == fault.statement);
      CHECK(failure.byte_offset == static_cast<std::int64_t>(place));
      CHECK(failure.reports == 1);
      client.rollback();
    }
  }

  TEST_CASE("finds the place in a long script") {
    Connected client;
    std::string text = "create table t (a int, b text);\n";
    std::int64_t statements = 1;
    for (; text.size() < (std::size_t{3} << 20); ++statements) text += "insert into t values (1, '\xC3\xA4;b'); -- x\n";
    const std::string whole = text;
    text += "select nix;\n" + whole.substr(32);
    client.begin();
    const Failure failure = failure_of([&] { client.apply(text); });
    CHECK(failure.statement_index == statements);
    CHECK(failure.byte_offset == static_cast<std::int64_t>(whole.size()) + 7);
    client.rollback();
    client.begin();
    client.apply(whole);
    client.commit();
    CHECK(client.run("select count(*) from t") == std::to_string(statements - 1));
  }

  TEST_CASE("carries detail, hint and context, without passwords") {
    Connected client;
    client.begin();
    Failure failure = failure_of([&] {
      client.apply(
          "do $$ begin raise exception 'top' using detail = 'more', hint = 'do that', errcode = 'P1234'; end $$");
    });
    CHECK(failure.message == "top");
    CHECK(failure.detail.rfind("more\nPL/pgSQL function inline_code_block line 1 at RAISE", 0) == 0);
    CHECK(failure.hint == "do that");
    CHECK(failure.sqlstate == "P1234");
    client.rollback();
    client.begin();
    failure = failure_of(
        [&] { client.apply("select 1; do $$ begin execute 'create role nix password ''geheim'' nonsense'; end $$"); });
    CHECK(failure.statement_index == 1);
    CHECK(failure.byte_offset == 10);
    CHECK(failure.detail.find("in the query: create role nix password '***'") != std::string::npos);
    CHECK((failure.message + failure.detail).find("geheim") == std::string::npos);
    client.rollback();
  }

  TEST_CASE("runs what scripts consist of") {
    struct Case {
      std::string text, check, expected;
    };
    const Case cases[] = {
        {"", "select 1", "1"},
        {"-- nothing\n;;\n/* at all */", "select 1", "1"},
        {"create table t (a text); insert into t values ('a;b'), ($$c;d$$), (E'\\';')", "select count(*) from t", "3"},
        {"create table t (a int)", "select count(*) from t", "0"},
        {"create table t (a int);\r\ninsert into t values (1);\r\n", "select a from t", "1"},
        {"create function f() returns int language plpgsql as $f$ begin if true then return 1; end if; return 2; end; "
         "$f$",
         "select f()", "1"},
        {"create function f(a int) returns text language sql begin atomic select 'x;'; select case a when 1 then "
         "'one;' else "
         "'other' end; end; create view v as select f(1)",
         "select * from v", "one;"},
        {"create table t (a int, b text);\ncopy t (a, b) from stdin;\n1\ta;b\n2\t\\N\n3\tit's\n\\.\n\ninsert into t "
         "values (4, 'd');",
         "select count(*) || string_agg(coalesce(b, '?'), '|' order by a) from t", "4a;b|?|it's|d"},
        {"create table t (a int, b text);\ncopy t from stdin with (format csv, header);\na,b\n1,\"x\ny\"\n\\.\n",
         "select b from t", "x\ny"},
        {"create table t (a int);\ncopy t from stdin;\n\\.\ncopy t from stdin;\n1\n\\.\ncopy t from stdin;\n2\n\\.",
         "select sum(a) from t", "3"},
        {"create table t as select 1 as a; copy t to stdout; copy (select * from t) to stdout with csv; insert into t "
         "values (2)",
         "select sum(a) from t", "3"},
        {"select generate_series(1, 100000); create table t as select 1 as a", "select a from t", "1"},
        {"set client_encoding = latin1; create table t as select '\xC3\xA4'::text as a; insert into t values "
         "('\xE2\x82\xAC')",
         "select string_agg(a, '') from t", "\xC3\xA4\xE2\x82\xAC"},
        {"set standard_conforming_strings = off; create table t as select 'a\\\\b'::text as a", "select a from t",
         "a\\b"},
        {"create table t (a int); create rule r as on insert to t do also (select 1; select 2); insert into t values "
         "(1)",
         "select a from t", "1"},
        {"savepoint a; create table gone (a int); rollback to a; create table t as select 1 as a; release a",
         "select a from t", "1"},
        {"alter type mood add value 'new'; create table t as select 1 as a", "select a from t", "1"},
    };
    for (const Case& item : cases) {
      CAPTURE(item.text);
      Initialized client;
      client.run("create type mood as enum ('ok')");
      client.migrate("a", item.text);
      CHECK(client.run(item.check) == item.expected);
      CHECK(client.list_history().size() == 1);
    }
  }

  TEST_CASE("copies a large table in") {
    Initialized client;
    std::string text = "create table t (a int, b text);\ncopy t from stdin;\n";
    for (int i = 0; i < 300000; ++i) text += std::to_string(i) + "\tsome text to make it long\n";
    client.migrate("a", text + "\\.\nselect 1;");
    CHECK(client.run("select count(*) from t") == "300000");
  }

  TEST_CASE("refuses what is not SQL before anything ran") {
    Initialized client;
    client.begin();
    const Failure failure = failure_of([&] { client.apply("create table t (a int);\n\\connect other"); });
    CHECK(failure.code == FLUX_E_SCRIPT);
    CHECK(failure.byte_offset == 24);
    client.rollback();
  }

  TEST_CASE("runs outside a transaction, too") {
    Connected client;
    client.run("create table t (a int)");
    client.apply("create index concurrently i on t (a)");
    CHECK(failure_of([&] { client.apply("create table u (a int); select nix"); }).statement_index == 1);
    CHECK(client.run("select to_regclass('u') is null") == "t");
    CHECK(failure_of([&] { client.apply("begin; create table u (a int)"); }).code == FLUX_E_SCRIPT);
    client.rollback();
    client.apply("vacuum t");
  }
}
