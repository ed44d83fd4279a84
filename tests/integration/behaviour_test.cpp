#include <doctest/doctest.h>

#include "project.hpp"

TEST_SUITE_BEGIN("apply and rollback");

using namespace flux::testing;

namespace {

// A small history: three tables with undo.
void three_tables(const Project& project) {
  for (const char* n : {"1", "2", "3"})
    project.migration(std::string("0") + n, std::string("create table t") + n + " (a int);", std::string("drop table t") + n + ";");
}

// Of a database on a server.
std::string name_of(const Database& database) { return database.uri().substr(database.uri().rfind('/') + 1); }

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("apply and rollback go as far as asked") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const Project project(*database);
    three_tables(project);
    project.must({"apply", "1", "--yes"});
    CHECK(applied_ids(*database) == "01");
    project.must({"apply", "--to", "02", "--yes"});
    CHECK(applied_ids(*database) == "01 02");
    project.must({"apply", "--auto-approve"});
    CHECK(applied_ids(*database) == "01 02 03");
    project.must({"rollback", "1", "--yes"});
    CHECK(applied_ids(*database) == "01 02");
    project.must({"rollback", "--to", "02", "--yes"});
    CHECK(applied_ids(*database) == "01");
    project.must({"rollback", "--yes"}, 2);
    CHECK(applied_ids(*database) == "01");
    project.must({"rollback", "--all", "--yes"});
    CHECK(applied_ids(*database) == "");
  }
}

TEST_CASE("a failure leaves what was before it, nothing of itself, and does not run what is behind") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.migration("01", "create table a (x int);", "drop table a;");
    project.migration("02", "create table b (x int); insert into nowhere values (1);", "drop table b;");
    project.migration("03", "create table c (x int);", "drop table c;");
    const std::string text = project.must({"apply", "--yes"}, 1);
    CHECK(contains(text, "02 failed and was rolled back"));
    CHECK(contains(text, "applied before it: 1"));
    CHECK(contains(text, "not run: 1"));
    CHECK(applied_ids(*database) == "01");
    database->run("create table b (y int)");  // it was not left behind
    database->run("drop table b");
    project.write("02.sql", "create table b (x int);");
    project.must({"apply", "--yes"});
    CHECK(applied_ids(*database) == "01 02 03");
  }
}

TEST_CASE("in a single transaction a failure leaves nothing") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    three_tables(project);
    project.write("04.sql", "insert into nowhere values (1);");
    const std::string before = database->dump();
    project.must({"apply", "--yes", "--single-transaction"}, 1);
    CHECK(database->dump() == before);
    CHECK(applied_ids(*database) == "");
  }
}

TEST_CASE("repeatables run around every batch, and post-apply after a failure as well") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.migration("01", "create table t (a int);", "drop table t;");
    project.write("pre-apply/drop.sql", "drop view if exists v;");
    project.write("post-apply/view.sql", "create view v as select 1 as one;");
    project.must({"apply", "--yes"});
    CHECK(database->run("select one from v") == "1");
    project.must({"apply", "--yes"});  // nothing is pending, they run all the same
    CHECK(database->run("select one from v") == "1");

    project.write("02.sql", "insert into nowhere values (1);");
    project.must({"apply", "--yes"}, 1);
    CHECK(database->run("select one from v") == "1");

    project.write("post-apply/zz_broken.sql", "insert into nowhere_either values (1);");
    const std::string text = project.must({"apply", "--yes"}, 1);
    CHECK(contains(text, "02 failed"));
    CHECK(contains(text, "nowhere_either"));
    project.remove("post-apply/zz_broken.sql");
    project.remove("02.sql");

    database->run("drop view v");
    project.must({"rollback", "1", "--yes", "--no-repeatable"});
    CHECK_THROWS(database->run("select one from v"));
    project.must({"apply", "--yes"});
    project.must({"rollback", "1", "--yes"});
    CHECK(database->run("select one from v") == "1");
  }
}

TEST_CASE("apply_repeatable_on_undo = false keeps repeatables out of a rollback") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const Project project(*database, "apply_repeatable_on_undo = false");
    project.migration("01", "create table t (a int);", "drop table t;");
    project.write("post-apply/count.sql", "create table if not exists runs (a int); insert into runs values (1);");
    project.must({"apply", "--yes"});
    project.must({"rollback", "--all", "--yes"});
    CHECK(database->run("select count(*) from runs") == "1");
  }
}

TEST_CASE("run=on-change runs once for each version of its text") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.write("post-apply/count.sql", "-- flux: run=on-change\ncreate table if not exists runs (a int); insert into runs values (1);");
    project.must({"apply", "--yes"});
    project.must({"apply", "--yes"});
    CHECK(database->run("select count(*) from runs") == "1");
    CHECK(database->run("select state from _flux_migrations") == "repeatable");
    project.write("post-apply/count.sql", "-- flux: run=on-change\ninsert into runs values (2);");
    project.must({"apply", "--yes"});
    CHECK(database->run("select count(*) from runs") == "2");
    CHECK(contains(project.must({"status"}), "0 applied"));
  }
}

TEST_CASE("changed, missing and out of order are all named and nothing runs") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const Project project(*database);
    three_tables(project);
    project.must({"apply", "--yes"});
    project.write("01.sql", "create table t1 (changed int);");
    project.remove("02.sql");
    project.remove("02.undo.sql");
    project.write("025.sql", "create table late (a int);");
    for (const std::vector<std::string>& command : {std::vector<std::string>{"apply", "--yes"}, {"validate"}, {"plan"}}) {
      const std::string text = project.must(command, 3);
      CHECK(contains(text, "01 has changed since it was applied"));
      CHECK(contains(text, "02 was applied on"));
      CHECK(contains(text, "025 is pending, but sorts before 03"));
    }
    CHECK(applied_ids(*database) == "01 02 03");
  }
}

TEST_CASE("out of order goes on where it is allowed") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const Project project(*database);
    three_tables(project);
    project.must({"apply", "--yes"});
    project.migration("025", "create table late (a int);", "drop table late;");
    project.must({"apply", "--yes"}, 3);
    project.must({"apply", "--yes", "--allow-out-of-order"});
    CHECK(applied_ids(*database) == "01 02 025 03");
    project.must({"rollback", "--all", "--yes"});
  }
}

TEST_CASE("line ends and a byte order mark do not change a migration") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.write("01.sql", "create table t (\n  a int\n);\n");
    project.must({"apply", "--yes"});
    project.write("01.sql", "\xEF\xBB\xBF" "create table t (\r\n  a int\r\n);\r\n");
    project.must({"validate"});
    project.write("02.sql", "\xEF\xBB\xBF" "create table u (\r\n  a int\r\n);\r\n");
    project.must({"apply", "--yes"});
  }
}

TEST_CASE("an older checkout takes back what a newer one applied") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const std::string empty = database->dump();
    const Project newer(*database);
    three_tables(newer);
    newer.must({"apply", "--yes"});
    const Project older(*database);
    older.migration("01", "create table t1 (a int);", "drop table t1;");
    CHECK(contains(older.must({"apply", "--yes"}, 3), "03 was applied on"));
    older.must({"rollback", "2", "--yes"});
    CHECK(applied_ids(*database) == "01");
    older.must({"rollback", "--all", "--yes"});
    CHECK(database->dump() == empty);
  }
}

TEST_CASE("a migration without undo stops a rollback before anything runs") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const Project project(*database);
    three_tables(project);
    project.remove("01.undo.sql");
    project.write("02.undo.sql", " \n");
    project.write("04.sql", "-- flux: irreversible\ncreate table t4 (a int);");
    project.must({"apply", "--yes"});
    const std::string text = project.must({"rollback", "--all", "--yes"}, 3);
    for (const char* part : {"01 has no undo script", "02 has no undo script", "04 is marked as irreversible"}) CHECK(contains(text, part));
    CHECK(applied_ids(*database) == "01 02 03 04");
    database->run("delete from _flux_migrations where id = '04'");
    project.remove("04.sql");
    project.must({"rollback", "--all", "--yes", "--forget-missing-undo"});
    CHECK(applied_ids(*database) == "");
    database->run("select * from t1");
  }
}

TEST_CASE("a broken undo script does not stop an apply, and is not kept") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.migration("01", "create table t1 (a int);", "drop table t1; -- \xFF");
    project.migration("02", "create table t2 (a int);", "-- flux: draft\ndrop table t2;");
    CHECK(contains(project.must({"apply", "--yes"}), "could not be rolled back"));
    CHECK(database->run("select count(*) from _flux_migrations h where h.undo is null") == "2");
    project.remove("02.undo.sql");
    project.must({"rollback", "1", "--yes"}, 3);
  }
}

TEST_CASE("two namespaces share one history") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const Project shop(*database, "namespace = \"shop\""), blog(*database, "namespace = \"blog\"");
    shop.migration("01", "create table shop (a int);", "drop table shop;");
    blog.migration("01", "create table blog (a int);", "drop table blog;");
    shop.must({"apply", "--yes"});
    blog.must({"apply", "--yes"});
    CHECK(applied_ids(*database) == "01 01");
    shop.must({"rollback", "--all", "--yes"});
    CHECK(database->run("select namespace from _flux_migrations") == "blog");
    blog.must({"validate"});
  }
}

TEST_CASE("reading commands create nothing") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const Project project(*database);
    three_tables(project);
    const bool sqlite = database->backend() == "sqlite";
    for (const char* command : {"status", "plan", "validate", "history"}) project.must({command});
    project.must({"status", "--check"}, 8);
    if (sqlite) CHECK_FALSE(std::filesystem::exists(database->uri().substr(7)));
    else CHECK(database->run("select count(*) from information_schema.tables where table_name = '_flux_migrations' and table_schema in ('public', '" + name_of(*database) + "')") == "0");
  }
}

TEST_CASE("all problems of the directory are listed at once") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.write("01.sql", "select 1;\ncommit;\n");
    project.write("02.sql", "-- flux: draft\n");
    project.write("03.undo.sql", "select 1;");
    project.write("04.sql", "-- flux: no-transaction\nselect 1;\nrollback;");
    project.write("05.sql", "select '\xFF';");
    project.write("06.sql", "vacuum;");
    project.write("07.sql", "select 'never ended;\n");
    const std::string text = project.must({"apply", "--yes"}, 3);
    CAPTURE(text);
    for (const char* part : {"01.sql:2:1", "COMMIT in a script", "02.sql:1", "draft", "03.undo.sql", "without an up script", "04.sql:3:1",
                             "ROLLBACK in a script that runs statement by statement", "05.sql:1:9", "invalid UTF-8", "06.sql:1:1", "VACUUM cannot run inside a transaction", "07.sql:1:8"}) {
      CAPTURE(part);
      CHECK(contains(text, part));
    }
  }
}

TEST_CASE("one BEGIN … COMMIT around a whole script is taken off, and positions stay true") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.migration("01", "-- made by another tool\nbegin;\ncreate table t (a int);\ncommit;\n", "BEGIN TRANSACTION; drop table t; END;");
    project.must({"apply", "--yes"});
    project.must({"rollback", "--all", "--yes"});
    project.write("01.sql", "begin;\ncreate table t (a int);\n  insert into nowhere values (1);\ncommit;\n");
    CHECK(contains(project.must({"apply", "--yes"}, 1), "01.sql:3:"));
    CHECK(applied_ids(*database) == "");
  }
}

TEST_CASE("blank scripts and comments alone") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.migration("01", "", "-- nothing to undo\n");
    project.migration("02", "-- nothing to do\n", "-- nothing\n");
    const std::string text = project.must({"apply", "--yes"});
    CHECK(contains(text, "01.sql is blank"));
    CHECK_FALSE(contains(text, "02.sql is blank"));
    CHECK(contains(project.must({"rollback", "--all", "--yes"}), "has no statement"));
    CHECK(applied_ids(*database) == "");
  }
}

TEST_CASE("Python migrations are applied and rolled back") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const Project project(*database);
    write_file(project.folder() / "helpers.py", "def table(n):\n    return f'create table {n} (a int);'\n");
    project.write("01_py.py", "from helpers import table\n\ndef apply():\n    return table('made')\n\ndef undo():\n    return 'drop table made;'\n");
    project.must({"apply", "--yes"});
    database->run("select a from made");
    project.must({"rollback", "1", "--yes"});
    CHECK(applied_ids(*database) == "");
    project.write("02_bad.py", "def apply():\n    return 1 / 0\n");
    CHECK(contains(project.must({"apply", "--yes"}, 3), "02_bad.py:2"));
  }
}

TEST_SUITE_END();
