#include <flux/core/schema/snapshot.hpp>

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include <flux/core/error.hpp>

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

}  // namespace

Json snapshot_head(std::string_view backend) {
  return Json{{"flux_schema", snapshot_version}, {"backend", backend}, {"facts", nullptr}};
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
  Json snapshot = snapshot_head(backend);
  snapshot["facts"] = Json::array();
  for (const Fact& fact : schema.facts()) snapshot["facts"].push_back(snapshot_fact(fact));
  return snapshot.dump(2) + "\n";
}

Schema read_snapshot(std::string_view text, std::string_view backend, const std::string& file) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object() || !json.contains("flux_schema")) refuse(file, "is no snapshot of a schema");
  try {
    if (json.at("flux_schema").get<int>() != snapshot_version)
      refuse(file, fmt::format("is a snapshot of version {}, and this flux reads version {}", json.at("flux_schema").dump(), snapshot_version));
    if (json.at("backend").get<std::string>() != backend)
      refuse(file, fmt::format("is a snapshot of the backend {}, not of {}", json.at("backend").get<std::string>(), backend));
    Schema schema;
    for (const Json& fact : json.at("facts")) schema.add(fact_of(fact));
    return schema;
  } catch (const Json::exception& e) {
    refuse(file, fmt::format("is no snapshot of a schema: {}", e.what()));
  }
}

}  // namespace flux
