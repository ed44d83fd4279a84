#include <flux/core/schema/renames.hpp>

#include <fmt/core.h>

#include <map>
#include <set>

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

bool says_renamed(const Mention& m) { return m.role == FLUX_MENTION_RENAMED && !m.old_name.empty(); }

bool is_about(const Mention& m, const FactRef& name) { return m.kind == name.kind && may_be_same(m.name, name.identity); }

Rename rename_of(const Fact& old, const Fact& now) { return {old.name, now.name, old.object, now.object}; }

// What is in `from` alone, and called `object`, in the place of `fact`; null: nothing.
const Fact* gone(const std::string& kind, const std::string& object, const Fact& fact, const Schema& from, const Schema& to) {
  for (const Fact& old : from.facts())
    if (old.name.kind == kind && old.object == object && old.schema == fact.schema && old.parent == fact.parent && to.find(old.name) == nullptr) return &old;
  return nullptr;
}

// `name` with `now` in place of the words `old`: "bills" in bills_pkey, "no" in orders_no_key.
std::string with_word(std::string name, const std::string& old, const std::string& now) {
  for (std::size_t at = name.find(old); at != std::string::npos;) {
    const std::size_t end = at + old.size();
    const bool whole = (at == 0 || name[at - 1] == '_') && (end == name.size() || name[end] == '_');
    if (whole) name.replace(at, old.size(), now);
    at = name.find(old, at + (whole ? now.size() : 1));
  }
  return name;
}

// Whether a fact belongs to what was renamed, or to what that belongs to, or stands beside it on its own.
bool is_near(const Schema& schema, const Fact& fact, const FactRef& renamed) {
  const Fact* other = schema.find(renamed);
  if (other == nullptr) return false;
  return fact.parent ? fact.parent == renamed || fact.parent == other->parent : fact.schema == other->schema;
}

// What its name may be after some of the renames, or all of them: a constraint's has that of the table and of a column.
std::set<std::string> implied_names(const std::vector<Rename>& done, const Schema& from, const Fact& fact) {
  std::set<std::string> out;
  std::string all = fact.object;
  for (const Rename& above : done) {
    if (!is_near(from, fact, above.to)) continue;
    out.insert(with_word(fact.object, above.old_object, above.new_object));
    all = with_word(std::move(all), above.old_object, above.new_object);
  }
  out.insert(all);
  out.erase(fact.object);
  return out;
}

bool whole_in(const Schema& other, const Fact& fact) { return !fact.parent || other.find(*fact.parent) != nullptr; }

}  // namespace

NextRename annotated(const std::vector<Definition>& definitions) {
  return [&definitions](const Schema& from, const Schema& to) -> std::optional<Rename> {
    for (const Definition& definition : definitions)
      for (const Mention& m : definition.mentions) {
        if (!says_renamed(m)) continue;
        for (const Fact& fact : to.facts()) {
          if (!is_about(m, fact.name) || from.find(fact.name) != nullptr) continue;
          if (const Fact* old = gone(m.kind, m.old_name, fact, from, to)) return rename_of(*old, fact);
        }
      }
    return std::nullopt;
  };
}

// By what they are called alone: with a table, its columns get other identities.
NextRename undone(std::vector<Rename> renames) {
  return [renames = std::move(renames)](const Schema& from, const Schema& to) -> std::optional<Rename> {
    for (const Rename& done : renames)
      for (const Fact& fact : to.facts()) {
        if (fact.name.kind != done.from.kind || fact.object != done.old_object || from.find(fact.name) != nullptr) continue;
        if (const Fact* now = gone(done.to.kind, done.new_object, fact, from, to)) return rename_of(*now, fact);
      }
    return std::nullopt;
  };
}

NextRename likely(ChangeFunction change) {
  return [change = std::move(change)](const Schema& from, const Schema& to) -> std::optional<Rename> {
    const std::vector<Rename> renames = likely_renames(from, to, change);
    return renames.empty() ? std::nullopt : std::optional(renames.front());
  };
}

std::vector<std::string> idle_annotations(const std::vector<Definition>& definitions, const Schema& from, const Schema& to) {
  std::vector<std::string> out;
  for (const Definition& definition : definitions)
    for (const Mention& m : definition.mentions)
      for (const Fact& fact : to.facts())
        if (says_renamed(m) && is_about(m, fact.name) && from.find(fact.name) == nullptr)
          out.push_back(fmt::format("the {} is made anew: there is no {} to be renamed, which its annotation in {} names", words(fact.name), m.old_name,
                                    definition.file->file()));
  return out;
}

bool is_said_new(const std::vector<Definition>& definitions, const FactRef& name) {
  for (const Definition& definition : definitions)
    for (const Mention& m : definition.mentions)
      if (m.role == FLUX_MENTION_RENAMED && m.old_name.empty() && is_about(m, name)) return true;
  return false;
}

std::optional<Rename> implied_rename(const std::vector<Rename>& done, const Schema& from, const Schema& to) {
  const auto is_done = [&](const Fact& old) { return std::any_of(done.begin(), done.end(), [&](const Rename& r) { return r.from == old.name; }); };
  for (const Fact& old : from.facts()) {
    if (old.unmodelled || to.find(old.name) != nullptr || !whole_in(to, old) || is_done(old)) continue;
    const std::set<std::string> names = implied_names(done, from, old);
    for (const Fact& fact : to.facts())
      if (names.count(fact.object) != 0 && fact.name.kind == old.name.kind && from.find(fact.name) == nullptr && signature(from, old) == signature(to, fact))
        return rename_of(old, fact);
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
    const Rename rename = rename_of(*old->second.front(), *facts.front());
    if (change(change_of(rename, from, to))) out.push_back(rename);
  }
  return out;
}

std::string words(const Rename& rename) { return fmt::format("{} -> {}", words(rename.from), rename.to.identity); }

}  // namespace flux
