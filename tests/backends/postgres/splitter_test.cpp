#include <libpq-fe.h>

#include <cstring>
#include <filesystem>
#include <sstream>

#include "fixture.hpp"
#include "run_process.hpp"
#include "temp_dir.hpp"

using namespace flux::testing;

namespace {

constexpr unsigned control = FLUX_STATEMENT_TRANSACTION_CONTROL;
constexpr unsigned begins = FLUX_STATEMENT_BEGIN | control;
constexpr unsigned commits = FLUX_STATEMENT_COMMIT | control;
constexpr unsigned outside = FLUX_STATEMENT_NO_TRANSACTION;

struct Cut {
  std::string text;
  std::vector<std::string> statements;
  bool runs = true;  // the server can run it, so that its own count can be compared
};

const std::vector<Cut>& cuts() {
  static const std::vector<Cut> all = {
      {"", {}},
      {"  \n\t ", {}},
      {";", {}},
      {";;; ;\n;", {}},
      {"-- only a comment", {}},
      {"/* only */ -- comments\n;/* here */", {}},
      {"select 1", {"select 1"}},
      {"select 1;", {"select 1"}},
      {"select 1;\n", {"select 1"}},
      {"select 1; select 2", {"select 1", "select 2"}},
      {"  select 1 ;  ;; select 2 ; ", {"select 1", "select 2"}},
      {"-- first\nselect 1; -- after\n/* second */ select 2 -- end", {"select 1", "select 2"}},
      {"select 1 -- a ; b\n + 2; select 3", {"select 1 -- a ; b\n + 2", "select 3"}},
      {"select 1 /* ; */ + 2; select 3", {"select 1 /* ; */ + 2", "select 3"}},
      {"select 1 /* a /* nested ; */ ; */ + 2", {"select 1 /* a /* nested ; */ ; */ + 2"}},
      {"/**/select 1/***/;/*/**/*/select 2", {"select 1", "select 2"}},
      {"select 1--;\n;select 2", {"select 1", "select 2"}},
      {"select 'a;b'; select 2", {"select 'a;b'", "select 2"}},
      {"select 'it''s;'; select ''", {"select 'it''s;'", "select ''"}},
      {"select ''';'''; select 2", {"select ''';'''", "select 2"}},
      {"select 'a\\'; select 'b'", {"select 'a\\'", "select 'b'"}},
      {"select E'a\\';b'; select 2", {"select E'a\\';b'", "select 2"}},
      {"select e'\\\\'; select 2", {"select e'\\\\'", "select 2"}},
      {"select E'a''\\';'; select 2", {"select E'a''\\';'", "select 2"}},
      {"select E'a'\n'\\';b'; select 2", {"select E'a'\n'\\';b'", "select 2"}},
      {"select E'a' -- note\n  '\\';b'; select 2", {"select E'a' -- note\n  '\\';b'", "select 2"}},
      {"select 'a'\n'\\'; select 2", {"select 'a'\n'\\'", "select 2"}},
      {"select U&'\\0061;' ; select 2", {"select U&'\\0061;'", "select 2"}},
      {"select 1 as U&\"d\\0061t;a\"; select 2", {"select 1 as U&\"d\\0061t;a\"", "select 2"}},
      {"select B'101', X'1F', N'a;b'; select 2", {"select B'101', X'1F', N'a;b'", "select 2"}},
      {"select 1 as nameE, 'a\\'; select 2", {"select 1 as nameE, 'a\\'", "select 2"}},
      {"select 1 as \"a;b\"; select 2", {"select 1 as \"a;b\"", "select 2"}},
      {"select 1 as \"a\"\";\"; select 2", {"select 1 as \"a\"\";\"", "select 2"}},
      {"select $$a;b$$; select 2", {"select $$a;b$$", "select 2"}},
      {"select $x$a;$$;$y$;b$x$; select 2", {"select $x$a;$$;$y$;b$x$", "select 2"}},
      {"select $_1$;$_1$; select 2", {"select $_1$;$_1$", "select 2"}},
      {"select $\xC3\xA4$;$\xC3\xA4$; select 2", {"select $\xC3\xA4$;$\xC3\xA4$", "select 2"}},
      {"select 1 as a$b$c; select 2 as d$b$e", {"select 1 as a$b$c", "select 2 as d$b$e"}},
      {"prepare p as select $1::int+$2::int; select 2", {"prepare p as select $1::int+$2::int", "select 2"}},
      {"do $$ begin perform 1; perform 2; end $$; select 2", {"do $$ begin perform 1; perform 2; end $$", "select 2"}},
      {"create function f() returns int language sql as $$ select 1; select 2; $$; select f()",
       {"create function f() returns int language sql as $$ select 1; select 2; $$", "select f()"}},
      {"create function f() returns int language sql as 'select 1; select ''2;''::int'; select 2",
       {"create function f() returns int language sql as 'select 1; select ''2;''::int'", "select 2"},
       false},
      {"create function f() returns int language sql begin atomic select 1; select 2; end; select f()",
       {"create function f() returns int language sql begin atomic select 1; select 2; end", "select f()"}},
      {"create or replace function f(a int) returns int language sql begin atomic\n"
       " select case when a > 1 then case a when 2 then 3 end else 4 end; end; select 2",
       {"create or replace function f(a int) returns int language sql begin atomic\n"
        " select case when a > 1 then case a when 2 then 3 end else 4 end; end",
        "select 2"}},
      {"create procedure p() begin atomic select 1 as end; select (case when true then 1 end); END; select 2",
       {"create procedure p() begin atomic select 1 as end; select (case when true then 1 end); END", "select 2"}},
      {"create procedure p() language sql BEGIN /* ; */ ATOMIC end; select 2",
       {"create procedure p() language sql BEGIN /* ; */ ATOMIC end", "select 2"}},
      {"create function \"begin\"() returns int return 1; select 2",
       {"create function \"begin\"() returns int return 1", "select 2"}},
      {"create function f(atomic int) returns int return 1; select 2",
       {"create function f(atomic int) returns int return 1", "select 2"}},
      {"create table atomic (\"begin\" int); select 2", {"create table atomic (\"begin\" int)", "select 2"}},
      {"create table t (a int); create rule r as on insert to t do also (select 1; select 2); select 3",
       {"create table t (a int)", "create rule r as on insert to t do also (select 1; select 2)", "select 3"}},
      {"select (1); select ((2))", {"select (1)", "select ((2))"}},
      {"select '(' ; select ')'", {"select '('", "select ')'"}},
      {"select array[1,2]; select 2", {"select array[1,2]", "select 2"}},
      {"select 'x'::text;select 1.5e3;select .5", {"select 'x'::text", "select 1.5e3", "select .5"}},
      {"select 1 <> -1; select 2", {"select 1 <> -1", "select 2"}},
      {"select 4-+1; select 2*/* x */3", {"select 4-+1", "select 2*/* x */3"}},
      {"select 1;select 2;select 3;select 4", {"select 1", "select 2", "select 3", "select 4"}},
      {"select '\xC3\xA4;\xE2\x82\xAC'; select 2", {"select '\xC3\xA4;\xE2\x82\xAC'", "select 2"}},
      {"create table \xC3\xA4 (\xC3\xB6 int); select 2", {"create table \xC3\xA4 (\xC3\xB6 int)", "select 2"}},
      {"comment on schema public is 'a -- b; /* c'; select 2",
       {"comment on schema public is 'a -- b; /* c'", "select 2"}},
      {"begin; select 1; commit", {"begin", "select 1", "commit"}, false},
      {"create table t (a int);\ncopy t from stdin;\n1\n2;\n\\.\nselect 2;",
       {"create table t (a int)", "copy t from stdin;\n1\n2;\n\\.", "select 2"},
       false},
      {"COPY public.\"t\" (a, b) FROM stdin WITH (FORMAT csv); -- note\n'\"$$\n\\.\n",
       {"COPY public.\"t\" (a, b) FROM stdin WITH (FORMAT csv); -- note\n'\"$$\n\\."},
       false},
      {"copy t from stdin;\n\\.", {"copy t from stdin;\n\\."}, false},
      {"copy t from stdin;\n\\connect\n\\\\.\n\\.x\n\\.\n;",
       {"copy t from stdin;\n\\connect\n\\\\.\n\\.x\n\\."},
       false},
      {"copy (select 1 from stdin) to stdout; select 2", {"copy (select 1 from stdin) to stdout", "select 2"}, false},
      {"set standard_conforming_strings = off; select 'a\\';b'; set standard_conforming_strings = on; select 'a\\'",
       {"set standard_conforming_strings = off", "select 'a\\';b'", "set standard_conforming_strings = on",
        "select 'a\\'"},
       false},
      {"SET LOCAL standard_conforming_strings TO 'off'; select 'a\\';b'",
       {"SET LOCAL standard_conforming_strings TO 'off'", "select 'a\\';b'"},
       false},
  };
  return all;
}

std::size_t results_of_server(PGconn* connection, const std::string& text) {
  PQclear(PQexec(connection, "BEGIN"));
  REQUIRE(PQsendQuery(connection, text.c_str()) == 1);
  std::size_t count = 0;
  while (PGresult* result = PQgetResult(connection)) {
    const ExecStatusType status = PQresultStatus(result);
    const std::string error = PQresultErrorMessage(result);
    CAPTURE(error);
    CHECK(status != PGRES_FATAL_ERROR);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) ++count;
    PQclear(result);
  }
  PQclear(PQexec(connection, "ROLLBACK"));
  return count;
}

// The scripts above, and the seeds of the fuzz target.
std::vector<std::string> corpus() {
  std::vector<std::string> all;
  for (const Cut& cut : cuts()) all.push_back(cut.text);
  for (const auto& seed : std::filesystem::directory_iterator(FLUX_SOURCE_DIR "/tests/fuzz/corpus/postgres_split"))
    all.push_back(read_file(seed.path()));
  return all;
}

// Where psql, which reads line by line and knows no grammar, cuts otherwise than the server itself: strings that go on in
// the next line, a change of standard_conforming_strings in the same line, a column named end in a function's body.
bool psql_errs(const std::string& script) {
  return (script.find("E'a'") != std::string::npos && script.find("\\';b'") != std::string::npos) ||
         script.find("standard_conforming_strings") != std::string::npos || script.find(" as end;") != std::string::npos;
}

// Statements without the data that psql sends behind COPY.
std::vector<std::string> without_data(std::vector<std::string> statements) {
  for (std::string& statement : statements)
    if (statement.ends_with("\n\\.")) statement.erase(statement.find(';'));
  return statements;
}

// The statements of what psql sends for a script, as the server's log has it.
std::vector<std::string> sent_by_psql(const Database& database, const std::string& script, Client& client) {
  const TempDir folder;
  write_file(folder.path() / "script.sql", script);
  const std::size_t before = server().log().size();
  ProcessOptions options;
  options.env["PGCLIENTENCODING"] = "UTF8";
  run_process({(server().programs() / "psql").string(), "-X", "-q", "-d", database.uri, "-f", (folder.path() / "script.sql").string()}, options);
  std::istringstream log(server().log().substr(before));
  std::vector<std::string> entries;
  bool inside = false;
  for (std::string line; std::getline(log, line);) {
    constexpr std::string_view logged = "LOG:  statement: ", failed = "STATEMENT:  ";
    if (inside && line.starts_with('\t')) {
      entries.back() += '\n' + line.substr(1);
      continue;
    }
    const std::size_t statement = line.find(logged), error = line.find(failed);
    inside = statement != std::string::npos || error != std::string::npos;
    if (inside) entries.push_back(statement != std::string::npos ? line.substr(statement + logged.size()) : '!' + line.substr(error + failed.size()));
  }
  std::vector<std::string> sent;
  std::string last;
  for (std::string entry : entries) {
    // A statement that fails is logged again; one with a wrong syntax is logged only then.
    const bool is_error = entry.starts_with('!');
    if (is_error) entry.erase(0, 1);
    if (is_error && entry == last) continue;
    last = entry;
    try {
      for (const Statement& s : client.split(entry)) sent.push_back(entry.substr(s.offset, s.length));
    } catch (const Failure&) {  // COPY, whose data the log does not have
      sent.push_back(entry.substr(0, entry.find(';')));
    }
  }
  return sent;
}

struct Kind {
  std::string text;
  unsigned flags;
  const char* what;
};

const Kind controls[] = {
    {"begin", begins, "BEGIN"},
    {"BEGIN WORK", begins, "BEGIN"},
    {"begin /* x */ transaction;", begins, "BEGIN"},
    {"start transaction", begins, "START TRANSACTION"},
    {"begin isolation level serializable", control, "BEGIN"},
    {"begin transaction read only", control, "BEGIN"},
    {"start transaction read write", control, "START TRANSACTION"},
    {"commit", commits, "COMMIT"},
    {"commit work", commits, "COMMIT"},
    {"COMMIT TRANSACTION AND NO CHAIN", commits, "COMMIT"},
    {"end", commits, "END"},
    {"end transaction", commits, "END"},
    {"commit and chain", control, "COMMIT AND CHAIN"},
    {"end work and chain", control, "END AND CHAIN"},
    {"rollback", control, "ROLLBACK"},
    {"rollback work", control, "ROLLBACK"},
    {"rollback and chain", control, "ROLLBACK AND CHAIN"},
    {"abort", control, "ABORT"},
    {"abort transaction", control, "ABORT"},
    {"prepare transaction 'x'", control, "PREPARE TRANSACTION"},
    {"commit prepared 'x'", control, "COMMIT PREPARED"},
    {"rollback prepared 'x'", control, "ROLLBACK PREPARED"},
    {"savepoint a", 0, ""},
    {"release savepoint a", 0, ""},
    {"rollback to a", 0, ""},
    {"rollback work to savepoint a", 0, ""},
    {"rollback transaction to a", 0, ""},
    {"prepare a as select 1", 0, ""},
    {"set transaction isolation level serializable", 0, ""},
};

constexpr unsigned rather = FLUX_STATEMENT_OUTSIDE;
constexpr unsigned session = FLUX_STATEMENT_OUTSIDE | FLUX_STATEMENT_SESSION;

// Whether the server refuses these inside a transaction (25001) is asked of the server, too.
const Kind placed[] = {
    {"create index concurrently i on t (a)", outside, "CREATE INDEX CONCURRENTLY"},
    {"create unique index concurrently if not exists i on t (a)", outside, "CREATE INDEX CONCURRENTLY"},
    {"create index i on t (a)", 0, ""},
    {"create index \"concurrently\" on t (a)", 0, ""},
    {"drop index concurrently i", outside, "DROP INDEX CONCURRENTLY"},
    {"drop index if exists i", 0, ""},
    {"reindex table concurrently t", outside, "REINDEX CONCURRENTLY"},
    {"reindex (verbose) index concurrently i", outside, "REINDEX CONCURRENTLY"},
    {"reindex (concurrently) table t", outside, "REINDEX CONCURRENTLY"},
    {"reindex (concurrently true, verbose) table t", outside, "REINDEX CONCURRENTLY"},
    {"reindex (concurrently false) table t", rather, "REINDEX"},
    {"reindex table t", rather, "REINDEX"},
    {"reindex schema public", outside, "REINDEX SCHEMA"},
    {"reindex (verbose) schema public", outside, "REINDEX SCHEMA"},
    {"reindex database postgres", outside, "REINDEX DATABASE"},
    {"reindex system postgres", outside, "REINDEX SYSTEM"},
    {"vacuum", outside, "VACUUM"},
    {"vacuum (full, analyze) t", outside, "VACUUM"},
    {"analyze t", rather, "ANALYZE"},
    {"create database x", outside, "CREATE DATABASE"},
    {"drop database if exists x", outside, "DROP DATABASE"},
    {"create tablespace x location '/nowhere'", outside, "CREATE TABLESPACE"},
    {"drop tablespace x", outside, "DROP TABLESPACE"},
    {"alter system set work_mem = '5MB'", outside, "ALTER SYSTEM"},
    {"alter database postgres set tablespace pg_default", outside, "ALTER DATABASE SET TABLESPACE"},
    {"alter database postgres set work_mem = '5MB'", 0, ""},
    {"cluster", outside, "CLUSTER"},
    {"cluster verbose", outside, "CLUSTER"},
    {"cluster t using t_pkey", rather, "CLUSTER"},
    {"cluster (verbose) t using t_pkey", rather, "CLUSTER"},
    {"create subscription s connection 'host=127.0.0.1 port=1' publication p", outside, "CREATE SUBSCRIPTION"},
    {"create subscription s connection 'host=127.0.0.1 port=1' publication p with (enabled = false)", outside,
     "CREATE SUBSCRIPTION"},
    {"create subscription s connection 'dbname=x' publication p with (connect = false)", 0, ""},
    {"create subscription s connection 'dbname=x' publication p with (connect = 'off', slot_name = none)", 0, ""},
    {"alter subscription sub refresh publication", outside, "ALTER SUBSCRIPTION REFRESH"},
    {"alter subscription sub set publication p", outside, "ALTER SUBSCRIPTION SET PUBLICATION"},
    {"alter subscription sub add publication q with (copy_data = false)", outside,
     "ALTER SUBSCRIPTION ADD PUBLICATION"},
    {"alter subscription sub set publication p with (refresh = false)", 0, ""},
    {"alter subscription sub set (synchronous_commit = off)", 0, ""},
    {"alter subscription sub disable", 0, ""},
    {"call nothing()", rather, "CALL"},
    {"do $$ begin end $$", rather, "DO"},
    {"set work_mem = '5MB'", session, "SET"},
    {"set session work_mem = '5MB'", session, "SET"},
    {"set role none", session, "SET"},
    {"set session authorization default", session, "SET"},
    {"set time zone 'UTC'", session, "SET"},
    {"reset all", session, "RESET"},
    {"set local work_mem = '5MB'", 0, ""},
    {"set transaction read only", 0, ""},
    {"set constraints all deferred", 0, ""},
    {"alter table pt detach partition pt1 concurrently", outside, "ALTER TABLE DETACH PARTITION CONCURRENTLY"},
    {"alter table if exists only public.pt detach partition public.pt1 concurrently", outside,
     "ALTER TABLE DETACH PARTITION CONCURRENTLY"},
    {"alter table pt detach partition pt1", 0, ""},
    {"alter table pt detach partition \"concurrently\"", 0, ""},
    {"refresh materialized view concurrently m", 0, ""},
    {"alter type e add value 'b'", 0, ""},
    {"discard all", outside, "DISCARD ALL"},
    {"discard temp", 0, ""},
};

struct Refusal {
  std::string text;
  std::int64_t offset, statement;
  const char* message;
};
const Refusal refusals[] = {
    {"select 1; select 'abc", 17, 1, "unterminated quoted string"},
    {"select E'abc\\'", 8, 0, "unterminated quoted string"},
    {"select \"abc; select 1", 7, 0, "unterminated quoted identifier"},
    {"select 1; /* a /* b */", 10, 1, "unterminated /* comment"},
    {"select $a$ x $b$", 7, 0, "unterminated dollar-quoted string"},
    {"select $$", 7, 0, "unterminated dollar-quoted string"},
    {"\\connect other", 0, 0, "psql command \"\\connect\" is not SQL"},
    {"select 1;\n\\i file.sql", 10, 1, "psql command \"\\i\" is not SQL"},
    {"select 1 \\gexec", 9, 0, "psql command \"\\gexec\" is not SQL"},
    {"select 1;\n\\.\n", 10, 1, "psql command \"\\.\" is not SQL"},
    {"\\", 0, 0, "psql command \"\\\" is not SQL"},
    {"select 1; copy t from stdin;\n1\n2\n", 10, 1, "COPY ... FROM STDIN without data"},
    {"copy t from stdin", 0, 0, "COPY ... FROM STDIN without data"},
    {"copy t from stdin; select 1;\n\\.\n", 19, 0, "COPY ... FROM STDIN must be the last on its line"},
};

}  // namespace

TEST_SUITE("postgres splitter") {
  TEST_CASE("cuts a script into its statements") {
    Client client;
    REQUIRE(cuts().size() >= 60);
    for (const Cut& cut : cuts()) {
      CAPTURE(cut.text);
      std::vector<std::string> found;
      for (const Statement& s : client.split(cut.text)) found.push_back(cut.text.substr(s.offset, s.length));
      CHECK(found == cut.statements);
    }
  }

  TEST_CASE("finds as many statements as the server runs") {
    Database database;
    PGconn* connection = PQconnectdb(database.uri.c_str());
    REQUIRE(PQstatus(connection) == CONNECTION_OK);
    PQsetNoticeProcessor(
        connection, [](void*, const char*) {}, nullptr);
    for (const Cut& cut : cuts()) {
      if (!cut.runs) continue;
      CAPTURE(cut.text);
      CHECK(results_of_server(connection, cut.text) == cut.statements.size());
    }
    PQfinish(connection);
  }

  TEST_CASE("cuts where psql cuts") {
    const Database database;
    database.run("ALTER DATABASE " + database.name + " SET log_statement = 'all'");
    Client client;
    std::size_t compared = 0;
    for (const std::string& script : corpus()) {
      if (psql_errs(script)) continue;
      CAPTURE(script);
      std::vector<std::string> ours;
      try {
        for (const Statement& s : client.split(script)) ours.push_back(script.substr(s.offset, s.length));
      } catch (const Failure&) {
        continue;  // what cannot be split, psql would send otherwise or not at all
      }
      CHECK(sent_by_psql(database, script, client) == without_data(ours));
      ++compared;
    }
    CHECK(compared >= 60);
  }

  TEST_CASE("knows what begins and ends a transaction") {
    Client client;
    for (const Kind& kind : controls) {
      CAPTURE(kind.text);
      const auto statements = client.split(kind.text);
      REQUIRE(statements.size() == 1);
      CHECK(statements[0].flags == kind.flags);
      CHECK(statements[0].what == kind.what);
    }
  }

  TEST_CASE("knows what the server refuses inside a transaction") {
    Client client;
    Database database;
    database.run(
        "create table t (a int primary key); create index i on t (a); create table pt (a int) partition by list (a);"
        "create table pt1 partition of pt for values in (1); create table \"concurrently\" partition of pt for values "
        "in (2);"
        "create materialized view m as select a from t; create unique index on m (a); create type e as enum ('a');"
        "create procedure nothing() language sql as ''");
    database.run("create subscription sub connection 'host=127.0.0.1 port=1' publication p with (connect = false)");
    database.run("alter subscription sub enable");
    PGconn* connection = PQconnectdb(database.uri.c_str());
    REQUIRE(PQstatus(connection) == CONNECTION_OK);
    PQsetNoticeProcessor(
        connection, [](void*, const char*) {}, nullptr);
    for (const Kind& kind : placed) {
      CAPTURE(kind.text);
      const auto statements = client.split(kind.text);
      REQUIRE(statements.size() == 1);
      CHECK(statements[0].flags == kind.flags);
      CHECK(statements[0].what == kind.what);

      PQclear(PQexec(connection, "BEGIN"));
      PGresult* result = PQexec(connection, kind.text.c_str());
      const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
      const std::string error = PQresultErrorMessage(result);
      CAPTURE(error);
      const bool refused = sqlstate != nullptr && std::strcmp(sqlstate, "25001") == 0;
      CHECK(refused == (kind.flags == outside));
      PQclear(result);
      PQclear(PQexec(connection, "ROLLBACK"));
    }
    PQfinish(connection);
  }

  TEST_CASE("runs outside of one what the server may refuse inside it") {
    Client client;
    for (const char* text : {"drop subscription s", "drop subscription if exists s cascade"})
      CHECK(client.split(text).at(0).flags == rather);
  }

  TEST_CASE("refuses what is not finished or not SQL, with its place") {
    Client client;
    for (const Refusal& refusal : refusals) {
      CAPTURE(refusal.text);
      const Failure failure = failure_of([&] { client.split(refusal.text); });
      CHECK(failure.code == FLUX_E_SCRIPT);
      CHECK(failure.message == refusal.message);
      CHECK(failure.byte_offset == refusal.offset);
      CHECK(failure.statement_index == refusal.statement);
    }
  }

  TEST_CASE("splits without a connection, and a long script in time") {
    Client client;
    std::string text;
    while (text.size() < (std::size_t{10} << 20)) text += "insert into t values (1, 'a;b', $$x$$); -- note\n";
    CHECK(client.split(text).size() == text.size() / 48);
  }
}
