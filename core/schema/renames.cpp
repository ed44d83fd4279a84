#include <flux/core/schema/renames.hpp>

#include <fmt/core.h>

#include <map>

#include "definition_order.hpp"

namespace flux {
namespace {

// The text of a fact with its own name taken out.
std::string without_name(std::string text, const std::string& name) {
  for (std::size_t at = 0; !name.empty() && (at = text.find(name, at)) != std::string::npos;) text.replace(at, name.size(), "\x01");
  return text;
}

void add_signature(const Schema& schema, const Fact& fact, const std::string& name, std::string& out) {
  out += fact.name.kind + '\n' + without_name(fact.definition, name) + '\n';
  for (const auto& [key, value] : fact.properties) out += key + '=' + without_name(value, name) + '\n';
  for (const Fact* part : schema.children(fact.name)) {
    if (!part->part) continue;
    out += part->object + '\n';
    add_signature(schema, *part, name, out);
  }
}

// What must be the same for one to be the other renamed.
std::string signature(const Schema& schema, const Fact& fact) {
  std::string out = fact.schema.value_or("") + '\n' + (fact.parent ? words(*fact.parent) : "") + '\n';
  add_signature(schema, fact, fact.object, out);
  return out;
}

bool whole_in(const Schema& other, const Fact& fact) { return !fact.parent || other.find(*fact.parent) != nullptr; }

}  // namespace

std::optional<Rename> annotated_rename(const std::vector<Definition>& definitions, const Schema& from, const Schema& to) {
  for (const Definition& definition : definitions)
    for (const Mention& m : definition.mentions) {
      if (m.role != FLUX_MENTION_RENAMED) continue;
      for (const Fact& fact : to.facts()) {
        if (fact.name.kind != m.kind || !may_be_same(m.name, fact.name.identity) || from.find(fact.name) != nullptr) continue;
        for (const Fact& old : from.facts())
          if (old.name.kind == m.kind && old.object == m.old_name && old.schema == fact.schema && old.parent == fact.parent && to.find(old.name) == nullptr)
            return Rename{old.name, fact.name};
      }
    }
  return std::nullopt;
}

SchemaChange change_of(const Rename& rename, const Schema& from, const Schema& to) {
  SchemaChange change;
  change.from = from.find(rename.from);
  change.to = to.find(rename.to);
  change.from_parts = from.parts(rename.from);
  change.to_parts = to.parts(rename.to);
  change.rename = true;
  return change;
}

std::vector<Rename> likely_renames(const Schema& from, const Schema& to, const ChangeFunction& change) {
  std::map<std::string, std::vector<const Fact*>> gone, come;
  for (const Fact& fact : from.facts())
    if (!fact.unmodelled && to.find(fact.name) == nullptr && whole_in(to, fact)) gone[signature(from, fact)].push_back(&fact);
  for (const Fact& fact : to.facts())
    if (!fact.unmodelled && from.find(fact.name) == nullptr && whole_in(from, fact)) come[signature(to, fact)].push_back(&fact);
  std::vector<Rename> out;
  for (const auto& [text, facts] : come) {
    const auto old = gone.find(text);
    if (facts.size() != 1 || old == gone.end() || old->second.size() != 1) continue;
    const Rename rename{old->second.front()->name, facts.front()->name};
    if (change(change_of(rename, from, to))) out.push_back(rename);
  }
  return out;
}

std::string words(const Rename& rename) { return fmt::format("{} -> {}", words(rename.from), rename.to.identity); }

}  // namespace flux
