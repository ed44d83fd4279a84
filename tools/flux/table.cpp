#include "table.hpp"

#include <algorithm>

#include "text.hpp"

namespace flux::cli {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t least_width = 8;  // a shrinking column keeps that much, even where lines then wrap

}  // namespace

Table& Table::column(std::string title, bool shrinks) {
  columns_.push_back({std::move(title), shrinks});
  return *this;
}

void Table::row(std::vector<Cell> cells) {
  cells.resize(columns_.size());
  for (Cell& cell : cells) cell.text = visible(cell.text);
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths(const Stream& stream) const {
  std::vector<std::size_t> widths;
  std::size_t total = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = display_width(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, display_width(row[i].text));
    widths.push_back(width);
    total += width + gap;
  }
  // The widest shrinking column gives way first, so that short ones stay whole.
  while (stream.columns > 0 && total > stream.columns) {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (columns_[i].shrinks && widths[i] > least_width && (widest == nullptr || widths[i] > *widest))
        widest = &widths[i];
    if (widest == nullptr) break;
    --*widest;
    --total;
  }
  return widths;
}

std::string Table::text(const Stream& stream) const {
  const std::vector<std::size_t> width = widths(stream);
  std::string out;
  const auto add_line = [&](const auto& cell_text, const auto& cell_paint) {
    std::string line;
    std::size_t owed = gap;  // blanks before the next cell that is not empty
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string text = fit_middle(cell_text(i), width[i]);
      if (!text.empty()) {
        line.append(owed, ' ');
        line += cell_paint(i, text);
        owed = 0;
      }
      owed += width[i] - display_width(text) + gap;
    }
    out += line + '\n';
  };
  add_line([&](std::size_t i) { return columns_[i].title; },
           [&](std::size_t, const std::string& text) { return stream.dim(text); });
  for (const auto& row : rows_)
    add_line([&](std::size_t i) { return row[i].text; },
             [&](std::size_t i, const std::string& text) { return row[i].paint ? row[i].paint(text) : text; });
  return out;
}

}  // namespace flux::cli
