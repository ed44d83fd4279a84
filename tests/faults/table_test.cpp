// Every row of the faults has a line in README.md, and every test named there
// exists.
#include <algorithm>
#include <set>
#include <sstream>

#include "scene.hpp"

using namespace flux::testing;
namespace fs = std::filesystem;

namespace {

struct Line {
  std::set<int> rows;
  std::string test, file, outcome;
};

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" `");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" `") - first + 1);
}

// "3, 4" and "18–22": numbers and ranges of them.
std::set<int> rows_of(std::string cell) {
  const std::string dash = "–";
  for (std::size_t at = cell.find(dash); at != std::string::npos; at = cell.find(dash))
    cell.replace(at, dash.size(), "-");
  std::set<int> out;
  std::istringstream parts(cell);
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t to = part.find('-');
    const int first = std::atoi(part.c_str()),
              last = to == std::string::npos ? first : std::atoi(part.c_str() + to + 1);
    for (int row = first; row <= last; ++row) out.insert(row);
  }
  out.erase(0);
  return out;
}

// The lines of the table: | row | test | file | outcome |.
std::vector<Line> table() {
  std::istringstream in(read_file(fs::path(FLUX_SOURCE_DIR) / "tests/faults/README.md"));
  std::vector<Line> out;
  for (std::string text; std::getline(in, text);) {
    if (text.rfind("| ", 0) != 0) continue;
    std::vector<std::string> cells;
    std::istringstream parts(text.substr(1));
    for (std::string cell; std::getline(parts, cell, '|');) cells.push_back(trimmed(cell));
    if (cells.size() >= 4 && !rows_of(cells[0]).empty())
      out.push_back({rows_of(cells[0]), cells[1], cells[2], cells[3]});
  }
  return out;
}

}  // namespace

TEST_SUITE_BEGIN("table");

TEST_CASE("every row of the table has a test") {
  std::set<int> missing;
  for (int row = 1; row <= 54; ++row) missing.insert(row);
  for (const Line& line : table())
    for (const int row : line.rows) missing.erase(row);
  for (const int row : missing) FAIL_CHECK("row " << row << " has no line in tests/faults/README.md");
}

TEST_CASE("every test of the table exists in its file") {
  const std::vector<Line> lines = table();
  CHECK(lines.size() >= 40);
  for (const Line& line : lines) {
    CAPTURE(line.test);
    CAPTURE(line.file);
    const fs::path file = fs::path(FLUX_SOURCE_DIR) / "tests" / line.file;
    REQUIRE(fs::exists(file));
    CHECK(contains(read_file(file), "TEST_CASE(\"" + line.test + "\")"));
    CHECK_FALSE(line.outcome.empty());
  }
}

TEST_SUITE_END();
