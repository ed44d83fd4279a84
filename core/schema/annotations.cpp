#include "annotations.hpp"

#include <fmt/core.h>

#include <algorithm>

#include <flux/core/config.hpp>
#include <flux/core/source_text.hpp>

#include "../ascii_lower.hpp"

namespace flux {
namespace {

constexpr std::string_view blanks = " \t";
constexpr const char* how = "write `-- flux: renamed from=OLD_NAME` or `-- flux: new` on a line of its own, above what it is about";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// Where in `line` a comment begins that is meant for flux; npos: nowhere. What stands in quotes is none.
std::size_t comment_for_flux(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    if (line[i] == '\'' || line[i] == '"') quoted = !quoted;
    const std::string_view mark = line.substr(i, 2);
    if (!quoted && (mark == "--" || mark == "/*") && ascii_lower(trimmed(line.substr(i + 2)).substr(0, 5)) == "flux:") return i;
    if (!quoted && mark == "--") break;
  }
  return std::string_view::npos;
}

// What is wrong with it; empty: nothing.
std::string problem_of(std::string_view line, std::size_t at) {
  const std::string_view text = trimmed(line.substr(at + 2)).substr(5);
  const std::string_view said = trimmed(text), word = said.substr(0, said.find_first_of(" \t*"));
  if (line[at] == '/') return "an annotation in a block comment is not read";
  if (line.find_first_not_of(blanks) != at) return "an annotation behind something else is not read";
  if (ascii_lower(word) == "renamed" || (ascii_lower(word) == "new" && said.size() == word.size())) return "";
  const auto near = nearest(word, {"renamed", "new"});
  return fmt::format("unknown annotation \"{}\"{}", said, near ? fmt::format(": did you mean \"{}\"?", *near) : "");
}

}  // namespace

std::vector<Failure> annotation_problems(const Script& file) {
  std::vector<Failure> out;
  const std::string_view text = file.text();
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    const std::size_t at = comment_for_flux(line);
    if (at == std::string_view::npos) continue;
    std::string problem = problem_of(line, at);
    if (problem.empty()) continue;
    Failure f;
    f.code = ErrorCode::directory;
    f.message = std::move(problem);
    f.where = position_at(file.file(), text, begin + at);
    f.hint = how;
    out.push_back(std::move(f));
  }
  return out;
}

}  // namespace flux
