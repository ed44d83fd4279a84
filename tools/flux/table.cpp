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

void Table::row(Row cells) { rows_.push_back(std::move(cells)); }

void Table::rows(std::size_t count, std::function<Row(std::size_t)> make) {
  more_ = count;
  make_ = std::move(make);
}

void Table::each_row(const std::function<void(const Row&)>& take) const {
  const auto shown = [&](Row row) {
    row.resize(columns_.size());
    for (Cell& cell : row) cell.text = visible(cell.text);
    take(row);
  };
  for (const Row& row : rows_) shown(row);
  for (std::size_t i = 0; i < more_; ++i) shown(make_(i));
}

std::vector<std::size_t> Table::widths(const Stream& stream) const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) widths.push_back(display_width(column.title));
  each_row([&](const Row& row) {
    for (std::size_t i = 0; i < columns_.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i].text));
  });
  std::size_t total = 0;
  for (const std::size_t width : widths) total += width + gap;
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
  std::string out;
  write(stream, [&out](std::string_view line) { out += line; });
  return out;
}

void Table::write(const Stream& stream, const std::function<void(std::string_view)>& write) const {
  const std::vector<std::size_t> width = widths(stream);
  std::string line;
  const auto write_line = [&](const auto& cell_text, const auto& cell_paint) {
    line.clear();
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
    line += '\n';
    write(line);
  };
  write_line([&](std::size_t i) -> const std::string& { return columns_[i].title; },
             [&](std::size_t, const std::string& text) { return stream.dim(text); });
  each_row([&](const Row& row) {
    write_line([&](std::size_t i) -> const std::string& { return row[i].text; },
               [&](std::size_t i, const std::string& text) { return row[i].paint ? row[i].paint(text) : text; });
  });
}

}  // namespace flux::cli
