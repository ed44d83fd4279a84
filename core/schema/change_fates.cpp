#include "change_fates.hpp"

#include <set>

namespace flux {

ChangeFates::ChangeFates(const Schema& from, const Schema& to, const ChangeFunction& change, bool online)
    : from_(from), to_(to), change_(change), online_(online), fates_(to.facts().size() + from.facts().size(), Fate::keep) {
  set_ends();
  // Parts that come and go alone may not be able to, so that what they are parts of must be changed with them.
  for (const Fact& fact : to.facts())
    if (!fact.unmodelled) decide(fact.name);
  for (const Fact& fact : from.facts())
    if (!fact.unmodelled && to.find(fact.name) == nullptr) decide(fact.name);
}

std::optional<std::size_t> ChangeFates::place(const FactRef& name) const {
  if (const Fact* fact = to_.find(name)) return to_.position(*fact);
  if (const Fact* fact = from_.find(name)) return to_.facts().size() + from_.position(*fact);
  return std::nullopt;
}

Fate ChangeFates::of(const FactRef& name) const {
  const auto at = place(name);
  return at ? fates_[*at] : Fate::keep;
}

bool ChangeFates::goes(const FactRef& name) const { return of(name) == Fate::drop || of(name) == Fate::replace; }
bool ChangeFates::comes(const FactRef& name) const { return of(name) == Fate::make || of(name) == Fate::replace; }

bool ChangeFates::parts_transactions(ChangeKind kind, const Fact& fact) const {
  const auto parts = [](const SchemaStep& s) { return s.commits || (s.hazards & FLUX_HAZARD_NO_TRANSACTION) != 0; };
  if (kind == ChangeKind::alter) return std::any_of(steps(fact.name).begin(), steps(fact.name).end(), parts);
  SchemaChange one;
  one.online = online_;
  (kind == ChangeKind::drop ? one.from : one.to) = &fact;
  (kind == ChangeKind::drop ? one.from_parts : one.to_parts) = (kind == ChangeKind::drop ? from_ : to_).parts(fact.name);
  const auto steps = change_(one);
  return steps && std::any_of(steps->begin(), steps->end(), parts);
}

void ChangeFates::set_ends() {
  for (const Fact& fact : to_.facts())
    if (!fact.unmodelled && from_.find(fact.name) == nullptr) set(fact.name, Fate::make);
  for (const Fact& fact : from_.facts())
    if (!fact.unmodelled && to_.find(fact.name) == nullptr) set(fact.name, Fate::drop);
}

SchemaChange ChangeFates::change_of(const FactRef& name, bool with_parts) const {
  SchemaChange change;
  change.from = from_.find(name);
  change.to = to_.find(name);
  change.online = online_;
  change.with_parts = with_parts;
  if (with_parts || change.to == nullptr) change.from_parts = from_.parts(name);
  if (with_parts || change.from == nullptr) change.to_parts = to_.parts(name);
  if (change.from != nullptr && change.to != nullptr)
    for (const Fact* dependent : from_.dependents(name))
      if (to_.find(dependent->name) != nullptr) change.dependents.push_back(dependent);
  return change;
}

bool ChangeFates::separable(const FactRef& name) const {
  SchemaChange make = change_of(name, true), drop = make;
  make.with_parts = drop.with_parts = false;
  make.dependents.clear();
  drop.dependents.clear();
  make.from = nullptr;
  drop.to = nullptr;
  return (make.to == nullptr || change_(make)) && (drop.from == nullptr || change_(drop));
}

bool ChangeFates::loses_data(const FactRef& name) const {
  SchemaChange drop = change_of(name, true);
  drop.with_parts = false;
  drop.dependents.clear();
  drop.to_parts.clear();
  drop.to = nullptr;
  const auto steps = change_(drop);
  return steps && std::any_of(steps->begin(), steps->end(), [](const SchemaStep& s) { return (s.hazards & FLUX_HAZARD_DATA_LOSS) != 0; });
}

bool ChangeFates::changes_with_parts(const FactRef& name) const {
  return from_.find(name) != nullptr && to_.find(name) != nullptr && change_(change_of(name, true));
}

void ChangeFates::decide(const FactRef& name) {
  const Fact *from = from_.find(name), *to = to_.find(name);
  const Fate fate = of(name);
  const Fact& fact = to != nullptr ? *to : *from;
  if (fate == Fate::make || fate == Fate::drop) {
    const bool alone = fact.part && fact.parent && !(fate == Fate::make ? comes(*fact.parent) : goes(*fact.parent));
    if (alone && !separable(name)) change_with_parts(*fact.parent);
    return;
  }
  if (fate != Fate::keep) return;
  // What it belonged to goes, and takes it along: a view that becomes a table of the same name.
  if (from_.owner(*from).name != to_.owner(*to).name) {
    replace(name);
    return;
  }
  if (same(*from, *to)) return;
  auto steps = change_(change_of(name, false));
  if (!steps) {
    if (!fact.part && changes_with_parts(name)) change_with_parts(name);
    else rebuild(name);
    return;
  }
  set(name, Fate::alter);
  const bool rebuilds = std::any_of(steps->begin(), steps->end(), [](const SchemaStep& s) { return s.rebuilds_dependents; });
  steps_[name] = std::move(*steps);
  if (rebuilds) rebuild_dependents(name);
}

void ChangeFates::rebuild(const FactRef& name) {
  const Fate fate = of(name);
  if (fate == Fate::drop || fate == Fate::make || fate == Fate::replace || fate == Fate::carried) return;
  const Fact* fact = from_.find(name);
  const bool loses_rows = fact->part && fact->parent && loses_data(name) && changes_with_parts(*fact->parent);
  if (!loses_rows && (!fact->part || separable(name) || !fact->parent)) replace(name);
  else change_with_parts(*fact->parent);
}

void ChangeFates::replace(const FactRef& name) {
  if (of(name) == Fate::replace) return;
  set(name, Fate::replace);
  steps_.erase(name);
  for (const Fact* child : from_.children(name))
    if (!child->unmodelled && to_.find(child->name) != nullptr) replace(child->name);
  for (const Fact* dependent : from_.dependents(name))
    if (!dependent->unmodelled) rebuild(dependent->name);
}

void ChangeFates::change_with_parts(const FactRef& name) {
  const Fate fate = of(name);
  if (fate == Fate::with_all || fate == Fate::replace || fate == Fate::make || fate == Fate::drop) return;
  auto steps = change_(change_of(name, true));
  if (!steps) {
    rebuild(name);
    return;
  }
  set(name, Fate::with_all);
  const bool rebuilds = std::any_of(steps->begin(), steps->end(), [](const SchemaStep& s) { return s.rebuilds_dependents; });
  steps_[name] = std::move(*steps);
  for (const Schema* side : {&from_, &to_})
    for (const Fact* part : side->parts(name)) {
      set(part->name, Fate::carried);
      steps_.erase(part->name);
    }
  if (rebuilds) rebuild_dependents(name);
}

void ChangeFates::rebuild_dependents(const FactRef& name) {
  // What survives stays, but what depends on it may not.
  std::vector<FactRef> touched{name};
  std::set<FactRef> seen{name};
  for (const Fact* part : from_.parts(name)) {
    // A part stays, unless it says that it depends on the whole: a default on the type of its column.
    const bool depends = std::any_of(part->dependencies.begin(), part->dependencies.end(),
                                     [&](const Dependency& d) { return d.on == name && !d.survives; });
    if (depends) continue;
    touched.push_back(part->name);
    seen.insert(part->name);
  }
  while (!touched.empty()) {
    const FactRef at = touched.back();
    touched.pop_back();
    const auto visit = [&](const Fact& dependent) {
      if (dependent.unmodelled || !seen.insert(dependent.name).second) return;
      const bool survives = std::any_of(dependent.dependencies.begin(), dependent.dependencies.end(),
                                        [&](const Dependency& d) { return d.on == at && d.survives; });
      if (survives) touched.push_back(dependent.name);
      else rebuild(dependent.name);
    };
    for (const Fact* dependent : from_.dependents(at)) visit(*dependent);
    for (const Fact* child : from_.children(at))
      if (!child->part) visit(*child);
  }
}

}  // namespace flux
