#include "toy_script.hpp"

#include <algorithm>
#include <flux/backend.hpp>

namespace toy {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
  const std::string out(rest.substr(0, rest.find_first_of(blanks)));
  rest.remove_prefix(out.size());
  return out;
}

Line line(std::size_t offset, std::string_view text) {
  text = text.substr(0, text.find_last_not_of(blanks) + 1);
  std::string_view rest = text;
  Line out{offset, text, word(rest), word(rest), ""};
  out.value = std::string(rest.substr(std::min<std::size_t>(1, rest.size())));
  return out;
}

// Behind the comments and blanks at `at`.
std::size_t first_of_statement(std::string_view script, std::size_t at) {
  for (;;) {
    at = std::min(script.find_first_not_of(blanks, at), script.size());
    if (at == script.size() || script[at] != '#') return at;
    at = std::min(script.find('\n', at), script.size());
  }
}

}  // namespace

std::vector<Line> lines(std::string_view script) {
  std::vector<Line> out;
  for (std::size_t from = first_of_statement(script, 0); from < script.size();) {
    std::size_t to = from;
    bool quoted = false;
    for (; to < script.size() && (quoted || script[to] != ';'); ++to)
      if (script[to] == '\'') quoted = !quoted;
    if (quoted)
      throw flux::BackendError(FLUX_E_SCRIPT, "a quote is not closed")
          .statement(static_cast<std::int64_t>(out.size()))
          .offset(static_cast<std::int64_t>(from));
    if (to > from) out.push_back(line(from, script.substr(from, to - from)));
    from = first_of_statement(script, std::min(to + 1, script.size()));
  }
  return out;
}

}  // namespace toy
