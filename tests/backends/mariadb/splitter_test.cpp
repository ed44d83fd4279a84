#include "fixture.hpp"

using namespace flux::testing;

namespace {

constexpr unsigned outside = FLUX_STATEMENT_OUTSIDE, session = FLUX_STATEMENT_OUTSIDE | FLUX_STATEMENT_SESSION,
                   ddl = FLUX_STATEMENT_NO_TRANSACTION, commits_halfway = ddl | outside,
                   control = FLUX_STATEMENT_TRANSACTION_CONTROL, begins = control | FLUX_STATEMENT_BEGIN,
                   commits = control | FLUX_STATEMENT_COMMIT;

struct Cut {
  std::string text;
  std::vector<std::string> statements;
};

const Cut cuts[] = {
    {"", {}},
    {" \n;; -- nothing\n# nothing\n/* nothing; */", {}},
    {"select 1", {"select 1"}},
    {"select 1;select 2 ;\n", {"select 1", "select 2"}},
    {"select 'a;b', \"c;d\", `e;f`; select 2", {"select 'a;b', \"c;d\", `e;f`", "select 2"}},
    {"select 'it''s;', 'a\\';b', \"a\\\";b\", `a``;b`; select 2",
     {"select 'it''s;', 'a\\';b', \"a\\\";b\", `a``;b`", "select 2"}},
    {"select '\\\\'; select 2", {"select '\\\\'", "select 2"}},
    {"select `a\\`; select 2", {"select `a\\`", "select 2"}},
    {"select 5--1; select 2", {"select 5--1", "select 2"}},
    {"select 5-- 1; select 2\n; select 3", {"select 5-- 1; select 2\n", "select 3"}},
    {"select 1 # it's; \n, 2; select 3", {"select 1 # it's; \n, 2", "select 3"}},
    {"select 1 /* it's; */ + 1; select 2", {"select 1 /* it's; */ + 1", "select 2"}},
    {"/*!40101 SET NAMES utf8 */; /*M!100100 select 1; */; select 2",
     {"/*!40101 SET NAMES utf8 */", "/*M!100100 select 1; */", "select 2"}},
    {"/*M!999999\\- enable the sandbox mode */ select 1; /*!99999 it's */ select 2", {"select 1", "select 2"}},
    {"select /*+ a;b */ 1; select 2", {"select /*+ a;b */ 1", "select 2"}},
    {"DELIMITER //\nselect 1; select 2//\nselect 3//\ndelimiter ;\nselect 4;",
     {"select 1; select 2", "select 3", "select 4"}},
    {"DELIMITER $$\ncreate procedure p() begin select 1; end$$\nDELIMITER ;",
     {"create procedure p() begin select 1; end"}},
    {"DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW "
     "BEGIN\n"
     "set new.a = 1; END */;;\nDELIMITER ;\nselect 1;",
     {"/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN\nset "
      "new.a = 1; END */",
      "select 1"}},
    {"delimiter go\nselect category from t\ngo\nselect 1 go", {"select category from t", "select 1"}},
    {"select 1 as delimiter; select 2", {"select 1 as delimiter", "select 2"}},
};

// Each is one statement, although it holds semicolons.
const char* const bodies[] = {
    "create procedure p() begin select 1; select 2; end",
    "create procedure p() main: begin leave main; end main",
    "CREATE OR REPLACE DEFINER=`root`@`localhost` PROCEDURE IF NOT EXISTS p(a int, b enum('x;','y')) COMMENT 'c;d' "
    "READS SQL "
    "DATA BEGIN if a then select 1; elseif b then select 2; else select 3; end if; end",
    "create procedure p() begin declare c cursor for select 1; declare continue handler for not found begin set @x = "
    "1; end; "
    "while 1 do set @x = if(1, 2, 3); end while; repeat set @y = 1; until 1 end repeat; l: loop leave l; end loop l; "
    "end",
    "create procedure p() begin case 1 when 1 then select 1; else begin end; end case; end",
    "create procedure p() begin select case when 1 then if(1, 2, 3) else repeat('x', 2) end; for i in 1..3 do select "
    "i; end for; end",
    "create procedure p() if 1 then select 1; end if",
    "create function f() returns int deterministic begin return 1; end",
    "create function f(a varchar(3)) returns varchar(10) character set utf8mb4 begin set @a = 1; return a; end",
    "create trigger t before insert on x for each row begin set new.a = 1; set new.end = 2; end",
    "create trigger t before insert on x for each row follows u if new.a then set new.a = 1; end if",
    "create event e on schedule every 1 day comment 'x' do begin delete from a; delete from b; end",
    "begin not atomic declare a int; if a then select 1; end if; end",
    "if 1 then select 1; end if",
    "while @a < 3 do set @a = @a + 1; end while",
};

// Each is cut at its first semicolon.
const char* const plain[] = {
    "create trigger t before insert on x for each row set new.a = if(new.b, 1, 2)",
    "create function f() returns int return if(1, 2, 3)",
    "create function f() returns int return case when 1 then 2 else 3 end",
    "create procedure p() update t set a = if(1, 2, 3)",
    "create event e on schedule every 1 day do update t set a = repeat('x', 3)",
    "create table begin_log (end int, `begin` int)",
    "create table event (a int)",
    "drop table if exists a",
    "alter table t add column loop_count int",
    "select if(1, 2, 3), case 1 when 1 then 2 end, t.end from t as end",
    "insert into t values (repeat('x', 3))",
};

struct Kind {
  std::string text;
  unsigned flags;
};

const Kind kinds[] = {
    {"insert into t values (1)", 0},
    {"update t set a = 1", 0},
    {"with x as (select 1) select * from x", 0},
    {"(select 1) union (select 2)", 0},
    {"load data infile 'x' into table t", 0},
    {"create temporary table t (a int)", 0},
    {"savepoint a", 0},
    {"rollback to a", 0},
    {"do sleep(0)", 0},
    {"create table t (a int)", ddl},
    {"create table t as select 1", ddl},
    {"alter table t add b int", ddl},
    {"drop table t", ddl},
    {"truncate t", ddl},
    {"rename table a to b", ddl},
    {"create trigger t before insert on x for each row set new.a = 1", ddl},
    {"create user u identified by 'x'", ddl},
    {"create user u, v", commits_halfway},
    {"drop table a, b", commits_halfway},
    {"create or replace table t (a int)", commits_halfway},
    {"drop database d", commits_halfway},
    {"rename table a to b, c to d", commits_halfway},
    {"call p()", commits_halfway},
    {"execute s", commits_halfway},
    {"execute immediate 'select 1'", commits_halfway},
    {"flush tables", commits_halfway},
    {"analyze table t", commits_halfway},
    {"grant select on t to u", commits_halfway},
    {"optimize table t", commits_halfway},
    {"set global x = 1", outside},
    {"begin not atomic select 1; end", commits_halfway},
    {"select 1 into outfile '/x'", outside},
    {"set @a = 1", session},
    {"set sql_mode = ''", session},
    {"set role r", session},
    {"set names latin1", session},
    {"/*!40101 set names latin1 */", session},
    {"use d", session},
    {"lock tables t write", session},
    {"unlock tables", session},
    {"prepare s from 'select 1'", session},
    {"select 1 into @a", session},
    {"select count(*), max(a) from (select a from t where a in (1, 2)) t into @a, @b", session},
    {"select f() into @a", outside},
    {"set @a = concat(@b, ',x'), sql_mode = replace(@@sql_mode, 'x', '')", session},
    {"set @a = f()", outside},
    {"set @a = d . upper(1)", outside},
    {"set @a = `f`(1)", outside},
    {"set @a = nextval(s)", outside},
    {"set @a = next value for s", outside},
    {"set statement max_statement_time = 1 for insert into t values (1)", 0},
    {"set statement max_statement_time = 1 for create table t (a int)", ddl},
    {"begin", begins},
    {"begin work", begins},
    {"start transaction", begins},
    {"start transaction read write", begins},
    {"start transaction with consistent snapshot", control},
    {"commit", commits},
    {"commit and chain", control},
    {"commit and no chain no release", commits},
    {"rollback", control},
    {"set autocommit = 0", control},
    {"set @@session.autocommit = 0", control},
    {"xa start 'x'", control},
};

struct Refused {
  std::string text;
  std::int64_t offset;
  std::string part;  // of the message
};

const Refused refused[] = {
    {"select 1; select 'abc", 17, "without its end"},
    {"select \"abc", 7, "without its end"},
    {"select `abc", 7, "without its end"},
    {"select 1; /* abc", 10, "comment"},
    {"select 1 /*! + 1", 9, "comment"},
    {"source x.sql", 0, "client program"},
    {"select 1\\G", 8, "client program"},
    {"\\! ls", 0, "client program"},
    {"DELIMITER\nselect 1", 9, "DELIMITER"},
    {"create procedure p() begin select 1;", 0, "END"},
    {"begin; delimiter //\ncommit//", 16, "DELIMITER"},
};

std::vector<std::string> texts(const std::string& script, const std::vector<Statement>& statements) {
  std::vector<std::string> out;
  for (const Statement& statement : statements) out.push_back(script.substr(statement.offset, statement.length));
  return out;
}

}  // namespace

TEST_SUITE("mariadb splitter") {
  TEST_CASE("cuts scripts where statements end") {
    Client client;
    for (const Cut& item : cuts) {
      CAPTURE(item.text);
      std::vector<std::string> expected = item.statements;
      // A comment between a statement and its end is not a part of it.
      for (std::string& text : expected)
        if (text == "select 5-- 1; select 2\n") text = "select 5";
      CHECK(texts(item.text, client.split(item.text)) == expected);
    }
  }

  TEST_CASE("keeps the body of a program together without DELIMITER") {
    Client client;
    for (const std::string body : bodies) {
      CAPTURE(body);
      CHECK(texts(body, client.split(body)) == std::vector<std::string>{body});
      const std::string followed = "select 0;\n" + body + ";\nselect 9;";
      CHECK(texts(followed, client.split(followed)) == std::vector<std::string>{"select 0", body, "select 9"});
    }
  }

  TEST_CASE("does not take a function or a name for a body") {
    Client client;
    for (const std::string text : plain) {
      CAPTURE(text);
      const std::string followed = text + "; select 2;";
      CHECK(texts(followed, client.split(followed)) == std::vector<std::string>{text, "select 2"});
    }
  }

  TEST_CASE("says what kind of statement it is") {
    Client client;
    for (const Kind& item : kinds) {
      CAPTURE(item.text);
      const auto statements = client.split(item.text);
      REQUIRE(statements.size() == 1);
      CHECK(statements[0].flags == item.flags);
      CHECK(statements[0].what.empty() == (item.flags == 0));
    }
  }

  TEST_CASE("keeps what stands behind LOCK TABLES out of transactions") {
    Client client;
    const auto statements =
        client.split("lock tables t write; insert into t values (1); unlock tables; insert into t values (2)");
    REQUIRE(statements.size() == 4);
    CHECK(statements[1].flags == outside);
    CHECK(statements[3].flags == 0);
  }

  TEST_CASE("variables that are set between BEGIN and COMMIT belong to it") {
    Client client;
    const auto statements =
        client.split("begin; insert into t values (1); set @id = last_insert_id(); commit; set @x = 1");
    REQUIRE(statements.size() == 5);
    CHECK(statements[2].flags == 0);
    CHECK(statements[4].flags == session);
  }

  TEST_CASE("follows the sql_mode that a script sets") {
    Client client;
    const std::string text =
        "set sql_mode = 'ansi_quotes,no_backslash_escapes'; select 'a\\'; select \"b\\\"; set sql_mode = "
        "@@global.sql_mode; select 'c\\';d'";
    CHECK(texts(text, client.split(text)).size() == 5);
  }

  TEST_CASE("goes on as it did where a SET is not of the session's sql_mode") {
    Client client;
    for (const std::string set :
         {"set global sql_mode = 'no_backslash_escapes'", "set @@global.sql_mode = 'no_backslash_escapes'",
          "set statement sql_mode = 'no_backslash_escapes' for select 1", "set @sql_mode = 'no_backslash_escapes'",
          "set @old = @@sql_mode, @x = 'no_backslash_escapes'",
          "set global x = 1, sql_mode = 'no_backslash_escapes'"}) {
      CAPTURE(set);
      CHECK(client.split(set + "; select 'a\\'; select 2'").size() == 2);
    }
    for (const std::string set :
         {"set session sql_mode = 'no_backslash_escapes'", "set @@sql_mode := 'no_backslash_escapes'",
          "set @@local.sql_mode = concat(@@sql_mode, ',no_backslash_escapes')",
          "set @@global.x = 1, sql_mode = 'no_backslash_escapes'",
          "/*!40101 set @old = @@sql_mode, sql_mode = 'no_backslash_escapes' */"}) {
      CAPTURE(set);
      CHECK(client.split(set + "; select 'a\\'; select 2").size() == 3);
    }
  }

  TEST_CASE("refuses what it cannot split, with its place") {
    Client client;
    for (const Refused& item : refused) {
      CAPTURE(item.text);
      const Failure failure = failure_of([&] { client.split(item.text); });
      CHECK(failure.code == FLUX_E_SCRIPT);
      CHECK(failure.byte_offset == item.offset);
      CHECK(failure.message.find(item.part) != std::string::npos);
    }
  }

  TEST_CASE("reads as the server's sql_mode says") {
    Connected client({{"init_sql", std::vector<std::string>{"set sql_mode = 'NO_BACKSLASH_ESCAPES'"}}});
    const std::string text = "select 'a\\'; select 2";
    CHECK(texts(text, client.split(text)) == std::vector<std::string>{"select 'a\\'", "select 2"});
  }
}
