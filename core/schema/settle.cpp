#include <flux/core/schema/settle.hpp>

#include <optional>
#include <set>

#include <flux/core/error.hpp>

namespace flux {
namespace {

constexpr int rounds = 3;  // no definition is known that takes more than two to stay as it is

// What `names` are made with: all they depend on and belong to, and the parts of that.
Schema closure(const Schema& schema, const std::vector<FactRef>& names) {
  std::set<FactRef> in;
  std::vector<FactRef> open = names;
  while (!open.empty()) {
    const FactRef name = open.back();
    open.pop_back();
    const Fact* fact = schema.find(name);
    if (fact == nullptr || !in.insert(name).second) continue;
    if (fact->parent) open.push_back(*fact->parent);
    for (const Dependency& d : fact->dependencies) open.push_back(d.on);
    for (const Fact* part : schema.parts(name)) open.push_back(part->name);
  }
  return schema.filtered([&](const Fact& fact) { return in.count(fact.name) != 0; });
}

std::vector<FactRef> differing(const Schema& from, const Schema& to) {
  std::vector<FactRef> out;
  for (const Fact& fact : to.facts()) {
    const Fact* before = from.find(fact.name);
    if (before != nullptr && !before->unmodelled && !fact.unmodelled && !same(*before, fact)) out.push_back(fact.name);
  }
  return out;
}

// nullopt where it cannot be replayed: then the difference stands.
std::optional<Schema> replayed(const Schema& schema, const std::vector<FactRef>& names, const Replay& replay) {
  try {
    return replay(closure(schema, names));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cancelled || error.code() == ErrorCode::connection) throw;
    return std::nullopt;
  }
}

}  // namespace

Schema settled(const Schema& from, const Schema& to, const Replay& replay) {
  std::vector<FactRef> open = differing(from, to);
  std::set<FactRef> equal;
  const auto settle_with = [&](const Schema& a, const Schema& b) {
    std::vector<FactRef> left;
    for (const FactRef& name : open) {
      const Fact *x = a.find(name), *y = b.find(name);
      if (x != nullptr && y != nullptr && same(*x, *y)) equal.insert(name);
      else left.push_back(name);
    }
    open = std::move(left);
  };
  Schema old_side = from, new_side = to;
  for (int round = 0; round < rounds && !open.empty(); ++round) {
    const auto old_again = replayed(old_side, open, replay);
    if (!old_again) break;
    settle_with(*old_again, to);
    if (open.empty()) break;
    const auto new_again = replayed(new_side, open, replay);
    if (!new_again) break;
    settle_with(*old_again, *new_again);
    // What does not change any more by being replayed never will.
    if (differing(old_side, *old_again).empty() && differing(new_side, *new_again).empty()) break;
    old_side = *old_again;
    new_side = *new_again;
  }
  Schema out;
  for (const Fact& fact : from.facts()) {
    Fact copy = fact;
    if (equal.count(fact.name) != 0) {
      const Fact& as = *to.find(fact.name);
      copy.definition = as.definition;
      copy.properties = as.properties;
      copy.part = as.part;
    }
    out.add(std::move(copy));
  }
  return out;
}

}  // namespace flux
