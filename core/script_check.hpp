// Looks into a script before it runs, with the help of the backend that can split it.
#pragma once

#include <flux/core/backend.hpp>
#include <flux/core/migration_set.hpp>

namespace flux {

// `script` with what its statements show: those that control a transaction or cannot run inside one are problems, but
// one BEGIN … COMMIT around the whole is taken off. Gives back `script` itself where it has been looked at before or the
// backend cannot split.
ScriptPtr check_script(const ScriptPtr& script, Backend& backend);

}  // namespace flux
