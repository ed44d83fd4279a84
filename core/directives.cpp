#include <flux/core/directives.hpp>

#include <algorithm>
#include <array>

#include <flux/core/config.hpp>
#include <flux/core/duration.hpp>

#include "ascii_lower.hpp"

namespace flux {
namespace {

constexpr std::string_view blanks = " \t";

const std::vector<std::string>& words() {
  static const std::vector<std::string> known = {"draft", "irreversible", "no-transaction", "lock-timeout", "statement-timeout", "run"};
  return known;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// What follows the comment mark of a comment line; nullopt where the line is no comment.
std::optional<std::string_view> comment_text(std::string_view line) {
  for (const std::string_view mark : {"--", "//", "#"})
    if (line.starts_with(mark)) return trimmed(line.substr(mark.size()));
  return std::nullopt;
}

class Reader {
 public:
  Reader(std::string_view text, std::vector<DirectiveProblem>& problems) : text_(text), problems_(problems) {}

  Directives read() {
    std::size_t at = 0;
    while (at < text_.size()) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      const std::string_view line = trimmed(text_.substr(at, end - at));
      const auto comment = comment_text(line);
      if (!line.empty() && !comment) break;
      if (comment && comment->starts_with("flux:")) read_list(comment->substr(5));
      else if (comment) refuse_near_miss(line, false);
      at = end + 1;
    }
    if (at < text_.size()) look_behind(at);
    return directives_;
  }

 private:
  // From where the first statement begins, or a comment of another kind.
  void look_behind(std::size_t from) {
    for (std::size_t at = from, end = 0; at < text_.size(); at = end + 1) {
      end = std::min(text_.find('\n', at), text_.size());
      refuse_near_miss(trimmed(text_.substr(at, end - at)), true);
    }
  }

  // A comment line that is meant as a directive, and would be no more than a comment.
  void refuse_near_miss(std::string_view line, bool behind) {
    const bool block = line.starts_with("/*");
    const auto comment = block ? trimmed(line.substr(2)) : comment_text(line);
    if (!comment || ascii_lower(comment->substr(0, 4)) != "flux") return;
    const std::string_view rest = trimmed(comment->substr(4));
    if (!rest.starts_with(':')) return;
    const std::string_view list = trimmed(rest.substr(1)), word = list.substr(0, list.find_first_of(" \t,=*"));
    if (std::find(words().begin(), words().end(), ascii_lower(word)) == words().end()) return;
    const bool right = !block && comment->starts_with("flux:");
    if (right && behind) problem(line, "a directive is not read here", "move it to the top of the script, above all but comments like itself");
    else if (!right) problem(line, "a directive is not written so, and would not be read", "write \"-- flux: " + ascii_lower(word) + "\" at the top of the script");
  }

  void read_list(std::string_view list) {
    constexpr std::string_view separators = " \t,";
    bool any = false;
    for (std::size_t at = list.find_first_not_of(separators); at != std::string_view::npos;
         at = list.find_first_not_of(separators, at)) {
      const std::size_t end = std::min(list.find_first_of(separators, at), list.size());
      read_one(list.substr(at, end - at));
      any = true;
      at = end;
    }
    if (!any) problem(list, "an empty directive", "");
  }

  void read_one(std::string_view word) {
    const std::size_t equals = word.find('=');
    const std::string_view key = word.substr(0, equals);
    if (word == "draft") directives_.draft = true;
    else if (word == "irreversible") directives_.irreversible = true;
    else if (word == "run=on-change") directives_.on_change = true;
    else if (word == "run=always") directives_.on_change = false;
    else if (key == "run") problem(word, "the directive \"run\" takes \"always\" or \"on-change\"", "");
    else if (word == "no-transaction") directives_.no_transaction = true;
    else if (key == "lock-timeout") read_duration(word, key, directives_.lock_timeout);
    else if (key == "statement-timeout") read_duration(word, key, directives_.statement_timeout);
    else
      unknown(word, key);
  }

  void read_duration(std::string_view word, std::string_view key, std::optional<std::chrono::milliseconds>& into) {
    into = key.size() == word.size() ? std::nullopt : parse_duration(word.substr(key.size() + 1));
    if (!into) problem(word, "the directive \"" + std::string(key) + "\" takes a duration like \"5s\", \"500ms\" or \"2m\"", "\"0\" is without end");
  }

  void unknown(std::string_view word, std::string_view key) {
    const auto near = nearest(key, words());
    problem(word, "unknown directive \"" + std::string(word) + "\"", near ? "did you mean \"" + *near + "\"?" : "");
  }

  void problem(std::string_view at, std::string message, std::string hint) {
    problems_.push_back({static_cast<std::size_t>(at.data() - text_.data()), std::move(message), std::move(hint)});
  }

  std::string_view text_;
  std::vector<DirectiveProblem>& problems_;
  Directives directives_;
};

}  // namespace

Directives parse_directives(std::string_view text, std::vector<DirectiveProblem>& problems) {
  return Reader(text, problems).read();
}

}  // namespace flux
