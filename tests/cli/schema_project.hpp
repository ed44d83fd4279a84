// A project with definitions of its schema, on SQLite.
#pragma once

#include <doctest/doctest.h>

#include "project.hpp"

namespace flux::cli::test {

inline constexpr const char* books = "create table books (\n  id integer primary key,\n  title text not null\n);\n";
inline constexpr const char* books_with_pages =
    "create table books (\n  id integer primary key,\n  title text not null,\n  pages integer\n);\n";

// A project whose one migration has made the table books, as its definitions say.
struct WithBooks : Project {
  WithBooks() {
    write("schema/books.sql", books);
    REQUIRE(flux({"generate", "books"}).exit_code == 0);
    REQUIRE(flux({"apply", "--yes"}).exit_code == 0);
  }
};

// What the shell prints for the SQL in the project's database.
inline std::string run_sql(const Project& project, const std::string& sql) {
  project.write("tmp.sql", sql);
  flux::testing::ProcessOptions options;
  options.cwd = project.folder();
  const ProcessResult result = flux::testing::run_process({"sqlite3", "-bail", "app.db", ".read tmp.sql"}, options);
  CAPTURE(result.err);
  REQUIRE(result.exit_code == 0);
  return result.out;
}

// The id of the migration of today that has this number.
inline std::string id(int number, const std::string& name) { return today() + "_00" + std::to_string(number) + "_" + name; }

inline void append(const Project& project, const std::string& file, const std::string& text) {
  project.write(file, project.read(file) + text);
}

}  // namespace flux::cli::test
