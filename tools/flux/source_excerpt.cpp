#include "source_excerpt.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "text.hpp"
#include "utf8.hpp"

namespace flux::cli {
namespace {

constexpr std::size_t tab_stop = 4;
constexpr std::size_t columns_without_terminal = 160;

// A source line as it is shown: a piece of text and its width for each character.
struct Shown {
  struct Piece {
    std::string text;
    std::size_t width;
  };
  std::vector<Piece> pieces;
};

Shown shown(std::string_view line) {
  Shown out;
  std::size_t at = 0;
  for (std::size_t i = 0; i < line.size();) {
    const Character c = character_at(line, i);
    std::string text = line[i] == '\t' ? std::string(tab_stop - at % tab_stop, ' ') : visible(line.substr(i, c.length));
    const std::size_t width = display_width(text);
    out.pieces.push_back({std::move(text), width});
    at += width;
    i += c.length;
  }
  return out;
}

struct Window {
  std::string text;
  std::size_t caret;  // columns before it
};

// The part of the line around character `column` (from 0) that fits into `room`, the cuts marked.
Window window(const Shown& line, std::size_t column, std::size_t room) {
  std::size_t total = 0;
  for (const auto& piece : line.pieces) total += piece.width;
  std::size_t first = 0;
  if (total > room) {
    // Two thirds of the room go to what stands before the caret.
    std::size_t before = 0;
    first = std::min(column, line.pieces.size());
    while (first > 0 && before + line.pieces[first - 1].width + 1 <= room * 2 / 3) before += line.pieces[--first].width;
  }
  Window out{first > 0 ? "…" : "", first > 0 ? 1U : 0U};
  std::size_t used = out.caret;
  for (std::size_t i = first; i < line.pieces.size(); ++i) {
    const bool last = i + 1 == line.pieces.size();
    if (used + line.pieces[i].width + (last ? 0 : 1) > room) {
      out.text += "…";
      break;
    }
    if (i < column) out.caret += line.pieces[i].width;
    out.text += line.pieces[i].text;
    used += line.pieces[i].width;
  }
  return out;
}

}  // namespace

std::string source_excerpt(const SourcePosition& where, std::string_view message, const Stream& stream) {
  const std::string number = std::to_string(where.line);
  const std::string gutter = fmt::format("    {} | ", std::string(number.size(), ' '));
  const std::size_t columns = stream.columns > 0 ? stream.columns : columns_without_terminal;
  const std::size_t room = std::max<std::size_t>(columns > gutter.size() ? columns - gutter.size() : 0, 20);

  const std::size_t column = where.column > 0 ? static_cast<std::size_t>(where.column) - 1 : 0;
  const Window source = window(shown(where.line_text), column, room);
  std::string out = fmt::format("    {} | {}\n", number, source.text);
  if (where.column == 0) {
    if (!message.empty()) out += fmt::format("{}{}\n", gutter, stream.red(message));
    return out;
  }
  const std::string caret = gutter + std::string(source.caret, ' ');
  if (message.empty()) return out + fmt::format("{}{}\n", caret, stream.red("^"));
  if (source.caret + 2 + display_width(message) <= room)
    return out + fmt::format("{}{}\n", caret, stream.red(fmt::format("^ {}", message)));
  return out + fmt::format("{}{}\n{}{}\n", caret, stream.red("^"), gutter, stream.red(message));
}

}  // namespace flux::cli
