// The facts of one database.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <flux/fact.hpp>

namespace flux {

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
  std::vector<const Fact*> listed(const std::map<FactRef, std::vector<std::size_t>>& lists, const FactRef& name) const;

  std::vector<Fact> facts_;
  std::map<FactRef, std::size_t> index_;
  std::map<FactRef, std::vector<std::size_t>> children_, dependents_;
};

// Two facts of one name that say the same.
bool same(const Fact& a, const Fact& b);

// "table public.orders"
std::string words(const FactRef& name);

}  // namespace flux
