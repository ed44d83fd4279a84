// Rows and columns for people.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "terminal.hpp"

namespace flux::cli {

// A table whose columns are as wide as they need to be, or narrower where the terminal is.
class Table {
 public:
  using Paint = std::function<std::string(const std::string&)>;
  struct Cell {
    std::string text;  // shown as visible() makes it
    Paint paint = {};  // empty: as it is
  };

  // A column that `shrinks` gives way where the table is wider than the terminal, its texts cut in the middle.
  Table& column(std::string title, bool shrinks = false);
  // One cell for each column; missing ones are empty.
  void row(std::vector<Cell> cells);
  bool empty() const noexcept { return rows_.empty(); }

  // The lines of the table, each indented by two columns; no blanks at their ends.
  std::string text(const Stream& stream) const;

 private:
  struct Column {
    std::string title;
    bool shrinks;
  };
  std::vector<std::size_t> widths(const Stream& stream) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace flux::cli
