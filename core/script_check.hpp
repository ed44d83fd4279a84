// Looks into a script before it runs, with the help of the backend that can split it.
#pragma once

#include <flux/core/backend.hpp>
#include <flux/core/migration_set.hpp>

namespace flux {

// Adds to `script` what its statements show: those that control a transaction or cannot run inside one are problems, but
// one BEGIN … COMMIT around the whole is taken off. Nothing where it has been looked at before, something is wrong with it
// already, or the backend cannot split.
void check_script(Script& script, Backend& backend);

}  // namespace flux
