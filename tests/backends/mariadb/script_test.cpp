#include "fixture.hpp"

using namespace flux::testing;

namespace {

struct Broken {
  std::string text;
  std::int64_t statement, offset;
  std::string sqlstate, part;
};

const Broken broken[] = {
    {"create table a (x int);\ninsert into nowhere values (1);", 1, 36, "42S02", "nowhere"},
    {"select 1;\nselct 2;", 1, 10, "42000", "syntax"},
    {"select 1;\n-- c\nselect 1,\n  frm t where;", 1, 37, "42000", "syntax"},
    {"select 1 from", 0, 12, "42000", "syntax"},
    {"select 1, missing from (select 1) t", 0, 10, "42S22", "missing"},
    {"insert into `\xC3\xA4` values (1)", 0, 13, "42S02", "doesn't exist"},
    {"signal sqlstate '45000' set message_text = 'so'", 0, 0, "45000", "so"},
    {"load data local infile '/etc/hostname' into table t", 0, 0, "", ""},
};

}  // namespace

TEST_SUITE("mariadb scripts") {
  TEST_CASE("errors name the statement, the place and the SQLSTATE") {
    Initialized client;
    client.run("create table t (a text)");
    for (const Broken& item : broken) {
      CAPTURE(item.text);
      const Failure failure = failure_of([&] { client.apply(item.text); });
      CHECK(failure.code == FLUX_E_SCRIPT);
      CHECK(failure.statement_index == item.statement);
      CHECK(failure.byte_offset == item.offset);
      if (!item.sqlstate.empty()) CHECK(failure.sqlstate == item.sqlstate);
      CHECK(failure.message.find(item.part) != std::string::npos);
      CHECK(failure.reports == 1);
      client.run("drop table if exists a");
    }
    CHECK(client.run("select count(*) from t") == "0");
  }

  TEST_CASE("runs programs, delimiters, comments that run, and what is quoted with backslashes") {
    Initialized client;
    client.apply(
        "create table t (a varchar(50)) charset utf8mb4; # it's a comment\n"
        "insert into t values ('a\\'b;c'), (\"d\\\";e\"), ('it''s'); -- more\n"
        "/*!40101 insert into t values ('runs') */;\n"
        "/* insert into t values ('does not') */;\n"
        "DELIMITER //\n"
        "create procedure p() begin insert into t values ('one;'); insert into t values ('two;'); end//\n"
        "DELIMITER ;\n"
        "create trigger tr before insert on t for each row begin if new.a = '' then set new.a = 'none'; end if; end;\n"
        "call p();\n"
        "insert into t values (''), ('\xF0\x9F\x98\x80');");
    CHECK(client.run("select group_concat(a order by a separator '|') from t") ==
          "a'b;c|d\";e|it's|none|one;|runs|two;|\xF0\x9F\x98\x80");
  }

  TEST_CASE("takes scripts that hold nothing, and long ones") {
    Initialized client;
    for (const std::string text : {"", " \n", "-- nothing", "/* nothing */;", ";;"}) client.apply(text);
    client.apply("create table t (a longtext)");
    client.apply("insert into t values ('" + std::string(1 << 20, 'x') + "')");
    CHECK(client.run("select length(a) from t") == std::to_string(1 << 20));
  }

  TEST_CASE("passwords in failing statements are masked") {
    Initialized client;
    for (const std::string text :
         {"create user u identifed by 'Geheim42'", "alter user nobody_here identified by 'Geheim42' nonsense",
          "create user u identified 'Geheim42'", "set password for nobody_here = password('Geheim42')",
          "create user u identified via ed25519 using password('Geheim42') nonsense",
          "grant all on *.* to u identified by \"Geheim42\" nonsense",
          "change master to master_password='Geheim42', nonsense=1"}) {
      CAPTURE(text);
      const Failure failure = failure_of([&] { client.apply(text); });
      CHECK(std::string(failure.what()).find("Geheim42") == std::string::npos);
    }
  }

  TEST_CASE("a transaction of rows that can be taken back is taken back") {
    Initialized client;
    client.run("create table t (a int)");
    client.begin();
    client.apply("insert into t values (1)");
    client.register_migration(row_of("01"));
    client.rollback();
    CHECK(client.run("select count(*) from t") == "0");
    CHECK(client.list_history().empty());
    client.migrate("01", "insert into t values (1)");
    CHECK(client.run("select count(*) from t") == "1");
    CHECK(client.list_history().size() == 1);
    CHECK(failure_of([&] { client.commit(); }).code == FLUX_E_STATE);
    client.rollback();
    client.begin();
    CHECK(failure_of([&] { client.begin(); }).code == FLUX_E_STATE);
    client.rollback();
  }

  TEST_CASE("what cannot be rolled back is said") {
    Initialized client;
    client.run("create table t (a int) engine = MyISAM");
    client.begin();
    client.apply("insert into t values (1)");
    client.rollback();
    bool told = false;
    for (const LogLine& line : client.log()) told = told || line.text.find("not rolled back") != std::string::npos;
    CHECK(told);
  }

  TEST_CASE("a script that leaves a transaction open, or autocommit off, is refused and rolled back") {
    Initialized client;
    client.run("create table t (a int); create procedure p() begin start transaction; insert into t values (1); end");
    for (const std::string text : {"call p()", "execute immediate 'set autocommit = 0'"}) {
      CAPTURE(text);
      const Failure failure = failure_of([&] { client.apply(text, "01", {FLUX_SCRIPT_CONTINUES}); });
      CHECK(failure.code == FLUX_E_SCRIPT);
    }
    CHECK(client.run("select count(*) from t") == "0");
    client.migrate("01", "insert into t values (2)");
    CHECK(client.run("select count(*) from t") == "1");
  }
}
