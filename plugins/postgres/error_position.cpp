#include "error_position.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "server_error.hpp"

namespace flux::postgres {
namespace {

bool is_name_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Where the name that a message quotes stands in `statement`; npos unless it stands there exactly once.
std::size_t byte_of_quoted_name(const std::string& message, std::string_view statement) {
  const std::size_t open = message.find('"');
  const std::size_t close = open == std::string::npos ? open : message.find('"', open + 1);
  if (close == std::string::npos || close == open + 1) return std::string_view::npos;
  const std::string name = message.substr(open + 1, close - open - 1);
  std::size_t found = std::string_view::npos;
  for (std::size_t at = 0; (at = statement.find(name, at)) != std::string_view::npos; at += name.size()) {
    const std::size_t end = at + name.size();
    if ((at > 0 && is_name_part(statement[at - 1])) || (end < statement.size() && is_name_part(statement[end])))
      continue;
    if (found != std::string_view::npos) return std::string_view::npos;
    found = at;
  }
  return found;
}

// Where the character `number` (from 1) of `text` begins. A database in SQL_ASCII counts `bytes`.
std::size_t byte_of_character(std::string_view text, std::size_t number, bool bytes) {
  if (bytes) return std::min(number - 1, text.size());
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at)
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && ++seen == number) break;
  return at;
}

}  // namespace

std::optional<std::size_t> stated_position(const Connection& connection, const PGresult* error, std::string_view text,
                                           std::size_t ahead) {
  const std::string position = field(error, PG_DIAG_STATEMENT_POSITION);
  if (position.empty()) return std::nullopt;
  return byte_of_character(text, std::strtoul(position.c_str(), nullptr, 10) - ahead,
                           connection.setting("server_encoding") == "SQL_ASCII");
}

std::size_t byte_of_unknown_name(const PGresult* error, std::string_view statement) {
  const bool unknown_name = field(error, PG_DIAG_SQLSTATE).compare(0, 2, "42") == 0;
  if (!unknown_name || !field(error, PG_DIAG_CONTEXT).empty()) return 0;
  const std::size_t at = byte_of_quoted_name(field(error, PG_DIAG_MESSAGE_PRIMARY), statement);
  return at == std::string_view::npos ? 0 : at;
}

}  // namespace flux::postgres
