// Rows and columns for people.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
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
  using Row = std::vector<Cell>;
  void row(Row cells);
  // `count` rows that follow, made when they are needed, each by `make` from its number: a long table is not kept.
  void rows(std::size_t count, std::function<Row(std::size_t)> make);
  bool empty() const noexcept { return rows_.empty() && more_ == 0; }

  // The lines of the table, each indented by two columns; no blanks at their ends.
  std::string text(const Stream& stream) const;
  // The same, line by line.
  void write(const Stream& stream, const std::function<void(std::string_view)>& write) const;

 private:
  struct Column {
    std::string title;
    bool shrinks;
  };
  void each_row(const std::function<void(const Row&)>& take) const;
  std::vector<std::size_t> widths(const Stream& stream) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
  std::size_t more_ = 0;
  std::function<Row(std::size_t)> make_;
};

}  // namespace flux::cli
