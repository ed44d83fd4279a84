// Renames: what has another name on the other side, and is else the same thing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <flux/core/schema/change_plan.hpp>
#include <flux/core/schema/resources.hpp>
#include <flux/core/schema/schema.hpp>

namespace flux {

struct Rename {
  FactRef from, to;
};

// The first rename that an annotation asks for and that is still to be done: the new name is in `to` alone, the old one in
// `from` alone. Stale annotations are none. Later ones may depend on it: rename, inspect, and ask again.
std::optional<Rename> annotated_rename(const std::vector<Definition>& definitions, const Schema& from, const Schema& to);

// What looks like a rename: of one kind and in one place, one thing has gone and one has come that is the same but for its
// name, and `change` can give it another. Nothing where more than one would do.
std::vector<Rename> likely_renames(const Schema& from, const Schema& to, const ChangeFunction& change);
// The change that a rename is.
SchemaChange change_of(const Rename& rename, const Schema& from, const Schema& to);

// A sentence about one.
std::string words(const Rename& rename);

}  // namespace flux
