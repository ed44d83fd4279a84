#include "change_graph.hpp"

#include <fmt/core.h>

#include <map>
#include <queue>

#include <flux/core/error.hpp>

namespace flux {

ChangeGraph::ChangeGraph(const Schema& from, const Schema& to, const ChangeFates& fates) : from_(from), to_(to), fates_(fates) {}

std::optional<ChangeGraph::Key> ChangeGraph::alter_key(const FactRef& name) const {
  const Fate fate = fates_.of(name);
  if (fate == Fate::alter || fate == Fate::with_all) return Key{ChangeKind::alter, to_.find(name)};
  if (fate != Fate::carried) return std::nullopt;
  const Fact* fact = to_.find(name) != nullptr ? to_.find(name) : from_.find(name);
  return fact->parent ? alter_key(*fact->parent) : std::nullopt;
}

std::optional<ChangeGraph::Key> ChangeGraph::drop_key(const Fact& old) const {
  const Fate fate = fates_.of(old.name);
  if (fate != Fate::drop && fate != Fate::replace) return std::nullopt;
  const Fact* parent = old.parent && dropped_apart_.count(old.name) == 0 ? from_.find(*old.parent) : nullptr;
  if (parent != nullptr)
    if (const auto above = drop_key(*parent)) return above;
  return Key{ChangeKind::drop, &old};
}

std::optional<ChangeGraph::Key> ChangeGraph::make_key(const Fact& made) const {
  const Fate fate = fates_.of(made.name);
  if (fate != Fate::make && fate != Fate::replace) return std::nullopt;
  const Fact* parent = made.part && made.parent && made_apart_.count(made.name) == 0 ? to_.find(*made.parent) : nullptr;
  if (parent != nullptr)
    if (const auto above = make_key(*parent)) return above;
  return Key{ChangeKind::make, &made};
}

std::optional<ChangeGraph::Key> ChangeGraph::old_key(const FactRef& name) const {
  const Fact* fact = from_.find(name);
  return fact == nullptr ? std::nullopt : old_keys_[from_.position(*fact)];
}

std::optional<ChangeGraph::Key> ChangeGraph::new_key(const FactRef& name) const {
  const Fact* fact = to_.find(name);
  return fact == nullptr ? std::nullopt : new_keys_[to_.position(*fact)];
}

void ChangeGraph::find_keys() {
  old_keys_.clear();
  new_keys_.clear();
  for (const Fact& fact : from_.facts()) {
    const auto drop = drop_key(fact);
    old_keys_.push_back(drop ? drop : alter_key(fact.name));
  }
  for (const Fact& fact : to_.facts()) {
    const auto make = make_key(fact);
    new_keys_.push_back(make ? make : alter_key(fact.name));
  }
}

std::size_t& ChangeGraph::node_of(const Key& key) {
  return key.kind == ChangeKind::drop ? drop_nodes_[from_.position(*key.fact)] : other_nodes_[to_.position(*key.fact)];
}

void ChangeGraph::add_nodes() {
  drop_nodes_.assign(from_.facts().size(), 0);
  other_nodes_.assign(to_.facts().size(), 0);
  const auto add = [&](const Key& key) {
    node_of(key) = nodes_.size();
    nodes_.push_back(key);
  };
  for (const Fact& fact : from_.facts())
    if (const auto& key = old_keys_[from_.position(fact)]; key && key->fact == &fact) add(*key);
  for (const Fact& fact : to_.facts())
    if (const auto& key = new_keys_[to_.position(fact)]; key && key->fact == &fact) add(*key);
}

void ChangeGraph::add_edge(const std::optional<Key>& before, const std::optional<Key>& behind, const Fact* via) {
  if (before && behind && before->fact != behind->fact) edges_.push_back({node_of(*before), node_of(*behind), via});
}

void ChangeGraph::add_old_edges() {
  for (const Fact& fact : from_.facts()) {
    const auto& own = old_keys_[from_.position(fact)];
    if (!own) continue;
    const auto needs = [&](const FactRef& name) {
      const auto on = old_key(name);
      if (on && (on->kind == ChangeKind::drop || own->kind == ChangeKind::drop)) add_edge(own, on, &fact);
    };
    if (fact.parent) needs(*fact.parent);
    for (const Dependency& d : fact.dependencies) needs(d.on);
  }
}

void ChangeGraph::add_new_edges() {
  for (const Fact& fact : to_.facts()) {
    const auto& own = new_keys_[to_.position(fact)];
    if (!own) continue;
    if (fact.parent) add_edge(new_key(*fact.parent), own, &fact);
    for (const Dependency& d : fact.dependencies) add_edge(new_key(d.on), own, &fact);
  }
}

void ChangeGraph::add_name_edges() {
  using Name = std::pair<std::string, std::string>;
  std::map<Name, std::vector<const Fact*>> going;
  const auto named = [](const Fact& fact) { return Name(fact.schema.value_or(""), fact.object); };
  const auto drops = [&](const Fact& fact) {
    const auto key = old_key(fact.name);
    return key && key->kind == ChangeKind::drop ? key : std::nullopt;
  };
  for (const Fact& fact : from_.facts())
    if (!fact.part && drops(fact)) going[named(fact)].push_back(&fact);
  for (const Fact& fact : to_.facts()) {
    const auto& make = new_keys_[to_.position(fact)];
    if (!make || make->kind != ChangeKind::make) continue;
    if (fates_.of(fact.name) == Fate::replace) add_edge(drops(fact), make, nullptr);
    if (fact.part || going.empty()) continue;
    const auto same_name = going.find(named(fact));
    if (same_name == going.end()) continue;
    for (const Fact* old : same_name->second)
      if (ignored_names_.count({old->name, fact.name}) == 0) add_edge(drops(*old), make, nullptr);
  }
}

void ChangeGraph::build() {
  nodes_.clear();
  edges_.clear();
  find_keys();
  add_nodes();
  add_old_edges();
  add_new_edges();
  add_name_edges();
}

std::vector<bool> ChangeGraph::parting() const {
  std::vector<bool> out(nodes_.size(), false);
  if (!fates_.online()) return out;
  for (std::size_t i = 0; i < nodes_.size(); ++i) out[i] = fates_.parts_transactions(nodes_[i].kind, *nodes_[i].fact);
  return out;
}

void ChangeGraph::drop_late(std::vector<std::size_t>& order) const {
  std::vector<std::vector<std::size_t>> behind(nodes_.size());
  for (const Edge& edge : edges_) behind[edge.before].push_back(edge.behind);
  for (std::size_t i = order.size(); i-- > 0;) {
    const ChangeNode& node = nodes_[order[i]];
    if (node.kind != ChangeKind::drop || fates_.of(node.fact->name) != Fate::replace) continue;
    const std::vector<std::size_t>& waiting = behind[order[i]];
    const auto from = order.begin() + static_cast<std::ptrdiff_t>(i);
    const auto first = std::find_first_of(from + 1, order.end(), waiting.begin(), waiting.end());
    if (first != order.end()) std::rotate(from, from + 1, first);
  }
}

std::vector<std::size_t> ChangeGraph::sorted() const {
  std::vector<std::size_t> waits_for(nodes_.size(), 0);
  std::vector<std::vector<std::size_t>> behind(nodes_.size());
  for (const Edge& edge : edges_) {
    ++waits_for[edge.behind];
    behind[edge.before].push_back(edge.behind);
  }
  const std::vector<bool> parts = parting();
  // Drops first, the last one of the old schema first; then in the order of the new schema.
  const auto rank = [&](std::size_t i) {
    const ChangeNode& node = nodes_[i];
    const std::size_t at = node.kind == ChangeKind::drop ? from_.facts().size() - from_.position(*node.fact) : to_.position(*node.fact);
    return std::make_tuple(parts[i], static_cast<int>(node.kind), at);
  };
  using Ready = std::pair<std::tuple<bool, int, std::size_t>, std::size_t>;
  std::priority_queue<Ready, std::vector<Ready>, std::greater<>> ready;
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (waits_for[i] == 0) ready.emplace(rank(i), i);
  std::vector<std::size_t> out;
  while (!ready.empty()) {
    const std::size_t at = ready.top().second;
    ready.pop();
    out.push_back(at);
    for (const std::size_t next : behind[at])
      if (--waits_for[next] == 0) ready.emplace(rank(next), next);
  }
  return out;
}

std::vector<ChangeGraph::Edge> ChangeGraph::circle(const std::vector<std::size_t>& sorted) const {
  std::vector<bool> done(nodes_.size(), false);
  for (const std::size_t i : sorted) done[i] = true;
  // Every node that is left has one that it waits for and that is left, too: going back from one to the next closes a circle.
  std::vector<std::optional<Edge>> back(nodes_.size());
  for (const Edge& edge : edges_)
    if (!done[edge.before] && !done[edge.behind] && !back[edge.behind]) back[edge.behind] = edge;
  std::size_t at = 0;
  while (done[at]) ++at;
  std::set<std::size_t> seen;
  while (seen.insert(at).second) at = back[at]->before;
  std::vector<Edge> out;
  const std::size_t start = at;
  do {
    out.push_back(*back[at]);
    at = back[at]->before;
  } while (at != start);
  return out;
}

bool ChangeGraph::open(const std::vector<Edge>& circle) {
  for (const Edge& edge : circle) {
    const ChangeNode &before = nodes_[edge.before], &behind = nodes_[edge.behind];
    if (edge.via == nullptr) {
      if (before.fact->name == behind.fact->name) continue;
      ignored_names_.insert({before.fact->name, behind.fact->name});
      return true;
    }
    if (behind.kind == ChangeKind::make && edge.via != behind.fact && fates_.separable(edge.via->name))
      return made_apart_.insert(edge.via->name).second;
    if (before.kind == ChangeKind::drop && edge.via != before.fact && fates_.separable(edge.via->name))
      return dropped_apart_.insert(edge.via->name).second;
  }
  return false;
}

std::vector<ChangeNode> ChangeGraph::ordered() {
  for (;;) {
    build();
    std::vector<std::size_t> order = sorted();
    if (fates_.online() && order.size() == nodes_.size()) drop_late(order);
    if (order.size() == nodes_.size()) {
      std::vector<ChangeNode> out;
      for (const std::size_t i : order) out.push_back(nodes_[i]);
      return out;
    }
    const std::vector<Edge> around = circle(order);
    if (open(around)) continue;
    Failure f;
    f.code = ErrorCode::backend;
    f.message = "these need each other in a circle that cannot be opened";
    for (const Edge& edge : around) f.detail += (f.detail.empty() ? "" : ", ") + words(nodes_[edge.behind].fact->name);
    f.hint = "change one of them by a migration of your own";
    throw Error(std::move(f));
  }
}

}  // namespace flux
