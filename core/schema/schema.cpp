#include <flux/core/schema/schema.hpp>

#include <flux/core/error.hpp>

namespace flux {

void Schema::add(Fact fact) {
  const std::size_t at = facts_.size();
  Links& own = links_[fact.name];
  if (own.fact) {
    Failure f;
    f.code = ErrorCode::backend;
    f.message = fmt::format("the backend emitted the {} twice", words(fact.name));
    throw Error(std::move(f));
  }
  own.fact = at;
  if (fact.parent) links_[*fact.parent].children.push_back(at);
  for (const Dependency& d : fact.dependencies) links_[d.on].dependents.push_back(at);
  facts_.push_back(std::move(fact));
}

const Fact* Schema::find(const FactRef& name) const {
  const auto at = links_.find(name);
  return at == links_.end() || !at->second.fact ? nullptr : &facts_[*at->second.fact];
}

std::vector<const Fact*> Schema::listed(const FactRef& name, std::vector<std::size_t> Links::*list) const {
  std::vector<const Fact*> out;
  const auto at = links_.find(name);
  if (at == links_.end()) return out;
  for (const std::size_t i : at->second.*list)
    if (out.empty() || out.back() != &facts_[i]) out.push_back(&facts_[i]);
  return out;
}

std::vector<const Fact*> Schema::children(const FactRef& name) const { return listed(name, &Links::children); }
std::vector<const Fact*> Schema::dependents(const FactRef& name) const { return listed(name, &Links::dependents); }

std::vector<const Fact*> Schema::parts(const FactRef& name) const {
  std::vector<const Fact*> out;
  for (const Fact* child : children(name)) {
    if (!child->part) continue;
    out.push_back(child);
    for (const Fact* below : parts(child->name)) out.push_back(below);
  }
  return out;
}

const Fact& Schema::owner(const Fact& fact) const {
  const Fact* at = &fact;
  while (at->parent) {
    const Fact* above = find(*at->parent);
    if (above == nullptr) break;
    at = above;
  }
  return *at;
}

Schema Schema::filtered(const std::function<bool(const Fact&)>& keep) const {
  Schema out;
  for (const Fact& fact : facts_)
    if (keep(fact)) out.add(fact);
  return out;
}

bool same(const Fact& a, const Fact& b) {
  return a.definition == b.definition && a.properties == b.properties && a.part == b.part && a.unmodelled == b.unmodelled;
}

std::string words(const FactRef& name) { return name.kind + " " + name.identity; }

}  // namespace flux
