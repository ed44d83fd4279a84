#include "fixture.hpp"

using namespace flux::testing;

namespace {

constexpr ScriptOptions first{FLUX_SCRIPT_CONTINUES}, middle{FLUX_SCRIPT_CONTINUED | FLUX_SCRIPT_CONTINUES},
    last{FLUX_SCRIPT_CONTINUED};

// What the first part of a script does to its session, and what the last one then finds.
struct Kept {
  std::string change, look, expected;
  bool shows_in_session = true;  // else it shows in what others cannot do meanwhile, or not at all
};

const Kept kept[] = {
    {"use mysql", "database()", "mysql"},
    {"set sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'", "@@sql_mode", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES"},
    {"set sql_mode = 'ORACLE'", "@@sql_mode like '%ORACLE%'", "1"},
    {"set role weak", "current_role()", "weak"},
    {"set names latin1", "@@character_set_client", "latin1"},
    {"set time_zone = '+09:00'", "@@time_zone", "+09:00"},
    {"set timestamp = 1000", "now()", "1970-01-01 00:16:40"},
    {"set max_statement_time = 0.05", "@@max_statement_time", "0.050000"},
    {"set foreign_key_checks = 0, unique_checks = 0", "@@foreign_key_checks", "0"},
    {"set @x = 'y'", "@x", "y"},
    {"set session transaction read only", "@@tx_read_only", "1"},
    {"set sql_select_limit = 0", "1", "1", false},  // a program does not see it
    {"set completion_type = 1", "@@completion_type", "CHAIN"},
    {"create temporary table mine (a int)", "(select count(*) from mine)", "0"},
    {"lock tables d write", "(select count(*) from d)", "0", false},
    {"prepare s from 'select 1'", "1", "1", false},
};

// Fails unless `look` gives `expected`; looks inside the script's own session.
std::string expecting(const Kept& item) {
  return "begin not atomic if not (" + item.look + " <=> '" + item.expected +
         "') then signal sqlstate '45000' set message_text = 'it is not'; end if; end";
}

void in_transaction(Client& client, const std::string& text, const ScriptOptions& options, const Row& row) {
  client.begin();
  client.apply(text, row.id, options);
  client.register_migration(row);
  client.commit();
}

void outside(Client& client, const std::string& text, const ScriptOptions& options, const Row& row) {
  client.register_migration(row);
  client.apply(text, row.id, options);
  client.register_migration(row);
}

struct Prepared : Initialized {
  Prepared() {
    run("create or replace role weak; grant weak to root@127.0.0.1; create table d (a int); set global event_scheduler "
        "= 0");
    lock(1000);
  }
};

}  // namespace

TEST_SUITE("mariadb parts") {
  TEST_CASE("see what earlier parts changed of the session; the history and the next script do not") {
    for (const Kept& item : kept)
      for (const bool inside : {true, false}) {
        CAPTURE(item.change);
        CAPTURE(inside);
        Prepared client;
        Row row = row_of("01 \xC3\xA4'\\");
        row.script = "it's \\ \xF0\x9F\x98\x80";
        outside(client, item.change, first, row);
        // LOCK TABLES ends with a transaction, so that nothing behind it is in one.
        if (inside && item.change.rfind("lock", 0) != 0) {
          in_transaction(client, "insert into " + client.name + ".d values (1)", middle, row);
          client.run("delete from d");
        }
        outside(client, expecting(item), last, row);
        const auto rows = client.list_history();
        REQUIRE(rows.size() == 1);
        CHECK(rows[0].id == row.id);
        CHECK(client.read_script("", row.id) == *row.script);
        CHECK(client.run("select abs(timestampdiff(second, applied_at, utc_timestamp())) < 60 from _flux_migrations") ==
              "1");
        client.run("insert into d values (1)");
        if (item.shows_in_session) CHECK(failure_of([&] { client.apply(expecting(item)); }).code == FLUX_E_SCRIPT);
      }
  }

  TEST_CASE("a script in a transaction does not see the session of the parts of another one") {
    Prepared client;
    client.run("create table t (a int)");
    client.run("create database if not exists elsewhere; create or replace table elsewhere.t (a int)");
    const ScriptOptions hurried{FLUX_SCRIPT_CONTINUES, -1, 1};
    for (const auto& [change, options] :
         {std::pair<std::string, ScriptOptions>{"create temporary table t (a int)", first},
          {"use elsewhere", first},
          {"set role weak", first},
          {"set @x = 1", hurried}}) {
      CAPTURE(change);
      outside(client, change, options, row_of("01"));
      in_transaction(client, "insert into t select 1 from (select sleep(0.01)) s", first, row_of("02"));
      CHECK(client.run("select count(*) from t") == "1");
      client.run("delete from t");
    }
    CHECK(client.run("select count(*) from elsewhere.t") == "0");
    CHECK(client.list_history().size() == 2);
    // Nor where that one failed, and the transaction comes to nothing.
    outside(client, "use elsewhere", first, row_of("03"));
    client.begin();
    client.rollback();
    client.begin();
    client.commit();
    in_transaction(client, "insert into t values (1)", first, row_of("04"));
    CHECK(client.run("select count(*) from t") == "1");
  }

  TEST_CASE("a database that a script drops and creates is the next one's again") {
    Prepared client;
    Client other({{"migrations_database", client.name}, {"migrations_table", std::string("other_history")}});
    const Database dropped;
    other.connect(dropped.uri);
    other.initialize();
    outside(other, "drop database " + dropped.name, first, row_of("01"));
    in_transaction(other, "do 1", first, row_of("02"));
    outside(other, "create database " + dropped.name, first, row_of("03"));
    outside(other, "create table t (a int)", first, row_of("04"));
    CHECK(dropped.run("select count(*) from t") == "0");
    outside(other, "drop database " + dropped.name, first, row_of("05"));
    outside(other, "create database " + dropped.name, middle, row_of("05"));
    in_transaction(other, "select * from information_schema.tables where table_schema = database()", first,
                   row_of("06"));
    outside(other, "create table t (a int)", first, row_of("07"));
    CHECK(dropped.run("select count(*) from t") == "0");
  }

  TEST_CASE("what is taken from a statement before is refused where that ran in another session") {
    Prepared client;
    client.run("create table ids (id int auto_increment primary key, a int)");
    client.apply("set @a = 1", "01", first);
    const Failure failure = failure_of([&] { client.apply("set @id = last_insert_id()", "01", middle); });
    CHECK(failure.code == FLUX_E_SCRIPT);
    CHECK(failure.byte_offset == 10);
    in_transaction(client, "insert into ids (a) values (1)", middle, row_of("01"));
    in_transaction(client, "insert into ids (a) values (last_insert_id() + 10)", last, row_of("01"));
    CHECK(client.run("select group_concat(a) from ids") == "1,11");
  }

  TEST_CASE("statements between BEGIN and COMMIT are read as what was set before them says") {
    Prepared client;
    client.run("create table t (a text)");
    const std::string script =
        "SET sql_mode = 'NO_BACKSLASH_ESCAPES'; BEGIN; INSERT INTO t VALUES ('c:\\'); INSERT INTO t VALUES ('b'); "
        "COMMIT;";
    const auto statements = client.split(script);
    REQUIRE(statements.size() == 5);
    client.apply(script.substr(0, statements[0].length), "01", first);
    const std::string group =
        script.substr(statements[2].offset, statements[3].offset + statements[3].length - statements[2].offset);
    in_transaction(client, group, last, row_of("01"));
    CHECK(client.run("select group_concat(a order by a desc) from t") == "c:\\,b");
  }

  TEST_CASE("a statement that only DELIMITER holds together stays one") {
    Prepared client;
    const std::string script = "DELIMITER //\nexecute immediate 'select 1;'//\nselect ';' ; //\n";
    for (const Statement& s : client.split(script)) {
      const std::string text = script.substr(s.offset, s.length);
      CAPTURE(text);
      client.apply(text, "01", first);
    }
  }

  TEST_CASE("a part that was promised not to commit and does is refused") {
    Prepared client;
    client.begin();
    CHECK(failure_of([&] { client.apply("create table x (a int)", "01", first); }).code == FLUX_E_SCRIPT);
    client.rollback();
  }
}
