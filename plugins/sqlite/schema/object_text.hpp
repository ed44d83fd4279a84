// How a definition begins, and what is behind that.
#pragma once

#include <flux/fact.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tokens.hpp"

namespace flux::sqlite {

// The kinds of facts.
namespace kind {
inline constexpr const char* table = "table";
inline constexpr const char* option = "table option";
inline constexpr const char* column = "column";
inline constexpr const char* primary_key = "primary key";
inline constexpr const char* unique = "unique constraint";
inline constexpr const char* check = "check";
inline constexpr const char* foreign_key = "foreign key";
inline constexpr const char* index = "index";
inline constexpr const char* view = "view";
inline constexpr const char* trigger = "trigger";
inline constexpr const char* virtual_table = "virtual table";
}  // namespace kind

// CREATE … NAME, read.
struct Header {
  std::string kind{};  // "": no CREATE of a thing that schemas have
  std::string name{};
  std::string schema{};  // that stands before the name; "": none
  bool temporary = false, unique = false;
  std::vector<SqlToken> tokens{};
  std::size_t body = 0;  // the token behind the name

  TokenReader rest() const { return {tokens, body, tokens.size()}; }
};

// `sql` must outlive it. Throws FLUX_E_SCRIPT for a CREATE without a name, or a quote that is not closed.
Header read_header(std::string_view sql);

// The positions among `tokens` of those that name a table or a view: behind FROM, JOIN, INTO, UPDATE, IN.
std::vector<std::size_t> table_positions(TokenReader tokens);

}  // namespace flux::sqlite
