// struct_size, strides, and strings that end where they say.
#include "check.hpp"
#include "scene.hpp"

namespace flux::check {
namespace {

InstanceOptions sized(StructSize sizes) {
  InstanceOptions options;
  options.sizes = sizes;
  return options;
}

// Every key with its default: elements enough for the stride to count.
void larger_config(Scene& scene) {
  InstanceOptions options = sized(StructSize::larger);
  options.settings = scene.subject().settings;
  for (const flux_key* key : keys_of(scene.subject().api))
    if (const auto value = default_of(*key)) options.settings->emplace_back(key->name, *value);
  scene.created(options);
  options.settings->emplace_back("flux-check-last", std::string("x"));
  Outcome outcome;
  const Instance instance(scene.subject(), options, outcome);
  must_be(FLUX_E_CONFIG, outcome, "create with an unknown key behind others");
  expect(outcome.error.key == "flux-check-last", "the key \"flux-check-last\" in the error, found by kv_size",
         "\"" + shown(outcome.error.key) + "\"");
}

void larger_host(Scene& scene) {
  const auto instance = scene.created(sized(StructSize::larger));
  must(instance->connect(scene.uri()), "connect with a newer host");
  scene.initialize(*instance);
}

void larger_row(Scene& scene) {
  const auto instance = scene.ready(sized(StructSize::larger));
  must(instance->register_row(Scene::row("larger")), "register_migration of a row of a newer host");
  const auto rows = scene.rows(*instance);
  expect(rows.size() == 1 && rows[0].run_id == "run-1" && rows[0].hash == Scene::row("").hash,
         "the row as it was given", rows.empty() ? "none" : shown(rows[0].hash));
}

void larger_script(Scene& scene) {
  const auto instance = scene.ready(sized(StructSize::larger));
  must(instance->apply(scene.script({scene.create(1), scene.drop(1)})), "apply of a script of a newer host");
}

void smaller_row(Scene& scene) {
  {
    const auto instance = scene.ready(sized(StructSize::smaller));
    must(instance->register_row(Scene::row("smaller")), "register_migration of a row that ends before run_id");
  }
  const auto instance = scene.connected();
  const auto rows = scene.rows(*instance);
  expect(rows.size() == 1 && !rows[0].run_id && !rows[0].note && !rows[0].done_hash && rows[0].statements_total == -1,
         "a row without what its struct_size denies", "a row that has it");
}

void smaller_script(Scene& scene) {
  const auto instance = scene.ready(sized(StructSize::smaller));
  must(instance->apply(scene.script({scene.create(1), scene.drop(1)})),
       "apply of a script that ends before lock_timeout_ms");
}

void listed_row_size(Scene& scene) {
  const auto instance = scene.ready();
  must(instance->register_row(Scene::row("size")), "register_migration");
  for (const Row& row : scene.rows(*instance)) {
    expect(row.struct_size >= offsetof(flux_history_row, statements_total) + sizeof(std::int64_t),
           "rows with their struct_size in a listing", std::to_string(row.struct_size));
    expect(row.flags == 0, "no flags in a listing", std::to_string(row.flags));
  }
}

// Every string that an Instance hands over has something behind its end; here a script that would be another with it.
void strings_by_length(Scene& scene) {
  const auto instance = scene.ready();
  std::string text = scene.script({scene.create(1)});
  must(instance->apply(text), "apply of a script that is not NUL-terminated");
  must(instance->register_row(Scene::row("by-length")), "register_migration");
  const auto rows = scene.rows(*instance);
  expect(rows.size() == 1 && rows[0].id == "by-length" && rows[0].undo == "undo by-length" &&
             rows[0].name_space == Scene::space,
         "texts that end where their length says",
         rows.empty() ? "no row of that namespace" : shown(rows[0].id + " | " + rows[0].undo.value_or("")));
  must(instance->unregister(Scene::space, "by-length"), "unregister_migration of an id that is not NUL-terminated");
}

}  // namespace

std::vector<Check> struct_checks() {
  return {
      {"larger-config", "flux_config: kv_size is the stride of items", 0, larger_config},
      {"larger-host", "Rules: a flux_host with members that only a newer one has", 0, larger_host},
      {"larger-row", "Rules: a flux_history_row with members that only a newer host has", 0, larger_row},
      {"larger-script", "Rules: a flux_script with members that only a newer host has", 0, larger_script},
      {"smaller-row", "Rules: no member of flux_history_row is looked at that FLUX_HAS() denies", 0, smaller_row},
      {"smaller-script", "Rules: no member of flux_script is looked at that FLUX_HAS() denies", 0, smaller_script},
      {"listed-row-struct", "flux_history_row: struct_size is set by who makes it; flags are 0 in a listing", 0,
       listed_row_size},
      {"strings-by-length", "Rules: strings are pointer and length, not NUL-terminated", 0, strings_by_length},
  };
}

}  // namespace flux::check
