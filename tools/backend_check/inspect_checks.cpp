// flux.schema.v1: the facts of a database.
#include <set>

#include "check.hpp"
#include "shadow.hpp"
#include "snapshot.hpp"

namespace flux::check {
namespace {

// The facts of the quirks' definitions, in a shadow of their own.
std::vector<FactFound> example(const Scene& scene) {
  Shadow shadow(scene);
  shadow.load(scene.quirks().definitions);
  std::vector<FactFound> found = shadow.found();
  expect(!found.empty(), "the facts of what was loaded", "none");
  return found;
}

void facts_named(Scene& scene) {
  std::set<FactRef> seen;
  for (const auto& [fact, size, flags, properties, dependencies] : example(scene)) {
    const std::string name = shown(words(fact.name));
    expect(!fact.name.kind.empty() && !fact.name.identity.empty(), "a kind and an identity of each fact",
           "\"" + name + "\"");
    expect(fact.parent || !fact.object.empty(), "the fact's own name, as object, of the " + name, "none");
    expect(seen.insert(fact.name).second, "an identity that is unique among those of its kind", "two: " + name);
  }
}

void parents(Scene& scene) {
  Schema schema;
  for (FactFound& found : example(scene)) schema.add(std::move(found.fact));
  for (const Fact& fact : schema.facts()) {
    expect(!fact.part || fact.parent, "a parent of each part", "none of the " + words(fact.name));
    std::set<FactRef> above{fact.name};
    for (const Fact* at = &fact; at->parent; at = schema.find(*at->parent)) {
      expect(schema.find(*at->parent) != nullptr, "the parent of the " + words(at->name) + " among the facts",
             "no " + words(*at->parent));
      expect(above.insert(*at->parent).second, "parents that end somewhere",
             "the " + words(fact.name) + " is below itself");
    }
  }
}

void properties(Scene& scene) {
  for (const FactFound& found : example(scene)) {
    std::string last;
    for (const auto& [name, value] : found.fact.properties) {
      expect(name > last, "properties with names, each once, sorted by them",
             fmt::format("\"{}\" behind \"{}\" in the {}", shown(name), shown(last), words(found.fact.name)));
      last = name;
    }
  }
}

void structs(Scene& scene) {
  for (const FactFound& found : example(scene)) {
    const std::string name = words(found.fact.name);
    expect(found.struct_size >= offsetof(flux_fact, dependency_size) + sizeof(std::uint32_t),
           "the struct_size of the " + name, std::to_string(found.struct_size));
    expect((found.flags & ~unsigned{FLUX_FACT_PART | FLUX_FACT_UNMODELLED}) == 0, "flags of flux_fact_flag",
           fmt::format("{:#x} of the {}", found.flags, name));
    expect(found.property_size >= sizeof(flux_property) && found.dependency_size >= sizeof(flux_dependency),
           "strides of properties and dependencies, whether there are any or none",
           fmt::format("{} and {} of the {}", found.property_size, found.dependency_size, name));
  }
}

void modelled(Scene& scene) {
  for (const FactFound& found : example(scene))
    expect(!found.fact.unmodelled, "facts that the backend can make, of what the quirks define",
           "the " + words(found.fact.name) + " is FLUX_FACT_UNMODELLED");
}

void again(Scene& scene) {
  Shadow shadow(scene);
  shadow.load(scene.quirks().definitions);
  const auto first = shadow.found();
  shadow.instance().disconnect();
  must(shadow.instance().connect(shadow.uri()), "connect");
  const auto second = shadow.found();
  const auto equal = [](const FactFound& a, const FactFound& b) {
    return a.fact.name == b.fact.name && same(a.fact, b.fact);
  };
  const bool is_same = std::equal(first.begin(), first.end(), second.begin(), second.end(), equal);
  expect(is_same, "the same facts in the same order each time", "others");
}

// Oids, positions and whatever else a database counts are others then.
void any_past(Scene& scene) {
  Shadow fresh(scene), used(scene);
  fresh.load(scene.quirks().definitions);
  const Schema initial = used.schema();
  used.load(scene.quirks().altered);
  used.run(way(scene, used.schema(), initial));
  used.load(scene.quirks().definitions);
  expect_equal(fresh.schema(), used.schema(), "the same facts where other things were made and dropped before");
}

void writes_nothing(Scene& scene) {
  const auto instance = scene.ready();
  const std::string before = snapshot(scene);
  std::vector<FactFound> found;
  must(SchemaCalls(*instance).inspect(found), "inspect");
  instance->disconnect();
  expect(snapshot(scene) == before, "an inspect that writes nothing", "a target that has changed");
}

void without_history(Scene& scene) {
  Shadow shadow(scene);
  scene.initialize(shadow.instance());
  must(shadow.instance().register_row(Scene::row("history")), "register_migration");
  expect_initial(scene, shadow.schema(), "no fact of the history");
}

void stops(Scene& scene) {
  Shadow shadow(scene);
  shadow.load(scene.quirks().definitions);
  expect(shadow.found().size() > 1, "more than one fact", "one");
  std::vector<FactFound> found;
  must_be(FLUX_E_STOP, shadow.calls().inspect(found, 1), "inspect whose emit has returned it");
  expect(found.size() == 1, "no call of emit behind the one that wants to end", std::to_string(found.size()));
  expect(shadow.found().size() > 1, "all facts in the next inspect", "fewer");
}

}  // namespace

std::vector<Check> inspect_checks() {
  return {
      {"inspect-names", "flux_fact_ref: a kind, and an identity that is unique in it", needs_schema, facts_named},
      {"inspect-parents", "flux_fact.parent: what it belongs to, another fact", needs_schema, parents},
      {"inspect-properties", "flux_fact.properties: sorted by name", needs_schema, properties},
      {"inspect-structs", "flux_fact: struct_size, flags and strides are set by who makes it", needs_schema, structs},
      {"inspect-modelled", "FLUX_FACT_UNMODELLED: of nothing that is simple", needs_schema, modelled},
      {"inspect-again", "inspect: the same facts each time", needs_schema, again},
      {"inspect-any-past", "flux_fact: equal facts of equal databases, whatever was made and dropped before",
       needs_schema, any_past},
      {"inspect-writes-nothing", "inspect: only reads", needs_schema, writes_nothing},
      {"inspect-without-history", "inspect: nothing that this backend has made for its history", needs_schema,
       without_history},
      {"inspect-stops", "flux_fact_fn: a result other than FLUX_OK ends it, and is handed through", needs_schema,
       stops},
  };
}

}  // namespace flux::check
