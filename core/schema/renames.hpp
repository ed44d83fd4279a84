// Renames: what has another name on the other side, and is else the same thing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <flux/core/schema/change_plan.hpp>
#include <flux/core/schema/resources.hpp>
#include <flux/core/schema/schema.hpp>

namespace flux {

struct Rename {
  FactRef from, to;
  std::string old_object, new_object;  // Fact::object of the two
};

// The next rename that is to be done on the way between two schemas: the new name is in `to` alone, the old one in `from`
// alone. Later ones may depend on it: rename, inspect, and ask again.
using NextRename = std::function<std::optional<Rename>(const Schema& from, const Schema& to)>;

// What the annotations of `definitions`, which must outlive it, ask for. Stale ones ask for nothing.
NextRename annotated(const std::vector<Definition>& definitions);
// The way back of `renames`.
NextRename undone(std::vector<Rename> renames);
// What looks like one (below), whoever has done it.
NextRename likely(ChangeFunction change);

// A sentence about each annotation that names nothing that could be renamed: what it stands above would be made anew.
std::vector<std::string> idle_annotations(const std::vector<Definition>& definitions, const Schema& from, const Schema& to);
// An annotation says that it is new.
bool is_said_new(const std::vector<Definition>& definitions, const FactRef& name);

// The first rename that follows from those in `done`, which `from` already shows: of one kind and in one place one thing
// has gone and one has come that is the same but for its name, and the new name is the old one with what was renamed under
// its new name: orders_pkey where the table bills has become orders.
std::optional<Rename> implied_rename(const std::vector<Rename>& done, const Schema& from, const Schema& to);

// What looks like a rename: of one kind and in one place, one thing has gone and one has come that is the same but for its
// name, and `change` can give it another. Nothing where more than one would do.
std::vector<Rename> likely_renames(const Schema& from, const Schema& to, const ChangeFunction& change);
// The change that a rename is.
SchemaChange change_of(const Rename& rename, const Schema& from, const Schema& to);

// A sentence about one.
std::string words(const Rename& rename);

}  // namespace flux
