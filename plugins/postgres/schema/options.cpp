#include "options.hpp"

#include <algorithm>
#include <map>

#include "tokens.hpp"

namespace flux::postgres::schema {
namespace {

// Cuts at the commas outside of quotes.
std::map<std::string, std::string> parsed(std::string_view text) {
  std::map<std::string, std::string> out;
  while (!text.empty()) {
    std::size_t end = 0;
    for (bool quoted = false; end < text.size() && (quoted || text[end] != ','); ++end)
      if (text[end] == '\'') quoted = !quoted;
    const std::string_view one = text.substr(0, end);
    const std::size_t sign = one.find('=');
    out.emplace(one.substr(0, sign), sign == std::string_view::npos ? "" : one.substr(sign + 1));
    text.remove_prefix(end);
    while (!text.empty() && (text[0] == ',' || text[0] == ' ')) text.remove_prefix(1);
  }
  return out;
}

void append(std::string& list, const std::string& item) { list += (list.empty() ? "" : ", ") + item; }

}  // namespace

OptionChange option_change(std::string_view from, std::string_view to) {
  OptionChange out;
  const auto before = parsed(from), after = parsed(to);
  for (const auto& [name, value] : after)
    if (const auto old = before.find(name); old == before.end() || old->second != value)
      append(out.set, name + "=" + value);
  for (const auto& [name, value] : before)
    if (after.count(name) == 0) append(out.reset, name);
  return out;
}

std::pair<std::size_t, std::size_t> options_in(std::string_view index_definition) {
  const std::vector<Token> tokens = tokens_of(index_definition);
  const auto with = std::find_if(tokens.begin(), tokens.end(),
                                 [](const Token& token) { return token.depth == 0 && token.is("WITH"); });
  const auto end =
      std::find_if(with, tokens.end(), [](const Token& token) { return token.depth == 0 && token.is(")"); });
  if (end == tokens.end()) return {index_definition.size(), index_definition.size()};
  return {with->begin, end->end};
}

}  // namespace flux::postgres::schema
