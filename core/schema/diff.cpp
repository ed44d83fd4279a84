#include <flux/core/schema/diff.hpp>

#include <set>

namespace flux {
namespace {

// Whether it belongs to a fact that `other` does not have at all.
bool within_difference(const Schema& own, const Schema& other, const Fact& fact) {
  if (!fact.parent || own.find(*fact.parent) == nullptr) return false;
  return other.find(*fact.parent) == nullptr;
}

std::string shown(std::string_view text) { return text.empty() ? "none" : std::string(text); }

}  // namespace

std::vector<Difference> differences(const Schema& from, const Schema& to) {
  std::vector<Difference> out;
  for (const Fact& fact : to.facts()) {
    const Fact* before = from.find(fact.name);
    if (before == nullptr ? !within_difference(to, from, fact) : !same(*before, fact)) out.push_back({before, &fact});
  }
  for (const Fact& fact : from.facts())
    if (to.find(fact.name) == nullptr && !within_difference(from, to, fact)) out.push_back({&fact, nullptr});
  return out;
}

std::vector<Detail> details(const Difference& difference) {
  std::vector<Detail> out;
  if (difference.from == nullptr || difference.to == nullptr) return out;
  const Fact &from = *difference.from, &to = *difference.to;
  std::set<std::string> names;
  for (const auto& [name, value] : from.properties) names.insert(name);
  for (const auto& [name, value] : to.properties) names.insert(name);
  for (const std::string& name : names)
    if (from.property(name) != to.property(name)) out.push_back({name, shown(from.property(name)), shown(to.property(name))});
  if (out.empty() && from.definition != to.definition) out.push_back({"", shown(from.definition), shown(to.definition)});
  return out;
}

}  // namespace flux
