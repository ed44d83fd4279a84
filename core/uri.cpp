#include <flux/core/uri.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace flux {
namespace {

// The parameters whose value is secret, in a query (?password=…) and in a conninfo string (password=…).
constexpr std::array<std::string_view, 7> secret_words = {"password", "passwd", "pwd",   "sslpassword",
                                                          "secret",   "token",  "apikey"};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

bool is_word_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string percent_decoded(std::string_view text) {
  const auto hex = [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0 ? c - '0' : std::tolower(static_cast<unsigned char>(c)) - 'a' + 10;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && std::isxdigit(static_cast<unsigned char>(text[i + 1])) != 0 &&
        std::isxdigit(static_cast<unsigned char>(text[i + 2])) != 0) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// A conninfo value as libpq reads it: quotes and backslashes taken off.
std::string unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'') text = text.substr(1, text.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

// Does `word` stand in `text` at `at` as a word of its own?
bool is_whole_word(std::string_view text, std::size_t at, std::size_t length) {
  const bool begins = at == 0 || !is_word_char(text[at]) || !is_word_char(text[at - 1]);
  const std::size_t end = at + length;
  return begins && (end == text.size() || !is_word_char(text[end - 1]) || !is_word_char(text[end]));
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1))
    if (is_whole_word(text, at, word.size())) return true;
  return false;
}

// Where "://" stands behind a scheme; npos where the text has none, as a conninfo string: there it is part of a value.
std::size_t end_of_scheme(std::string_view text) {
  const std::size_t end = text.find("://");
  const std::string_view scheme = text.substr(0, end == std::string_view::npos ? 0 : end);
  const bool is_scheme = std::all_of(scheme.begin(), scheme.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.'; });
  return is_scheme ? end : std::string_view::npos;
}

void replace_words(std::string& text, const std::string& from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;) {
    const bool word = is_whole_word(text, at, from.size());
    if (word) text.replace(at, from.size(), to);
    at = text.find(from, at + (word ? to.size() : 1));
  }
}

}  // namespace

Uri::Uri(std::string text) : text_(std::move(text)) {
  const std::string_view all(text_);
  // scheme://user:PASSWORD@host. The last "@" before the path ends it, so that a password that should have been
  // percent-encoded is hidden all the same; without "//" there is no user part.
  std::size_t rest = 0;
  if (const std::size_t scheme = end_of_scheme(all); scheme != std::string_view::npos) {
    const std::size_t begin = scheme + 3;
    std::size_t at = all.rfind('@');
    const std::size_t query = all.find('?', begin);
    // An "@" in the query only counts where there is none before it.
    if (query != std::string_view::npos && at != std::string_view::npos && at > query) {
      const std::size_t before = all.substr(0, query).rfind('@');
      if (before != std::string_view::npos) at = before;
    }
    if (at != std::string_view::npos && at >= begin) {
      const std::size_t colon = all.find(':', begin);
      if (colon != std::string_view::npos && colon < at) secrets_.push_back({colon + 1, at - colon - 1});
      rest = at;
    } else {
      rest = begin;
    }
  }
  // password=… anywhere behind: in a query up to "&", in a conninfo string up to a blank, or quoted.
  const bool is_query = rest != 0;
  for (std::size_t i = rest; i < all.size(); ++i) {
    if (all[i] != '=') continue;
    std::size_t word_end = i;
    while (word_end > rest && all[word_end - 1] == ' ') --word_end;
    std::size_t word = word_end;
    while (word > rest && is_word_char(all[word - 1])) --word;
    const bool secret = std::any_of(secret_words.begin(), secret_words.end(), [&](std::string_view known) {
      return equal_ignoring_case(known, all.substr(word, word_end - word));
    });
    if (!secret) continue;
    std::size_t begin = i + 1, end;
    if (is_query) {
      end = std::min(all.find('&', begin), all.size());
    } else {
      while (begin < all.size() && all[begin] == ' ') ++begin;
      end = begin;
      const bool quoted = end < all.size() && all[end] == '\'';
      if (quoted) ++end;
      while (end < all.size() && (quoted ? all[end] != '\'' : all[end] != ' ')) end += all[end] == '\\' ? 2 : 1;
      end = std::min(quoted ? end + 1 : end, all.size());
    }
    secrets_.push_back({begin, end - begin});
    i = end;
  }
}

std::string Uri::redacted() const {
  std::string out;
  std::size_t from = 0;
  for (const Span& secret : secrets_) {
    out.append(text_, from, secret.offset - from).append("***");
    from = secret.offset + secret.length;
  }
  return out.append(text_, from);
}

std::string Uri::scrub(std::string_view message) const {
  std::string out(message);
  const std::string public_text = redacted();
  if (public_text != text_) replace_words(out, text_, public_text);
  for (const Span& secret : secrets_) {
    const std::string_view raw = std::string_view(text_).substr(secret.offset, secret.length);
    for (const std::string& word : {std::string(raw), percent_decoded(raw), unquoted(raw)}) {
      // One that is also the name of the user or the database says nothing; a mask over each such name would give it away.
      constexpr std::size_t least = 3;
      if (word.size() >= least && !has_word(public_text, word)) replace_words(out, word, "***");
    }
  }
  return out;
}

}  // namespace flux
