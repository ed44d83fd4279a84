// A connection that is lost, and what failed statements have left.
#include "check.hpp"
#include "scene.hpp"

namespace flux::check {
namespace {

// An instance with the lock and a transaction, whose connection has just been lost.
std::unique_ptr<Instance> cut_off(Scene& scene) {
  auto instance = scene.ready();
  if (instance->reconnect(1000).status == FLUX_E_UNSUPPORTED) throw NotDeclared{"reconnect"};
  expect(!scene.quirks().cut.empty(), "a statement that ends its own connection, as the quirk \"cut\"", "none");
  if (scene.subject().can(FLUX_CAP_LOCK)) must(instance->lock(20000), "lock");
  must(instance->begin(), "begin");
  must(instance->register_row(Scene::row("lost")), "register_migration");
  must_be(FLUX_E_CONNECTION, instance->apply(scene.script({scene.quirks().cut})),
          "apply of what ends its own connection");
  return instance;
}

void lost_connection(Scene& scene) {
  const auto instance = cut_off(scene);
  std::vector<Row> rows;
  must_be(FLUX_E_CONNECTION, instance->list(Scene::space, 0, rows), "list_history without a connection");
}

void reconnect_restores(Scene& scene) {
  const auto instance = cut_off(scene);
  must(instance->reconnect(20000), "reconnect");
  if (scene.subject().can(FLUX_CAP_TRANSACTIONAL_DDL))
    expect(scene.rows(*instance).empty(), "nothing of the transaction that was lost", "its row");
  scene.in_transaction(*instance, [&] { must(instance->register_row(Scene::row("next")), "register_migration"); });
}

void reconnect_keeps_lock(Scene& scene) {
  scene.require_needs(needs_lock);
  const auto instance = cut_off(scene);
  must(instance->reconnect(20000), "reconnect");
  const auto other = scene.connected();
  must_be(FLUX_E_LOCKED, other->lock(200), "lock of another instance, behind reconnect");
  must(instance->unlock(), "unlock behind reconnect");
  must(other->lock(10000), "lock of another instance, behind unlock");
}

void leftovers(Scene& scene) {
  const auto instance = scene.ready();
  std::vector<std::string> lines;
  const Outcome outcome = instance->list_leftovers(lines);
  if (outcome.status == FLUX_E_UNSUPPORTED) throw NotDeclared{"list_leftovers"};
  must(outcome, "list_leftovers");
  expect(lines.empty(), "nothing left in an empty target", lines.empty() ? "" : shown(lines[0]));
}

}  // namespace

std::vector<Check> recovery_checks() {
  return {
      {"lost-connection", "FLUX_E_CONNECTION: no connection, or it was lost", 0, lost_connection},
      {"reconnect", "reconnect: connects again; the history says what became of what was lost", 0, reconnect_restores},
      {"reconnect-keeps-lock", "reconnect: takes the migration lock again where it was held", 0, reconnect_keeps_lock},
      {"leftovers", "list_leftovers: what failed statements have left, and nothing else", 0, leftovers},
  };
}

}  // namespace flux::check
