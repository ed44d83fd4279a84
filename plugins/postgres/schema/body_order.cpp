#include "body_order.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

namespace flux::postgres::schema {
namespace {

bool is_routine(const Fact& fact) {
  const std::string& kind = fact.name.kind;
  return kind == "function" || kind == "procedure" || kind == "aggregate";
}
bool is_relation(const Fact& fact) {
  const std::string& kind = fact.name.kind;
  return kind == "table" || kind == "view" || kind == "materialized view" || kind == "foreign table";
}

bool in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// All words of a text as names, quoted ones as they are; too many are no harm.
std::set<std::string> words_of(std::string_view text) {
  std::set<std::string> out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    if (text[i] == '"') {
      end = std::min(text.find('"', i + 1), text.size());
      out.emplace(text.substr(i + 1, end - i - 1));
      i = end + 1;
    } else if (in_name(text[i])) {
      while (end < text.size() && in_name(text[end])) ++end;
      std::string word(text.substr(i, end - i));
      for (char& c : word)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      out.insert(std::move(word));
      i = end;
    } else {
      ++i;
    }
  }
  return out;
}

class BodyOrder {
 public:
  explicit BodyOrder(const std::deque<Catalog::Entry>& entries) {
    for (const Catalog::Entry& entry : entries) {
      const Fact& fact = entry.fact;
      by_name_.emplace(fact.name, &fact);
      if (fact.part && fact.parent) parts_[*fact.parent].push_back(&fact);
      if (is_routine(fact)) routines_.push_back(&fact);
      if (is_routine(fact) || is_relation(fact)) named_[fact.object].push_back(&fact);
    }
    for (const Fact* routine : routines_) visit(*routine);
  }

  // All routines.
  const std::vector<const Fact*>& sorted() const { return sorted_; }

 private:
  void visit(const Fact& routine) {
    if (!visited_.insert(routine.name).second) return;
    for (const std::string& word : words_of(routine.definition)) {
      const auto named = named_.find(word);
      if (named == named_.end()) continue;
      for (const Fact* fact : named->second) {
        if (is_routine(*fact))
          visit(*fact);
        else
          for (const Fact* needed : routines_below(*fact)) visit(*needed);
      }
    }
    sorted_.push_back(&routine);
  }

  // The routines that must be there before a relation.
  std::vector<const Fact*> routines_below(const Fact& relation) const {
    std::vector<const Fact*> out, open{&relation};
    std::set<FactRef> seen{relation.name};
    while (!open.empty()) {
      const Fact& fact = *open.back();
      open.pop_back();
      if (is_routine(fact)) out.push_back(&fact);
      const auto add = [&](const FactRef& name) {
        const auto known = by_name_.find(name);
        if (known != by_name_.end() && seen.insert(name).second) open.push_back(known->second);
      };
      for (const Dependency& d : fact.dependencies) add(d.on);
      if (fact.parent) add(*fact.parent);
      if (const auto parts = parts_.find(fact.name); parts != parts_.end())
        for (const Fact* part : parts->second) add(part->name);
    }
    std::sort(out.begin(), out.end(), [](const Fact* a, const Fact* b) { return a->name < b->name; });
    return out;
  }

  std::map<FactRef, const Fact*> by_name_;
  std::map<FactRef, std::vector<const Fact*>> parts_;
  std::map<std::string, std::vector<const Fact*>, std::less<>> named_;
  std::vector<const Fact*> routines_, sorted_;
  std::set<FactRef> visited_;
};

}  // namespace

std::vector<const Fact*> in_body_order(const std::deque<Catalog::Entry>& entries) {
  std::vector<const Fact*> out;
  out.reserve(entries.size());
  for (const Catalog::Entry& entry : entries) out.push_back(&entry.fact);
  if (std::none_of(out.begin(), out.end(), [](const Fact* fact) { return is_routine(*fact); })) return out;
  const BodyOrder order(entries);
  auto next = order.sorted().begin();
  for (const Fact*& fact : out)
    if (is_routine(*fact)) fact = *next++;
  return out;
}

}  // namespace flux::postgres::schema
