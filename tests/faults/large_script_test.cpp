// Row 30: a script of 100 MB.
#include "scene.hpp"

using namespace flux::testing;

namespace {

// Rows enough for 100 MB of INSERT.
void write_large(const Project& project, int rows_of_a_statement) {
  std::string text = "create table large (id int, words text);\n";
  const std::string words(180, 'w');
  for (int id = 0; text.size() < 100'000'000;) {
    text += "insert into large values ";
    for (int row = 0; row < rows_of_a_statement; ++row, ++id)
      text.append(row > 0 ? ",\n" : "\n")
          .append("(")
          .append(std::to_string(id))
          .append(", '")
          .append(words)
          .append("')");
    text += ";\n";
  }
  project.write("01_large.sql", text);
}

}  // namespace

TEST_SUITE_BEGIN("large script");

TEST_CASE("row 30: a script of 100 MB") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    write_large(project, 100);
    const auto flux = start_flux(project, {"apply", "--yes"});
    const int code = flux->wait(std::chrono::seconds(300));
    CAPTURE(flux->err().substr(0, 2000));
    CHECK(code == 0);
    const long megabytes = flux->peak_memory() * 1024 / 1'000'000;
    MESSAGE(database->backend() << ": a script of 100 MB, peak memory " << megabytes << " MB");
    if (!sanitized) CHECK(megabytes <= 300);
    CHECK(flux->text().size() < 10'000);  // the SQL is not echoed
    CHECK(history_of(*database) == "01_large");
    CHECK(std::stol(database->run("select count(*) from large")) > 400'000);
  }
}

TEST_SUITE_END();
