#include "scene.hpp"

#include <algorithm>

#include "check.hpp"

namespace flux::check {

void Scene::require_needs(std::uint32_t needs) const {
  static constexpr std::pair<Need, const char*> capabilities[] = {
      {needs_transactional_ddl, "FLUX_CAP_TRANSACTIONAL_DDL"},
      {needs_lock, "FLUX_CAP_LOCK"},
      {needs_cancel, "FLUX_CAP_CANCEL"},
      {needs_statement_offsets, "FLUX_CAP_STATEMENT_OFFSETS"},
  };
  for (const auto& [need, name] : capabilities)
    if ((needs & need) != 0 && (subject_.api.capabilities & need) == 0) throw NotDeclared{name};
  if ((needs & (needs_statements | needs_batch | needs_schema)) == 0) return;
  const std::unique_ptr<Instance> instance = created();
  if ((needs & needs_statements) != 0 && !instance->has_interface(FLUX_IFACE_STATEMENTS_V1))
    throw NotDeclared{FLUX_IFACE_STATEMENTS_V1};
  if ((needs & needs_batch) != 0 && !instance->has_interface(FLUX_IFACE_BATCH_V1))
    throw NotDeclared{FLUX_IFACE_BATCH_V1};
  if ((needs & needs_schema) != 0 && !instance->has_interface(FLUX_IFACE_SCHEMA_V1))
    throw NotDeclared{FLUX_IFACE_SCHEMA_V1};
}

std::unique_ptr<Instance> Scene::created(InstanceOptions options) const {
  return std::make_unique<Instance>(subject_, std::move(options));
}

std::unique_ptr<Instance> Scene::connected(InstanceOptions options) const {
  std::unique_ptr<Instance> instance = created(std::move(options));
  must(instance->connect(uri_), "connect");
  return instance;
}

std::unique_ptr<Instance> Scene::ready(InstanceOptions options) const {
  std::unique_ptr<Instance> instance = connected(std::move(options));
  initialize(*instance);
  return instance;
}

void Scene::initialize(Instance& instance) const {
  const bool locks = subject_.can(FLUX_CAP_LOCK);
  if (locks) must(instance.lock(20000), "lock");
  must(instance.initialize(), "initialize");
  if (locks) must(instance.unlock(), "unlock");
}

std::string Scene::thing(int number) const { return "flux_check_" + std::to_string(number); }

std::string Scene::about(const std::string& quirk, int number) const {
  return filled(quirk, {{"name", thing(number)}});
}

std::string Scene::script(const std::vector<std::string>& statements) const {
  std::string out;
  for (const std::string& statement : statements) out += statement + quirks_.separator;
  return out;
}

bool Scene::has(Instance& instance, int number) const {
  const Outcome outcome = instance.apply(script({require(number)}));
  if (outcome.status != FLUX_E_SCRIPT) must(outcome, fmt::format("apply of \"{}\"", require(number)));
  return outcome.ok();
}

std::vector<Row> Scene::rows(Instance& instance, const std::string& name_space, std::uint32_t flags) const {
  std::vector<Row> out;
  must(instance.list(name_space, flags, out), "list_history");
  std::sort(out.begin(), out.end(), [](const Row& a, const Row& b) { return a.id < b.id; });
  return out;
}

Row Scene::row(const std::string& id) {
  Row row;
  row.name_space = space;
  row.id = id;
  row.hash = "sha256:0123456789abcdef";
  row.undo = "undo " + id;
  row.applied_by = "flux-check";
  row.flux_version = "0.1.0";
  row.applied_at_us = 1767323045123456;
  row.duration_ms = 12;
  row.run_id = "run-1";
  return row;
}

void Scene::clean() const {
  const std::unique_ptr<Instance> instance = connected();
  std::vector<std::pair<std::string, std::string>> left;
  std::vector<Row> rows;
  for (const char* name_space : {space, other_space}) {
    instance->list(name_space, 0, rows);
    for (const Row& row : rows) left.emplace_back(row.name_space, row.id);
  }
  instance->list("", 0, rows);
  for (const Row& row : rows)
    if (row.id.rfind("flux-check", 0) == 0) left.emplace_back("", row.id);
  if (!left.empty()) {
    instance->begin();
    for (const auto& [name_space, id] : left) instance->unregister(name_space, id);
    if (!instance->commit().ok()) instance->rollback();
  }
  for (int number = 1; number <= things; ++number) instance->apply(script({drop(number)}));
  instance->disconnect();
}

}  // namespace flux::check
