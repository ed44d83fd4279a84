// Keeps passwords out of everything that people may read.
#pragma once

#include <string>
#include <string_view>

namespace flux::postgres {

// `text` with the string that follows a word PASSWORD replaced by '***', as in ALTER ROLE ... PASSWORD '...'.
std::string mask_passwords(std::string_view text);

// `text` with each occurrence of `secret` replaced by ***. A secret of one or two characters is left: it would
// tear unrelated words apart.
std::string without(std::string_view secret, std::string text);

// `text` as valid UTF-8, at most `limit` bytes: other bytes become '?', what is cut off becomes " ...".
std::string clean_text(std::string_view text, std::size_t limit = 4000);

}  // namespace flux::postgres
