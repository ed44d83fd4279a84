// The address of a target, which may hold a password.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace flux {

// A database URI or conninfo string. Only secret_text() shows it as it is; everything that is printed
// goes through redacted() or scrub().
class Uri {
 public:
  explicit Uri(std::string text);

  // The text as given, for a backend's connect() alone.
  const std::string& secret_text() const noexcept { return text_; }
  // The text with every password replaced by "***".
  std::string redacted() const;
  // `message` with every password of this URI that stands in it as a word, plain or percent-encoded, replaced. Passwords of
  // one or two characters, and those that are the user's or the database's name as well, are left.
  std::string scrub(std::string_view message) const;

 private:
  struct Span {
    std::size_t offset, length;
  };
  std::string text_;
  std::vector<Span> secrets_;  // where the passwords are in text_, in order
};

}  // namespace flux
