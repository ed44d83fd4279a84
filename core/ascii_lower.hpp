// Text without regard to the case of its letters.
#pragma once

#include <string>
#include <string_view>

namespace flux {

// The letters A to Z in lower case; all else stays.
inline std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace flux
