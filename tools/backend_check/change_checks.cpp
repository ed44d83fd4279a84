// flux.schema.v1: the statements of a difference.
#include "check.hpp"
#include "shadow.hpp"

namespace flux::check {
namespace {

Schema loaded(const Scene& scene, const std::vector<std::string>& definitions) {
  Shadow shadow(scene);
  shadow.load(definitions);
  return shadow.schema();
}

Schema example(const Scene& scene) { return loaded(scene, scene.quirks().definitions); }

void makes(Scene& scene) {
  const Schema wanted = example(scene);
  Shadow shadow(scene);
  shadow.run(way(scene, Schema(), wanted));
  expect_equal(wanted, shadow.schema(), "a database with the facts that its statements were made of");
}

void drops(Scene& scene) {
  Shadow shadow(scene);
  const Schema initial = shadow.schema();
  shadow.load(scene.quirks().definitions);
  shadow.run(way(scene, shadow.schema(), initial));
  expect_initial(scene, shadow.schema(), "an empty database when everything is dropped");
}

// There and back, by scripts.
void alters(Scene& scene) {
  const Schema one = example(scene), other = loaded(scene, scene.quirks().altered);
  Shadow shadow(scene);
  shadow.load(scene.quirks().definitions);
  for (const auto& [from, to] : {std::pair(&one, &other), std::pair(&other, &one)}) {
    for (const PlannedStep& step : way(scene, *from, *to))
      must(shadow.instance().apply(scene.script({step.step.sql})),
           fmt::format("apply of \"{}\", to {} the {}", shown(step.step.sql), name(step.kind), words(step.about)));
    expect_equal(*to, shadow.schema(), "the facts that the statements lead to");
  }
}

void renames(Scene& scene) {
  const Schema wanted = loaded(scene, {scene.create(2)});
  Shadow shadow(scene);
  shadow.load({scene.create(1)});
  const Schema before = shadow.schema();
  // What only one of them has, and does not belong to such a thing.
  const auto own = [](const Schema& schema, const Schema& other) -> const Fact& {
    for (const Fact& fact : schema.facts())
      if (other.find(fact.name) == nullptr && (!fact.parent || other.find(*fact.parent) != nullptr)) return fact;
    fail("the facts of things with different names", names_of(schema));
  };
  SchemaChange change;
  change.from = &own(before, wanted);
  change.to = &own(wanted, before);
  change.from_parts = before.parts(change.from->name);
  change.to_parts = wanted.parts(change.to->name);
  change.rename = true;
  const auto instance = scene.created();
  const auto steps = change_of(*instance)(change);
  if (!steps) throw NotDeclared{"renaming a " + change.from->name.kind};
  for (const SchemaStep& step : *steps) shadow.load({step.sql});
  expect_equal(wanted, shadow.schema(), "the facts of what has the new name");
}

// Of everything that the example needs, made and dropped.
std::vector<SchemaStep> all_steps(Instance& instance, const Schema& schema) {
  std::vector<SchemaStep> out;
  const ChangeFunction change = change_of(instance);
  for (const auto& [from, to] : {std::pair(Schema(), schema), std::pair(schema, Schema())})
    for (PlannedStep& step : plan_change(from, to, change)) out.push_back(std::move(step.step));
  return out;
}

void expect_same_steps(const std::vector<SchemaStep>& wanted, const std::vector<SchemaStep>& came) {
  const auto equal = [](const SchemaStep& a, const SchemaStep& b) {
    return a.sql == b.sql && a.hazards == b.hazards && a.remark == b.remark;
  };
  const auto [a, b] = std::mismatch(wanted.begin(), wanted.end(), came.begin(), came.end(), equal);
  expect(a == wanted.end() && b == came.end(), "the statement \"" + (a != wanted.end() ? shown(a->sql) : "") + "\"",
         "\"" + (b != came.end() ? shown(b->sql) : "") + "\"");
}

void unconnected(Scene& scene) {
  const Schema schema = example(scene);
  const auto elsewhere = scene.created();
  Shadow shadow(scene);
  expect_same_steps(all_steps(shadow.instance(), schema), all_steps(*elsewhere, schema));
}

void larger_structs(Scene& scene) {
  const Schema schema = example(scene);
  InstanceOptions options;
  options.sizes = StructSize::larger;
  const auto plain = scene.created(), larger = scene.created(options);
  expect_same_steps(all_steps(*plain, schema), all_steps(*larger, schema));
}

void steps(Scene& scene) {
  constexpr unsigned known = FLUX_HAZARD_DATA_LOSS | FLUX_HAZARD_REWRITE | FLUX_HAZARD_LOCK | FLUX_HAZARD_SCAN |
                             FLUX_HAZARD_NO_TRANSACTION | FLUX_HAZARD_MAY_FAIL | FLUX_HAZARD_BREAKS_CLIENTS;
  const auto instance = scene.created();
  for (const SchemaStep& step : all_steps(*instance, example(scene))) {
    const std::string sql = "\"" + shown(step.sql) + "\"";
    std::vector<StatementFound> found;
    must(instance->split(step.sql, found), "split of " + sql);
    expect(found.size() == 1 && found[0].offset == 0 && found[0].length == step.sql.size(),
           "one statement, without what ends it", sql);
    expect((step.hazards & ~known) == 0, "hazards of flux_hazard", fmt::format("{:#x} of {}", step.hazards, sql));
    expect(step.remark.find('\n') == std::string::npos, "a remark of one line", shown(step.remark));
  }
}

void stops(Scene& scene) {
  const Schema schema = example(scene);
  const auto instance = scene.created();
  bool any = false;
  for (const Fact& fact : schema.facts()) {
    SchemaChange change;
    change.to = &fact;
    change.to_parts = schema.parts(fact.name);
    std::vector<SchemaStep> found;
    // What is always there needs no statement, and some parts cannot be made alone.
    if (!SchemaCalls(*instance).change(change, found).ok() || found.empty()) continue;
    any = true;
    must_be(FLUX_E_STOP, SchemaCalls(*instance).change(change, found, 1), "change whose emit has returned it");
    expect(found.size() == 1, "no call of emit behind the one that wants to end", std::to_string(found.size()));
  }
  expect(any, "a statement that makes something", "none");
}

}  // namespace

std::vector<Check> change_checks() {
  return {
      {"change-makes", "change: facts are made again by their statements, in the order of their dependencies",
       needs_schema, makes},
      {"change-drops", "change: everything can be dropped, along the dependencies", needs_schema, drops},
      {"change-alters", "change: the statements of a difference lead from one schema to the other, and back",
       needs_schema, alters},
      {"change-renames", "FLUX_CHANGE_RENAME: `from` gets the name of `to`", needs_schema, renames},
      {"change-unconnected", "change: needs no connection", needs_schema, unconnected},
      {"change-larger-structs", "Rules: flux_change and flux_fact with members that only a newer host has",
       needs_schema, larger_structs},
      {"change-steps", "flux_step: one statement, without what ends it, hazards and a remark of one line",
       needs_schema | needs_statements, steps},
      {"change-stops", "flux_step_fn: a result other than FLUX_OK ends it, and is handed through", needs_schema, stops},
  };
}

}  // namespace flux::check
