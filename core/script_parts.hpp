// Cuts a script without a transaction into what it is run in.
#pragma once

#include <vector>

#include <flux/core/backend.hpp>
#include <flux/core/migration_set.hpp>

namespace flux {

// Has `script` run in parts: fills its statements, parts and statement_count. What cannot be run part by part goes into
// `script.problems`.
void cut_into_parts(Script& script, const std::vector<ScriptStatement>& statements);
// The same for one that nobody can split: all of it is one part, and in doubt where it fails.
void make_one_part(Script& script);

// The hash of the first `count` statements of a script that has been cut ("" for none): whether a script that has been
// corrected since still begins with what is done.
std::string done_hash(const Script& script, std::size_t count);
// The same with the statement `index` added to those before it, whose hash is `before`.
std::string next_done_hash(const std::string& before, const Script& script, std::size_t index);

}  // namespace flux
