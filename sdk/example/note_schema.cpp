#include "note_schema.hpp"

#include <algorithm>

#include "script.hpp"

namespace memo {
namespace {

constexpr const char* kind = "note";

std::string put(const std::string& key, const std::string& value) {
  return "put " + key + (value.empty() ? "" : " " + value);
}

// The key behind "see "; nullopt where the value refers to nothing.
std::optional<std::string> referred_to(std::string_view value) {
  if (next_word(value) != "see") return std::nullopt;
  const std::string_view key = next_word(value);
  return key.empty() ? std::nullopt : std::optional<std::string>(key);
}

flux::Fact fact_of(const std::string& key, const std::string& value) {
  flux::Fact fact;
  fact.name = {kind, key};
  const std::size_t slash = key.rfind('/');
  if (slash != std::string::npos) fact.schema = key.substr(0, slash);
  fact.object = slash == std::string::npos ? key : key.substr(slash + 1);
  fact.definition = put(key, value);
  fact.properties = {{"value", value}};
  if (auto other = referred_to(value); other && *other != key) fact.dependencies.push_back({{kind, *std::move(other)}});
  return fact;
}

// The name in a comment `-- flux: renamed from=NAME`, or one with #; empty where the line is another.
std::string_view old_name(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of("#- \t"), line.size()));
  if (next_word(line) != "flux:" || next_word(line) != "renamed") return {};
  const std::string_view from = next_word(line);
  return from.substr(0, 5) == "from=" ? from.substr(5) : std::string_view();
}

}  // namespace

void emit_notes(const Store& store, const std::function<void(const flux::Fact&)>& emit) {
  for (const auto& [key, value] : store.documents) emit(fact_of(key, value));
}

std::optional<std::vector<flux::SchemaStep>> change_note(const flux::SchemaChange& change) {
  const flux::Fact *from = change.from, *to = change.to;
  if ((to != nullptr ? to : from)->name.kind != kind) return std::nullopt;
  std::vector<flux::SchemaStep> steps;
  if (change.rename) {
    steps.push_back({put(to->name.identity, std::string(from->property("value")))});
  } else if (to != nullptr) {
    steps.push_back({to->definition});
  }
  if (change.rename || to == nullptr)
    steps.push_back({"delete " + from->name.identity, FLUX_HAZARD_BREAKS_CLIENTS,
                     "who reads " + from->name.identity + " finds nothing from here on"});
  return steps;
}

std::vector<flux::Mention> read_note(std::string_view sql) {
  const std::vector<Line> lines = statements(sql);
  std::string_view rest = lines.empty() ? std::string_view() : lines.front().text;
  const std::string_view verb = next_word(rest), key = next_word(rest);
  if (lines.size() != 1 || verb != "put" || key.empty())
    throw flux::BackendError(FLUX_E_SCRIPT, "this is no definition")
        .hint("a schema is made of `put KEY VALUE`")
        .offset(lines.empty() ? 0 : static_cast<std::int64_t>(lines.front().offset));
  std::vector<flux::Mention> out{{FLUX_MENTION_DEFINES, kind, std::string(key)}};
  if (auto other = referred_to(rest)) out.push_back({FLUX_MENTION_USES, kind, *std::move(other)});
  for (std::size_t at = 0; at < lines.front().offset;) {
    const std::size_t end = std::min(sql.find('\n', at), lines.front().offset);
    if (const std::string_view old = old_name(sql.substr(at, end - at)); !old.empty())
      out.push_back({FLUX_MENTION_RENAMED, kind, std::string(key), std::string(old)});
    at = end + 1;
  }
  return out;
}

std::vector<std::pair<flux::FactRef, std::string>> notes_without_end(const Store& store) {
  std::vector<std::pair<flux::FactRef, std::string>> out;
  for (const auto& [key, value] : store.documents)
    if (const auto other = referred_to(value); other && store.documents.count(*other) == 0)
      out.push_back({{kind, key}, "it refers to " + *other + ", and there is no such note"});
  return out;
}

}  // namespace memo
