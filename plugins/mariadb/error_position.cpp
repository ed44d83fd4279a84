#include "error_position.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>

namespace flux::mariadb {
namespace {

constexpr std::size_t none = std::string_view::npos;
constexpr unsigned syntax_error = 1064;

// The errors that name something of the statement, within quotes.
constexpr unsigned naming[] = {1007, 1008, 1046, 1049, 1050, 1051, 1052, 1054, 1060, 1061, 1064,
                               1068, 1072, 1091, 1109, 1128, 1136, 1146, 1176, 1193, 1231, 1286,
                               1304, 1305, 1347, 1356, 1359, 1360, 1364, 1406, 1419, 1517};

bool is_word_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Where `word` stands in `text` as a word of its own.
std::size_t find_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != none; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_word_part(text[at - 1]) || !is_word_part(word.front());
    if (begins && (end >= text.size() || !is_word_part(text[end]) || !is_word_part(word.back()))) return at;
  }
  return none;
}

std::size_t line_begin(std::string_view text, unsigned long number) {
  std::size_t at = 0;
  while (number > 1) {
    at = text.find('\n', at);
    if (at == none) return 0;
    ++at;
    --number;
  }
  return at;
}

// "... near 'REST' at line N": REST is what the parser had not read yet, cut off after some 80 characters; the line is
// counted from the beginning of the statement.
std::size_t syntax_position(std::string_view message, std::string_view statement) {
  constexpr std::string_view near_mark = "near '", line_mark = "' at line ";
  const std::size_t near_at = message.find(near_mark), line_at = message.rfind(line_mark);
  if (near_at == none || line_at == none || line_at < near_at + near_mark.size()) return 0;
  const std::size_t rest_at = near_at + near_mark.size();
  const std::string_view rest = message.substr(rest_at, line_at - rest_at);
  const unsigned long line =
      std::strtoul(std::string(message.substr(line_at + line_mark.size(), 10)).c_str(), nullptr, 10);
  if (rest.empty()) return statement.empty() ? 0 : statement.find_last_not_of(" \t\n");
  const std::size_t from = line_begin(statement, line);
  const std::string_view first_line = rest.substr(0, rest.find('\n'));
  const std::size_t at = statement.find(rest, from);
  if (at != none) return at;
  const std::size_t shorter = first_line.empty() ? none : statement.find(first_line, from);
  return shorter != none ? shorter : from;
}

}  // namespace

std::size_t position_in_statement(unsigned number, std::string_view message, std::string_view statement) {
  if (number == syntax_error && message.find("near '") != none) return syntax_position(message, statement);
  if (std::find(std::begin(naming), std::end(naming), number) == std::end(naming)) return 0;
  for (std::size_t begin = message.find('\''); begin != none;) {
    const std::size_t end = message.find('\'', begin + 1);
    if (end == none) break;
    std::string_view name = message.substr(begin + 1, end - begin - 1);
    if (const std::size_t dot = name.rfind('.'); dot != none) name.remove_prefix(dot + 1);
    const std::size_t at = name.empty() ? none : find_word(statement, name);
    if (at != none) return at;
    begin = message.find('\'', end + 1);
  }
  return 0;
}

}  // namespace flux::mariadb
