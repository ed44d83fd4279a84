// create and its configuration.
#include "check.hpp"
#include "scene.hpp"

namespace flux::check {
namespace {

Outcome create_with(const Scene& scene, Settings settings) {
  Outcome outcome;
  const Instance instance(scene.subject(), {std::move(settings)}, outcome);
  return outcome;
}

void must_name_key(const Outcome& outcome, const std::string& key, const std::string& what) {
  must_be(FLUX_E_CONFIG, outcome, what);
  expect(outcome.error.key == key, fmt::format("the key \"{}\" in the error's key", key),
         fmt::format("\"{}\"", outcome.error.key));
}

void config_defaults(Scene& scene) {
  Settings required;
  for (const auto& setting : scene.subject().settings)
    for (const flux_key* key : keys_of(scene.subject().api))
      if (key->required != 0 && setting.first == key->name) required.push_back(setting);
  must(create_with(scene, required), "create with the required keys alone");
}

void config_unknown_key(Scene& scene) {
  Settings settings = scene.subject().settings;
  settings.emplace_back("flux-check-no-such-key", std::string("x"));
  must_name_key(create_with(scene, settings), "flux-check-no-such-key", "create with an unknown key");
}

void config_wrong_type(Scene& scene) {
  for (const flux_key* key : keys_of(scene.subject().api)) {
    Settings settings;
    for (const auto& setting : scene.subject().settings)
      if (setting.first != key->name) settings.push_back(setting);
    // A number where a list is wanted, a list where a number is: nobody takes these for each other.
    Value wrong = std::vector<std::string>{"a", "b"};
    if (key->type == FLUX_T_STRINGS) wrong = std::int64_t{7};
    settings.emplace_back(key->name, wrong);
    must_name_key(create_with(scene, settings), key->name, fmt::format("create with a wrong type of {}", key->name));
  }
}

void create_destroy(Scene& scene) {
  scene.created()->destroy();
  const auto instance = scene.created();
  instance->disconnect();
  instance->disconnect();
}

void failed_create(Scene& scene) {
  for (int i = 0; i < 50; ++i)
    must_be(FLUX_E_CONFIG, create_with(scene, {{"flux-check-no", true}}), "create with an unknown key");
  must(scene.connected()->begin(), "begin behind failed calls of create");
}

void instances_apart(Scene& scene) {
  const auto first = scene.ready();
  const auto second = scene.connected();
  must(first->begin(), "begin");
  std::vector<Row> rows;
  must(second->list(Scene::space, 0, rows), "list_history of another instance");
  second->disconnect();
  must(first->register_row(Scene::row("apart")), "register_migration behind another instance's disconnect");
  must(first->commit(), "commit behind another instance's disconnect");
  expect(scene.rows(*first).size() == 1, "the row that was committed", "none");
}

}  // namespace

std::vector<Check> config_checks() {
  return {
      {"config-defaults", "flux_key.default_value: without a key its default counts", 0, config_defaults, 60, false},
      {"config-unknown-key", "flux_config: an unknown key is FLUX_E_CONFIG, naming the key", 0, config_unknown_key, 60,
       false},
      {"config-wrong-type", "flux_config: a wrong type is FLUX_E_CONFIG, naming the key", 0, config_wrong_type, 60,
       false},
      {"create-destroy", "destroy: ends an instance, connected or not", 0, create_destroy},
      {"create-failed", "create: what failed leaves nothing that is in the way of the next", 0, failed_create},
      {"instances-apart", "flux_backend: an instance is its own; another one's calls do not touch it", 0,
       instances_apart},
  };
}

}  // namespace flux::check
