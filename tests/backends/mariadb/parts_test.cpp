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
