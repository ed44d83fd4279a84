#include "secret_text.hpp"

#include <algorithm>
#include <regex>

namespace flux {
namespace {

// A line longer than this is shown in part at best, and takes a regular expression too long.
constexpr std::size_t longest_line = 10'000;

std::string asterisks(const std::string& secret) {
  const auto characters = std::count_if(secret.begin(), secret.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  return std::string(static_cast<std::size_t>(characters), '*');
}

}  // namespace

std::string without_passwords(std::string_view text) {
  // Each: what stays, the password.
  static const std::regex patterns[] = {
      // Within a quoted text, as in EXECUTE, quotes are doubled.
      std::regex(R"re((\b(?:\w*password|identified\s+by)\s*=?\s*(?:e|u&|n)?'{2,})([^\s'][^']*))re", std::regex::icase),
      std::regex(R"re((\b(?:\w*password|identified\s+by|identified\s+(?:via|with)\s+\w+\s+(?:as|by|using))(?:\s|/\*[^*]*\*/)*[=(]?\s*(?:e|u&|n)?')((?!')(?:[^'\\]|\\.|'')*))re",
                 std::regex::icase),
      std::regex(R"re((\b(?:\w*password\s*[=(]|identified\s+by|identified\s+(?:via|with)\s+\w+\s+(?:as|by|using))(?:\s|/\*[^*]*\*/)*")((?!")(?:[^"\\]|\\.|"")+))re", std::regex::icase),
      std::regex(R"re((\bpassword\s*=?\s*\$[a-z0-9_]*\$)([^$]+))re", std::regex::icase),
      std::regex(R"re((\bpassword\s*=\s*(?!password\s*\())([^\s'",;)]+))re", std::regex::icase),
      std::regex(R"re((\b[a-z][a-z0-9+.-]*://[^\s:/@']*:)([^\s@']+)(?=@))re", std::regex::icase),
  };
  std::string out(text.substr(0, longest_line));
  for (const std::regex& pattern : patterns) {
    std::string masked;
    auto rest = out.cbegin();
    for (std::sregex_iterator match(out.begin(), out.end(), pattern), none; match != none; ++match) {
      masked.append(rest, (*match)[2].first);
      masked += asterisks((*match)[2].str());
      rest = (*match)[2].second;
    }
    masked.append(rest, out.cend());
    out = std::move(masked);
  }
  return out;
}

}  // namespace flux
