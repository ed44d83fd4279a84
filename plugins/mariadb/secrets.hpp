// Keeps passwords out of everything that people may read.
#pragma once

#include <string>
#include <string_view>

namespace flux::mariadb {

// `text` with the strings that are passwords replaced by '***': what follows IDENTIFIED BY, PASSWORD and the like, be
// it in PASSWORD('...'), MASTER_PASSWORD = '...' or IDENTIFIED VIA plugin USING '...'.
std::string mask_passwords(std::string_view text);

// `message`, which is about the statement `sql`, without the passwords that stand in it: where `sql` has any to do with
// passwords none of its strings is repeated.
std::string without_passwords_of(std::string_view sql, std::string message);

// `text` with each occurrence of `secret` replaced by ***. A secret of one or two characters is left: it would
// tear unrelated words apart.
std::string without(std::string_view secret, std::string text);

// `text` as valid UTF-8, at most `limit` bytes: other bytes become '?', what is cut off becomes " ...".
std::string clean_text(std::string_view text, std::size_t limit = 4000);

}  // namespace flux::mariadb
