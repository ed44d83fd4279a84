// Passwords in a line of a script that an error shows.
#pragma once

#include <string>
#include <string_view>

namespace flux {

// `text` with the passwords in it written as asterisks, one for each character, so that columns stay what they are:
// what is quoted behind PASSWORD, a name that ends so, or IDENTIFIED BY, what follows "password=", and the password of a
// URI.
std::string without_passwords(std::string_view text);

}  // namespace flux
