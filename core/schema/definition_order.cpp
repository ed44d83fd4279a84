#include "definition_order.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include <flux/core/source_text.hpp>

namespace flux {
namespace {

SourcePosition place(const Definition& definition) {
  const std::string_view text = definition.file->text();
  std::size_t at = definition.statement.offset;
  // The statement itself, not the comments above it.
  const std::size_t end = at + definition.statement.length;
  while (at < end) {
    if (text[at] == ' ' || text[at] == '\t' || text[at] == '\n') ++at;
    else if (text.compare(at, 2, "--") == 0) at = std::min(end, text.find('\n', at));
    else break;
  }
  return position_at(definition.file->file(), text, at);
}

// The parts of a dotted name: "orders.id" may be a column of "orders".
std::vector<std::string> prefixes(const std::string& name) {
  std::vector<std::string> out{name};
  for (std::size_t dot = name.rfind('.'); dot != std::string::npos && dot > 0; dot = name.rfind('.', dot - 1)) out.push_back(name.substr(0, dot));
  return out;
}

}  // namespace

std::string last_part(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return std::string(dot == std::string_view::npos ? name : name.substr(dot + 1));
}

bool may_be_same(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return a == b || (b.ends_with(a) && b[b.size() - a.size() - 1] == '.');
}

std::vector<Failure> defined_twice(const std::vector<Definition>& definitions) {
  std::map<std::pair<std::string, std::string>, const Definition*> first;
  std::vector<Failure> out;
  for (const Definition& definition : definitions)
    for (const Mention& m : definition.mentions) {
      if (m.role != FLUX_MENTION_DEFINES || m.kind.empty()) continue;
      const auto [at, is_first] = first.emplace(std::make_pair(m.kind, m.name), &definition);
      if (is_first) continue;
      const SourcePosition other = place(*at->second);
      Failure f;
      f.code = ErrorCode::directory;
      f.message = fmt::format("{} {} is defined a second time", m.kind, m.name);
      f.where = place(definition);
      f.hint = fmt::format("it is defined in {}:{}, too; remove one of them", other.file, other.line);
      out.push_back(std::move(f));
    }
  return out;
}

bool uses_all(const Definition& definition) {
  return std::any_of(definition.mentions.begin(), definition.mentions.end(), [](const Mention& m) { return m.role == FLUX_MENTION_USES && m.name == "*"; });
}

std::vector<Definition> in_load_order(std::vector<Definition> definitions) {
  std::map<std::string, std::vector<std::pair<std::string, std::size_t>>> defined;  // by the last part: name, statement
  for (std::size_t i = 0; i < definitions.size(); ++i)
    for (const Mention& m : definitions[i].mentions)
      if (m.role == FLUX_MENTION_DEFINES) defined[last_part(m.name)].emplace_back(m.name, i);
  std::vector<std::set<std::size_t>> needs(definitions.size());
  std::vector<std::vector<std::size_t>> needed_by(definitions.size());
  for (std::size_t i = 0; i < definitions.size(); ++i)
    for (const Mention& m : definitions[i].mentions) {
      if (m.role != FLUX_MENTION_USES) continue;
      for (const std::string& name : prefixes(m.name)) {
        const auto at = defined.find(last_part(name));
        if (at == defined.end()) continue;
        for (const auto& [known, by] : at->second)
          if (by != i && may_be_same(known, name) && needs[i].insert(by).second) needed_by[by].push_back(i);
      }
    }
  std::set<std::size_t> ready, left;
  for (std::size_t i = 0; i < definitions.size(); ++i) (needs[i].empty() ? ready : left).insert(i);
  std::vector<Definition> out;
  while (!ready.empty() || !left.empty()) {
    if (ready.empty()) ready.insert(left.extract(left.begin()));  // a circle, as far as names can tell
    const std::size_t at = *ready.begin();
    ready.erase(ready.begin());
    out.push_back(definitions[at]);
    for (const std::size_t next : needed_by[at])
      if (needs[next].erase(at) != 0 && needs[next].empty() && left.erase(next) != 0) ready.insert(next);
  }
  std::stable_partition(out.begin(), out.end(), [](const Definition& definition) { return !uses_all(definition); });
  return out;
}

std::optional<std::string> needed_back(const std::vector<Definition>& definitions, std::size_t index, const std::vector<std::size_t>& waiting) {
  const auto needs = [&](const Definition& one, const Definition& other) {
    for (const Mention& use : one.mentions)
      for (const Mention& m : other.mentions)
        if (use.role == FLUX_MENTION_USES && m.role == FLUX_MENTION_DEFINES && may_be_same(use.name, m.name)) return true;
    return false;
  };
  for (const std::size_t i : waiting) {
    if (i == index || !needs(definitions[index], definitions[i]) || !needs(definitions[i], definitions[index])) continue;
    const SourcePosition other = place(definitions[i]);
    return fmt::format("it and the definition in {}:{} need each other; let one of the two say it behind both, in a statement of its own (ALTER TABLE … ADD FOREIGN KEY …)",
                       other.file, other.line);
  }
  return std::nullopt;
}

Failure problem_of(const std::vector<Definition>& definitions, const FactRef& name, const std::string& message) {
  Failure f;
  f.code = ErrorCode::script;
  f.message = fmt::format("{}: {}", words(name), message);
  for (const Definition& definition : definitions)
    for (const Mention& m : definition.mentions)
      if (m.role == FLUX_MENTION_DEFINES && m.kind == name.kind && may_be_same(m.name, name.identity)) f.where = place(definition);
  return f;
}

}  // namespace flux
