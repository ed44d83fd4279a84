#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <flux/core/read_directory.hpp>
#include <flux/core/script_file.hpp>

#include "temp_dir.hpp"

TEST_SUITE_BEGIN("read directory");

using namespace flux;
using namespace flux::testing;
using namespace std::string_literals;

namespace {

struct Project {
  TempDir dir;
  void write(const std::string& name, const std::string& text) const { write_file(dir / name, text); }
  MigrationSet read() const { return read_directory(dir.path(), "sql", dir.path()); }
  // The problems as "FILE:LINE message", without the folder.
  std::vector<std::string> problems(const std::vector<Failure>& failures) const {
    std::vector<std::string> out;
    for (const Failure& f : failures) {
      std::string file = f.where->file;
      if (file.starts_with(dir.path().string() + "/")) file.erase(0, dir.path().string().size() + 1);
      std::string message = f.message;
      for (std::size_t at; (at = message.find(dir.path().string() + "/")) != std::string::npos;) message.erase(at, dir.path().string().size() + 1);
      out.push_back(file + ":" + std::to_string(f.where->line) + " " + message);
    }
    return out;
  }
};

}  // namespace

TEST_CASE("pairs scripts by id and sorts them by bytes") {
  const Project p;
  p.write("b.sql", "2");
  p.write("B2.sql", "1");
  p.write("a b ü.sql", "3");
  p.write("b.undo.sql", "undo");
  p.write("c.sql", "4");
  p.write("c.undo.sql", " \n");
  p.write("README.md", "ignored");
  p.write(".hidden.sql", "ignored");
  p.write("sub/x.sql", "ignored");
  const MigrationSet set = p.read();
  CHECK(set.problems.empty());
  REQUIRE(set.migrations.size() == 4);
  CHECK(set.migrations[0].id == "B2");
  CHECK(set.migrations[1].id == "a b ü");
  CHECK(set.migrations[2].id == "b");
  CHECK(set.migrations[2].undo->text() == "undo");
  CHECK(set.migrations[3].undo == nullptr);  // blank is missing
}

TEST_CASE("normalises what it reads") {
  const Project p;
  p.write("a.sql", "\xEF\xBB\xBFselect 1;\r\n");
  CHECK(p.read().migrations[0].up->text() == "select 1;\n");
}

TEST_CASE("reads repeatables in their order") {
  const Project p;
  p.write("a.sql", "1");
  p.write("post-apply/z.sql", "-- flux: run=on-change\n");
  p.write("post-apply/b.sql", "1");
  p.write("pre-apply/y.sql", "1");
  const MigrationSet set = p.read();
  REQUIRE(set.repeatables.size() == 3);
  CHECK(set.repeatables[0].id == "pre-apply/y");
  CHECK(set.repeatables[1].id == "post-apply/b");
  CHECK(set.repeatables[2].script->directives().on_change);
}

TEST_CASE("lists every problem of the directory together") {
  const Project p;
  p.write("a.sql", "1");
  p.write("A.sql", "1");
  p.write("gone.undo.sql", "1");
  p.write("post-apply/v.undo.sql", "1");
  std::filesystem::create_directory(p.dir / "folder.sql");
  REQUIRE(::mkfifo((p.dir / "pipe.sql").c_str(), 0600) == 0);
  REQUIRE(::mkfifo((p.dir / "pipe.py").c_str(), 0600) == 0);
  p.write("x.undo.py", "def apply():\n    return ''\n");
  std::filesystem::create_symlink("nowhere", p.dir / "link.sql");
  const std::vector<std::string> expected = {
      "folder.sql:0 folder.sql is a folder, not a script",
      "link.sql:0 link.sql cannot be read: No such file or directory",
      "pipe.py:0 pipe.py is not a regular file",
      "pipe.sql:0 pipe.sql is not a regular file",
      "x.undo.py:0 the undo of a Python migration is its function undo()",
      "post-apply/v.undo.sql:0 a repeatable script cannot have an undo script",
      "a.sql:0 its id differs only in case from that of A.sql",
      "gone.undo.sql:0 an undo script without an up script: gone.sql is missing",
  };
  CHECK(p.problems(p.read().problems) == expected);
}

TEST_CASE("an unreadable file is a problem") {
  if (::geteuid() == 0) {
    MESSAGE("not tested as root, who can read every file; the link to nowhere above takes the same way");
    return;
  }
  const Project p;
  p.write("a.sql", "1");
  ::chmod((p.dir / "a.sql").c_str(), 0);
  CHECK(p.read().problems.size() == 1);
}

TEST_CASE("a missing directory is one problem") {
  const TempDir dir;
  const MigrationSet set = read_directory(dir / "none", "sql", dir.path());
  REQUIRE(set.problems.size() == 1);
  CHECK(set.problems[0].message == "the migration directory does not exist");
}

TEST_CASE("what is wrong inside a script stays with the script") {
  const Project p;
  p.write("a.sql", "select '\xFF';");
  p.write("b.sql", "-- flux: draft\n");
  p.write("c.sql", "select 1;\0"s);
  p.write("d.sql", "\n-- flux: typo\n");
  p.write("e.undo.sql", "-- flux: irreversible\nx");
  p.write("e.sql", "-- flux: run=on-change\nx");
  const MigrationSet set = p.read();
  CHECK(set.problems.empty());
  REQUIRE(set.migrations.size() == 5);
  const auto of = [&](int i) { return p.problems(set.migrations[static_cast<std::size_t>(i)].up->problems()); };
  CHECK(of(0) == std::vector<std::string>{"a.sql:1 invalid UTF-8 at byte 8"});
  CHECK(of(1) == std::vector<std::string>{"b.sql:1 it is still a draft"});
  CHECK(of(2) == std::vector<std::string>{"c.sql:1 a NUL byte at byte 9"});
  CHECK(of(3) == std::vector<std::string>{"d.sql:2 unknown directive \"typo\""});
  CHECK(of(4) == std::vector<std::string>{"e.sql:1 the directive \"run\" belongs into scripts in pre-apply/ and post-apply/"});
  CHECK(p.problems(set.migrations[4].undo->problems()) ==
        std::vector<std::string>{"e.undo.sql:1 the directive \"irreversible\" belongs into the up script of a migration"});
}

TEST_CASE("scripts of other tools are not taken for something else") {
  const Project p;
  p.write("1_users.up.sql", "create");
  p.write("1_users.down.sql", "drop");
  p.write("2_dbmate.sql", "-- migrate:up\ncreate\n-- migrate:down\ndrop\n");
  p.write("3_only_up.sql", "-- migrate:up\ncreate\n");
  p.write("3_only_up.undo.sql", "\n-- migrate:down\ndrop\n");
  const MigrationSet set = p.read();
  CHECK(p.problems(set.problems) == std::vector<std::string>{"1_users.down.sql:0 1_users.up.sql and 1_users.down.sql would be two migrations"});
  CHECK(p.problems(set.find("2_dbmate")->up->problems()) == std::vector<std::string>{"2_dbmate.sql:3 an up script that holds its undo script as well"});
  CHECK(set.find("3_only_up")->up->problems().empty());
  CHECK(set.find("3_only_up")->undo->problems().empty());
}

TEST_CASE("an undo script under another name is no migration") {
  for (const char* name : {"a.down", "a.UNDO", "a_undo", "a-undo", "a.rollback", "a_Revert"}) {
    CAPTURE(name);
    const Project p;
    const std::string file = std::string(name) + ".sql";
    p.write("a.sql", "create");
    p.write(file, "drop");
    CHECK(p.problems(p.read().problems) == std::vector<std::string>{file + ":0 " + file + " would be a migration of its own, right behind a"});
  }
  const Project p;
  for (const char* name : {"a.sql", "b_undo.sql", "countdown.sql", "add_undo.sql", "undo.sql"}) p.write(name, "create");
  CHECK(p.read().problems.empty());
}

TEST_CASE("a folder that is named like one of repeatables is told of") {
  const Project p;
  p.write("a.sql", "create");
  p.write("post_apply/v.sql", "create");
  p.write("Pre-Apply/v.sql", "create");
  p.write("other/v.sql", "create");
  const std::vector<std::string> warnings = p.read().warnings;
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[0].find("Pre-Apply is ignored: repeatable scripts are in pre-apply/ and post-apply/") != std::string::npos);
  CHECK(warnings[1].find("post_apply is ignored") != std::string::npos);
}

TEST_CASE("the text of an applied script that has not changed is left out") {
  const std::string up = "create table t (id integer, name varchar(100));\n", undo = "drop table t; -- and what else is to be said of it\n";
  const Project p;
  std::vector<HistoryRow> rows;
  for (const char* id : {"applied", "changed", "interrupted", "of_python_tool", "pending"}) {
    p.write(std::string(id) + ".sql", up);
    p.write(std::string(id) + ".undo.sql", undo);
    HistoryRow row;
    row.id = id;
    row.hash = row.id == "of_python_tool" ? hash_like(up, std::string(32, '0')) : script_hash(row.id == "changed" ? "x" : up);
    if (row.id == "interrupted") row.state = RowState::interrupted;
    if (row.id != "pending") rows.push_back(row);
  }
  const History history(rows);
  ReadOptions options;
  options.history = &history;
  std::size_t looked_at = 0, applied = 0;
  options.look = [&](Script& script, bool is_applied) {
    ++looked_at;
    applied += is_applied ? 1 : 0;
    CHECK((script.text() == up || script.text() == undo));
  };
  const MigrationSet set = read_directory(p.dir.path(), "sql", p.dir.path(), options);
  CHECK(looked_at == 10);
  CHECK(applied == 6);
  REQUIRE(set.migrations.size() == 5);
  for (const Migration& migration : set.migrations) {
    CAPTURE(migration.id);
    CHECK(migration.up->text_left_out() == (migration.id == "applied"));
    CHECK(migration.undo->text_left_out() == (migration.id != "interrupted" && migration.id != "pending"));
    CHECK(migration.up->hash() == script_hash(up));
    CHECK(migration.undo->hash() == script_hash(undo));
  }
  const ScriptPtr script = set.find("applied")->up;
  CHECK(read_again(script)->text() == up);
  p.write("applied.sql", up + " ");
  CHECK_THROWS_WITH_AS(read_again(script), doctest::Contains("has changed since this command began"), Error);
  std::filesystem::remove(p.dir / "applied.sql");
  CHECK_THROWS_WITH_AS(read_again(script), doctest::Contains("No such file"), Error);
}

TEST_CASE("problems are told in order, whichever thread has found them") {
  const Project p;
  for (int i = 1000; i < 3000; ++i) {
    p.write(std::to_string(i) + ".sql", "select 1;");
    if (i % 100 == 0) std::filesystem::create_directory(p.dir / (std::to_string(i) + ".undo.sql"));
  }
  const MigrationSet set = p.read();
  CHECK(set.migrations.size() == 2000);
  REQUIRE(set.problems.size() == 20);
  for (std::size_t i = 0; i < 20; ++i)
    CHECK(set.problems[i].where->file == (p.dir / (std::to_string(1000 + 100 * i) + ".undo.sql")).string());
}

TEST_CASE("an extension in capitals is pointed out") {
  const Project p;
  p.write("a.SQL", "1");
  const MigrationSet set = p.read();
  CHECK(set.migrations.empty());
  CHECK(set.warnings.size() == 1);
}

TEST_CASE("a backend can have another extension") {
  const Project p;
  p.write("a.cypher", "1");
  p.write("a.undo.cypher", "2");
  p.write("b.sql", "1");
  const MigrationSet set = read_directory(p.dir.path(), "cypher", p.dir.path());
  REQUIRE(set.migrations.size() == 1);
  CHECK(set.migrations[0].undo->text() == "2");
}

TEST_SUITE_END();
