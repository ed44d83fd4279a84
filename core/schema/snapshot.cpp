#include <flux/core/schema/snapshot.hpp>

#include <fmt/core.h>

#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include <flux/core/error.hpp>
#include <flux/core/source_text.hpp>

namespace flux {
namespace {

using Json = nlohmann::ordered_json;
constexpr int snapshot_version = 1;

Json json_of(const FactRef& name) { return Json{{"kind", name.kind}, {"identity", name.identity}}; }
FactRef ref_of(const Json& json) { return {json.at("kind").get<std::string>(), json.at("identity").get<std::string>()}; }

Fact fact_of(const Json& json) {
  Fact fact;
  fact.name = ref_of(json);
  if (json.contains("parent")) fact.parent = ref_of(json["parent"]);
  if (json.contains("schema")) fact.schema = json["schema"].get<std::string>();
  fact.object = json.at("name").get<std::string>();
  fact.definition = json.at("definition").get<std::string>();
  fact.part = json.value("part", false);
  fact.unmodelled = json.value("unmodelled", false);
  if (json.contains("properties"))
    for (const auto& [name, value] : json["properties"].items()) fact.properties.emplace_back(name, value.get<std::string>());
  if (json.contains("depends_on"))
    for (const Json& on : json["depends_on"]) fact.dependencies.push_back({ref_of(on), on.value("survives", false)});
  return fact;
}

[[noreturn]] void refuse(const std::string& file, const std::string& why) {
  Failure f;
  f.code = ErrorCode::directory;
  f.message = fmt::format("{} {}", file, why);
  f.hint = "`flux inspect --format json` writes a snapshot";
  throw Error(std::move(f));
}

// JSON is UTF-8; a database may hold what is not.
void require_utf8(const Fact& fact) {
  std::vector<std::string_view> texts{fact.name.kind, fact.name.identity, fact.object, fact.definition, fact.schema ? std::string_view(*fact.schema) : std::string_view()};
  for (const auto& [name, value] : fact.properties) texts.insert(texts.end(), {name, value});
  for (const Dependency& d : fact.dependencies) texts.push_back(d.on.identity);
  if (std::none_of(texts.begin(), texts.end(), [](std::string_view text) { return first_bad_byte(text).has_value(); })) return;
  Failure f;
  f.code = ErrorCode::backend;
  f.message = fmt::format("the {} holds bytes that are not UTF-8, and cannot be written as JSON", words(fact.name));
  f.hint = "make it again with a text that is UTF-8; or leave it out: `ignore` in [schema]";
  throw Error(std::move(f));
}

// Hands out the characters of a text, and counts them for whoever asks how far it has come.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t& count) : at_(at), count_(&count) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*count_;
    return *this;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  std::size_t* count_;
};

// A snapshot's text, and where in it each of its facts begins.
struct Snapshot {
  Json json;
  std::vector<std::size_t> facts;
};

Snapshot parse(std::string_view text) {
  Snapshot out;
  std::size_t count = 0;
  const Json::parser_callback_t note = [&](int depth, Json::parse_event_t event, Json&) {
    if (depth == 2 && event == Json::parse_event_t::object_start) out.facts.push_back(count - 1);
    return true;
  };
  out.json = Json::parse(CountingIterator(text.data(), count), CountingIterator(text.data() + text.size(), count), note, false);
  return out;
}

// What is wrong with one fact of a file that people may have edited.
struct BadFact {
  std::size_t index;
  std::string message;
};

// Parents lead to the top: whoever follows them comes to an end.
std::optional<BadFact> circle_of_parents(const std::vector<Fact>& facts) {
  std::map<FactRef, std::size_t> index;
  for (std::size_t i = 0; i < facts.size(); ++i) index.emplace(facts[i].name, i);
  std::vector<bool> good(facts.size(), false);
  for (std::size_t i = 0; i < facts.size(); ++i) {
    std::set<std::size_t> seen;
    for (std::size_t at = i; !good[at];) {
      if (!seen.insert(at).second) return BadFact{at, fmt::format("the {} belongs to itself", words(facts[at].name))};
      const auto above = facts[at].parent ? index.find(*facts[at].parent) : index.end();
      if (above == index.end()) break;
      at = above->second;
    }
    for (const std::size_t at : seen) good[at] = true;
  }
  return std::nullopt;
}

std::optional<BadFact> second_of_one_name(const std::vector<Fact>& facts) {
  std::set<FactRef> names;
  for (std::size_t i = 0; i < facts.size(); ++i)
    if (!names.insert(facts[i].name).second) return BadFact{i, fmt::format("the {} is there a second time", words(facts[i].name))};
  return std::nullopt;
}

std::vector<Fact> facts_of(const Snapshot& snapshot, std::string_view text, const std::string& file) {
  std::vector<Fact> facts;
  const auto refuse_fact = [&](std::size_t index, const std::string& message) {
    Failure f;
    f.code = ErrorCode::directory;
    f.message = message;
    if (index < snapshot.facts.size()) f.where = position_at(file, text, snapshot.facts[index]);
    f.hint = "`flux inspect --format json` writes a snapshot";
    throw Error(std::move(f));
  };
  for (const Json& fact : snapshot.json.at("facts")) {
    try {
      facts.push_back(fact_of(fact));
    } catch (const Json::exception&) {
      refuse_fact(facts.size(), "a fact of the snapshot lacks a member, or has one of another type");
    }
  }
  if (const auto bad = second_of_one_name(facts)) refuse_fact(bad->index, bad->message);
  if (const auto bad = circle_of_parents(facts)) refuse_fact(bad->index, bad->message);
  return facts;
}

}  // namespace

Json snapshot_head(std::string_view backend) {
  return Json{{"flux_schema", snapshot_version}, {"backend", backend}, {"facts", nullptr}};
}

void require_utf8(const Schema& schema) {
  for (const Fact& fact : schema.facts()) require_utf8(fact);
}

Json snapshot_fact(const Fact& fact) {
  Json json = json_of(fact.name);
  if (fact.parent) json["parent"] = json_of(*fact.parent);
  if (fact.schema) json["schema"] = *fact.schema;
  json["name"] = fact.object;
  json["definition"] = fact.definition;
  if (fact.part) json["part"] = true;
  if (fact.unmodelled) json["unmodelled"] = true;
  for (const auto& [name, value] : fact.properties) json["properties"][name] = value;
  for (const Dependency& d : fact.dependencies) {
    Json on = json_of(d.on);
    if (d.survives) on["survives"] = true;
    json["depends_on"].push_back(std::move(on));
  }
  return json;
}

std::string snapshot_text(const Schema& schema, std::string_view backend) {
  require_utf8(schema);
  Json snapshot = snapshot_head(backend);
  snapshot["facts"] = Json::array();
  for (const Fact& fact : schema.facts()) snapshot["facts"].push_back(snapshot_fact(fact));
  return snapshot.dump(2) + "\n";
}

Schema read_snapshot(std::string_view text, std::string_view backend, const std::string& file) {
  const Snapshot snapshot = parse(text);
  const Json& json = snapshot.json;
  if (json.is_discarded() || !json.is_object() || !json.contains("flux_schema")) refuse(file, "is no snapshot of a schema");
  try {
    if (json.at("flux_schema").get<int>() != snapshot_version)
      refuse(file, fmt::format("is a snapshot of version {}, and this flux reads version {}", json.at("flux_schema").dump(), snapshot_version));
    if (json.at("backend").get<std::string>() != backend)
      refuse(file, fmt::format("is a snapshot of the backend {}, not of {}", json.at("backend").get<std::string>(), backend));
    Schema schema;
    for (Fact& fact : facts_of(snapshot, text, file)) schema.add(std::move(fact));
    return schema;
  } catch (const Json::exception& e) {
    refuse(file, fmt::format("is no snapshot of a schema: {}", e.what()));
  }
}

}  // namespace flux
