// Runs the statements of a script.
#pragma once

#include <flux/backend.hpp>
#include <functional>

#include "connection.hpp"
#include "script_observer.hpp"

namespace flux::sqlite {

// Runs `script` statement by statement; rows are dropped. `before_change` is called before each statement that can
// break a foreign key. Throws FLUX_E_SCRIPT, with the statement's index and the offset of the error, for what SQLite
// refuses, for a statement that would end the transaction where there is one, and for one that runs too long;
// FLUX_E_BUSY for one that waits too long.
void run_script(Connection& connection, ScriptObserver& observer, const Script& script,
                const std::function<void()>& before_change);

}  // namespace flux::sqlite
