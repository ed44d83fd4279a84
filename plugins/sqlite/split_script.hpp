// The statements of a script, told apart without a database.
#pragma once

#include <flux/backend.hpp>
#include <functional>
#include <string_view>

namespace flux::sqlite {

// Hands each statement of `text` to `emit`, in order, without the semicolon that ends it, and with the flags of those
// that begin or end a transaction, that SQLite refuses inside one, or that set up the session. Throws FLUX_E_SCRIPT
// with an offset for a quote that is not closed and for a command of the sqlite3 shell.
void split_script(std::string_view text, const std::function<void(const Statement&)>& emit);

}  // namespace flux::sqlite
