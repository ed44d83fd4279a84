#include "script.hpp"

#include <algorithm>

namespace memo {

std::vector<Line> statements(std::string_view script) {
  std::vector<Line> out;
  for (std::size_t at = 0; at < script.size();) {
    const std::size_t end = std::min(script.find('\n', at), script.size());
    const std::size_t first = script.find_first_not_of(" \t", at);
    std::string_view text = script.substr(at, end - at);
    text.remove_prefix(std::min(first - at, text.size()));
    text = text.substr(0, text.find_last_not_of(';') + 1);
    if (!text.empty() && text[0] != '#' && text.substr(0, 2) != "--") out.push_back({first, text});
    at = end + 1;
  }
  return out;
}

std::string_view next_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
  rest.remove_prefix(word.size());
  return word;
}

void run(const Line& line, std::int64_t index, Store& store) {
  const auto wrong = [&](std::string_view part, const std::string& message) {
    const auto offset = static_cast<std::int64_t>(line.offset) + (part.data() - line.text.data());
    return flux::BackendError(FLUX_E_SCRIPT, message).statement(index).offset(offset);
  };
  std::string_view rest = line.text;
  const std::string_view verb = next_word(rest);
  if (verb != "put" && verb != "delete" && verb != "require")
    throw wrong(verb, "unknown statement \"" + std::string(verb) + "\"").hint("there are put, delete and require");
  const std::string_view key = next_word(rest);
  if (key.empty()) throw wrong(verb, std::string(verb) + " needs a key");

  if (verb == "put") {
    rest.remove_prefix(std::min<std::size_t>(1, rest.size()));  // the blank after the key
    store.documents[std::string(key)] = std::string(rest);
  } else if (!next_word(rest).empty()) {
    throw wrong(verb, std::string(verb) + " takes one key");
  } else if (store.documents.count(std::string(key)) == 0) {
    throw wrong(key, "there is no document \"" + std::string(key) + "\"");
  } else if (verb == "delete") {
    store.documents.erase(std::string(key));
  }
}

}  // namespace memo
