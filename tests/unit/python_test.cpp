#include <doctest/doctest.h>

#include <flux/core/hash.hpp>
#include <flux/core/read_directory.hpp>

#include "temp_dir.hpp"

TEST_SUITE_BEGIN("python migrations");

using namespace flux;
using namespace flux::testing;

TEST_CASE("apply() and undo() give the scripts") {
  const TempDir dir;
  write_file(dir / "helpers/__init__.py", "def table(name):\n    return 'create table ' + name + ' (id int)'\n");
  write_file(dir / "migrations/a.py",
             "from helpers import table\nprint('noise')\ndef apply():\n    return table('größe')\ndef undo():\n    return 'drop table größe'\n");
  write_file(dir / "migrations/b.py", "def apply():\n    return 'x\\r\\n'\ndef undo():\n    return None\n");
  write_file(dir / "migrations/c.sql", "select 1");
  write_file(dir / "migrations/__init__.py", "");
  write_file(dir / "migrations/post-apply/v.py", "def apply():\n    return 'view'\n");
  const MigrationSet set = read_directory(dir / "migrations", "sql", dir.path());
  for (const Failure& f : set.problems) MESSAGE(f.message << "\n" << f.detail);
  REQUIRE(set.problems.empty());
  REQUIRE(set.migrations.size() == 3);
  CHECK(set.migrations[0].up->text() == "create table größe (id int)");
  CHECK(set.migrations[0].up->hash() == script_hash("create table größe (id int)"));
  CHECK(set.migrations[0].undo->text() == "drop table größe");
  CHECK(set.migrations[1].up->text() == "x\r\n");  // what is returned is what is hashed and run
  CHECK(set.migrations[1].undo == nullptr);
  CHECK(set.repeatables.at(0).script->text() == "view");
  CHECK_FALSE(std::filesystem::exists(dir / "migrations/__pycache__"));
}

TEST_CASE("every file that goes wrong is a problem with its line") {
  const TempDir dir;
  write_file(dir / "a.py", "def apply():\n    return 1 / 0\n");
  write_file(dir / "b.py", "def apply(:\n");
  write_file(dir / "c.py", "def apply():\n    return 1\n");
  write_file(dir / "d.py", "import sys\ndef apply():\n    sys.exit(3)\n");
  write_file(dir / "e.py", "def up():\n    return ''\n");
  write_file(dir / "f.py", "def apply():\n    return ''\ndef undo():\n    return 5\n");
  write_file(dir / "pre-apply/g.py", "def apply():\n    return ''\ndef undo():\n    return ''\n");
  write_file(dir / "h.py", "def apply():\n    return ''\n");
  write_file(dir / "h.sql", "select 1");
  const MigrationSet set = read_directory(dir.path(), "sql", dir.path());
  std::vector<std::string> found;
  for (const Failure& f : set.problems)
    found.push_back(std::filesystem::path(f.where->file).filename().string() + ":" + std::to_string(f.where->line) + " " + f.message);
  const std::vector<std::string> expected = {
      "h.sql:0 two files have the id h: " + (dir / "h.py").string() + " is the other",
      "a.py:2 ZeroDivisionError: division by zero",
      "b.py:1 SyntaxError: invalid syntax",
      "c.py:0 apply() must return a string, not int",
      "d.py:3 SystemExit: 3",
      "e.py:0 it has no function apply()",
      "f.py:0 undo() must return a string or None, not int",
      "g.py:0 a repeatable script cannot have undo()",
  };
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == expected[i]);
  CHECK(set.problems.at(1).detail.find("Traceback") != std::string::npos);
}

TEST_CASE("a process that dies is a problem of the file that it died in") {
  const TempDir dir;
  write_file(dir / "a.py", "def apply():\n    return 'a'\n");
  write_file(dir / "b.py", "import os\nos._exit(7)\n");
  write_file(dir / "c.py", "def apply():\n    return 'c'\n");
  const MigrationSet set = read_directory(dir.path(), "sql", dir.path());
  REQUIRE(set.problems.size() == 2);
  CHECK(set.problems[0].where->file == (dir / "b.py").string());
  CHECK(set.problems[0].message == "python3 ended with exit code 7 while it read this file");
  CHECK(set.problems[1].message == "it was not read, because python3 ended before");
  CHECK(set.find("a") != nullptr);
}

TEST_SUITE_END();
