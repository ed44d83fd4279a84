#include "shadow.hpp"

#include <algorithm>
#include <flux/core/error.hpp>

namespace flux::check {

std::string create_shadow(Instance& maker, const std::optional<std::string>& server_uri) {
  std::vector<std::string> uris;
  must(SchemaCalls(maker).create_shadow(server_uri, uris), "create_shadow");
  expect(uris.size() == 1 && !uris[0].empty(), "one URI from create_shadow", fmt::format("{} URIs", uris.size()));
  return uris[0];
}

Shadow::Shadow(const Scene& scene, InstanceOptions options)
    : server_(scene.uri()), maker_(scene.created()), connected_(scene.created(std::move(options))) {
  uri_ = create_shadow(*maker_, server_);
  must(connected_->connect(uri_), "connect to a shadow");
  calls_ = std::make_unique<SchemaCalls>(*connected_);
}

Shadow::~Shadow() {
  connected_->disconnect();
  drop();
}

Outcome Shadow::drop() { return SchemaCalls(*maker_).drop_shadow(server_, uri_); }

void Shadow::load(const std::vector<std::string>& definitions) {
  for (const std::string& definition : definitions)
    must(calls_->load(definition), fmt::format("load of \"{}\"", shown(definition)));
}

void Shadow::run(const std::vector<PlannedStep>& steps) {
  for (const PlannedStep& step : steps)
    must(calls_->load(step.step.sql),
         fmt::format("load of \"{}\", to {} the {}", shown(step.step.sql), name(step.kind), words(step.about)));
}

std::vector<FactFound> facts_of(Instance& instance) {
  std::vector<FactFound> out;
  must(SchemaCalls(instance).inspect(out), "inspect");
  return out;
}

Schema schema_of(Instance& instance) {
  Schema out;
  for (FactFound& found : facts_of(instance)) {
    expect(out.find(found.fact.name) == nullptr, "facts with a name of their own", "two: " + words(found.fact.name));
    out.add(std::move(found.fact));
  }
  return out;
}

ChangeFunction change_of(Instance& instance) {
  return [&instance](const SchemaChange& change) -> std::optional<std::vector<SchemaStep>> {
    std::vector<SchemaStep> steps;
    const Outcome outcome = SchemaCalls(instance).change(change, steps);
    if (outcome.status == FLUX_E_UNSUPPORTED) return std::nullopt;
    must(outcome, "change of the " + words((change.to != nullptr ? change.to : change.from)->name));
    return steps;
  };
}

std::vector<PlannedStep> way(const Scene& scene, const Schema& from, const Schema& to) {
  const std::unique_ptr<Instance> instance = scene.created();
  try {
    return plan_change(from, to, change_of(*instance));
  } catch (const Error& error) {
    fail("statements that lead from one schema to another", error.what());
  }
}

void expect_initial(const Scene& scene, const Schema& came, const std::string& what) {
  const std::vector<std::string>& initial = scene.quirks().initial;
  const Schema more = came.filtered(
      [&](const Fact& fact) { return std::find(initial.begin(), initial.end(), words(fact.name)) == initial.end(); });
  expect(more.empty(), what, names_of(more));
  for (const std::string& name : initial) {
    const auto is_it = [&](const Fact& fact) { return words(fact.name) == name; };
    expect(std::any_of(came.facts().begin(), came.facts().end(), is_it), "the " + name + ", which is always there",
           "none");
  }
}

void expect_equal(const Schema& wanted, const Schema& came, const std::string& what) {
  const auto text = [](const Fact& fact) {
    std::string out = words(fact.name) + ": " + fact.definition;
    for (const auto& [name, value] : fact.properties) out += fmt::format(" {}={}", name, value);
    return shown(out);
  };
  for (const Fact& fact : wanted.facts()) {
    const Fact* other = came.find(fact.name);
    expect(other != nullptr, what + ", with the " + words(fact.name), "none of that name");
    expect(same(fact, *other), fmt::format("{}, with the {}", what, text(fact)), text(*other));
    expect(fact.parent == other->parent, fmt::format("{}, with the parent of the {}", what, words(fact.name)),
           other->parent ? words(*other->parent) : "none");
  }
  for (const Fact& fact : came.facts())
    expect(wanted.find(fact.name) != nullptr, what + " and nothing else", "the " + text(fact));
}

std::string names_of(const Schema& schema) {
  std::string out;
  for (const Fact& fact : schema.facts()) out += (out.empty() ? "" : ", ") + words(fact.name);
  return out.empty() ? "nothing" : shown(out);
}

}  // namespace flux::check
