// The facts of one database.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <flux/fact.hpp>

namespace flux {

struct FactRefHash {
  std::size_t operator()(const FactRef& name) const noexcept {
    const std::hash<std::string> hash;
    return hash(name.identity) * 31 + hash(name.kind);
  }
};

// In the order in which they were inspected. Pointers to facts live as long as the schema is not changed.
class Schema {
 public:
  // Throws Error{backend} where there is one of this name already.
  void add(Fact fact);

  const std::vector<Fact>& facts() const noexcept { return facts_; }
  bool empty() const noexcept { return facts_.empty(); }
  // null: there is none.
  const Fact* find(const FactRef& name) const;
  // Those whose parent it is, in their order.
  std::vector<const Fact*> children(const FactRef& name) const;
  // The parts of it, and parts of these, in their order.
  std::vector<const Fact*> parts(const FactRef& name) const;
  // Those that depend on it; not its children as such.
  std::vector<const Fact*> dependents(const FactRef& name) const;
  // The outermost fact that it belongs to; itself where it has no parent.
  const Fact& owner(const Fact& fact) const;
  // Where it stands among all, from 0.
  std::size_t position(const Fact& fact) const noexcept { return static_cast<std::size_t>(&fact - facts_.data()); }

  // A schema of those for which `keep` is true.
  Schema filtered(const std::function<bool(const Fact&)>& keep) const;

 private:
  // What is known of a name, also of one that only others have mentioned. Facts by their positions.
  struct Links {
    std::optional<std::size_t> fact;
    std::vector<std::size_t> children, dependents;
  };
  std::vector<const Fact*> listed(const FactRef& name, std::vector<std::size_t> Links::*list) const;

  std::vector<Fact> facts_;
  std::unordered_map<FactRef, Links, FactRefHash> links_;
};

// Two facts of one name that say the same.
bool same(const Fact& a, const Fact& b);

// "table public.orders"
std::string words(const FactRef& name);

}  // namespace flux
