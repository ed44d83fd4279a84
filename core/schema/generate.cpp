#include <flux/core/schema/generate.hpp>

#include <fmt/core.h>

#include <flux/core/schema/file_layout.hpp>
#include <flux/core/schema/replay.hpp>

#include "../transaction.hpp"

namespace flux {
namespace {

bool all_in_transaction(const std::vector<PlannedStep>& steps) {
  const std::vector<StepGroup> groups = step_groups(steps);
  return groups.size() <= 1 && (groups.empty() || groups.front().in_transaction);
}

// A plan that does not lead where it should is a bug; nothing is written then.
void require_reached(SchemaProject& project, const Schema& reached, const Schema& wanted) {
  const SchemaChanges left = project.compare(reached, wanted);
  if (left.empty()) return;
  Failure f;
  f.code = ErrorCode::backend;
  f.message = fmt::format("the statements that {} gives for these changes do not lead to what is wanted", project.backend().name);
  for (const Difference& d : left.differences) f.detail += words(d.fact().name) + "\n";
  f.hint = "nothing was written; this is a bug of the backend: please report it with the definitions";
  throw Error(std::move(f));
}

// As apply runs a script, but without a history.
void run(const std::vector<PlannedStep>& steps, bool in_transaction, Shadow& shadow, const std::string& called) {
  const ScriptPtr script = Script::make(called, statements_text(steps));
  Backend& backend = shadow.backend();
  if (!in_transaction) return backend.apply("", *script);
  const Log log = Log::silent();
  const RunContext context{backend, log, "", "", "", 0};
  Transaction transaction(context);
  backend.apply("", *script);
  transaction.commit();
}

std::vector<PlannedStep> way_back(SchemaProject& project, const Schema& after, const Schema& before, bool online, const std::vector<Rename>& renames) {
  const NextRename next = undone(renames);
  return next(after, before) ? project.compare(after, before, online, next).steps : project.compare_exactly(after, before, online).steps;
}

// What keeps `steps` from leading back to `before`; empty: nothing.
std::string obstacle(SchemaProject& project, Shadow& shadow, const GeneratedMigration& migration, const Schema& before) {
  try {
    run(migration.undo, migration.undo_in_transaction, shadow, "the undo script that would be written");
  } catch (const Error& error) {
    if (error.code() != ErrorCode::script) throw;
    return error.failures().front().message;
  }
  const SchemaChanges left = project.compare(project.of_shadow(shadow), before);
  return left.empty() ? "" : fmt::format("the {} is not what it was", words(left.differences.front().fact().name));
}

// From the last one back. Where one does not lead back, there is nothing to try those before it on: they are left out, too.
void prove_undo(SchemaProject& project, Shadow& shadow, const std::vector<Schema>& states, std::vector<GeneratedMigration>& migrations) {
  std::string why;
  for (std::size_t i = migrations.size(); i-- > 0;) {
    if (why.empty()) why = obstacle(project, shadow, migrations[i], states[i]);
    if (why.empty()) continue;
    migrations[i].no_undo = why;
    migrations[i].undo.clear();
  }
}

}  // namespace

void require_no_likely_rename(SchemaProject& project, const SchemaChanges& changes, const std::vector<Definition>& definitions) {
  const Config& config = project.config();
  if (config.schema.renames != Renames::propose) return;
  std::vector<Failure> failures;
  for (const Rename& rename : likely_renames(changes.from, changes.to, project.change())) {
    if (is_said_new(definitions, rename.to)) continue;
    Failure f;
    f.code = ErrorCode::usage;
    f.message = fmt::format("is this a rename? {}", words(rename));
    f.hint = fmt::format("if so, write `-- flux: renamed from={}` above it; if not, write `-- flux: new` there", changes.from.find(rename.from)->object);
    failures.push_back(std::move(f));
  }
  if (!failures.empty()) throw Error(ErrorCode::usage, std::move(failures));
}

Generated generate_migrations(SchemaProject& project, bool online) {
  const DesiredSchema desired = project.of_resources();
  const auto shadow = project.make_migrated_shadow();
  Generated out;
  out.changes = project.compare(project.of_shadow(*shadow), desired.schema, online, annotated(desired.definitions));
  out.idle_annotations = idle_annotations(desired.definitions, out.changes.from, out.changes.to);
  if (out.changes.empty()) return out;
  require_no_likely_rename(project, out.changes, desired.definitions);
  std::vector<Schema> states{project.of_shadow(*shadow)};
  for (const StepGroup& group : step_groups(out.changes.steps)) {
    GeneratedMigration migration;
    const auto first = out.changes.steps.begin() + static_cast<std::ptrdiff_t>(group.first);
    migration.up.assign(first, first + static_cast<std::ptrdiff_t>(group.count));
    migration.in_transaction = group.in_transaction;
    run(migration.up, group.in_transaction, *shadow, "the migration that would be written");
    states.push_back(project.of_shadow(*shadow));
    migration.undo = way_back(project, states.back(), states[states.size() - 2], online, out.changes.renames);
    migration.undo_in_transaction = all_in_transaction(migration.undo);
    out.migrations.push_back(std::move(migration));
  }
  require_reached(project, states.back(), desired.schema);
  prove_undo(project, *shadow, states, out.migrations);
  return out;
}

std::vector<PlannedStep> derive_undo(SchemaProject& project, const std::string& id) {
  MigratorOptions options = project.options();
  options.repeatables = project.needs_repeatables();
  const auto shadow = project.make_shadow();
  Migrator migrator = shadow_migrator(project.config(), options, *shadow);
  const auto apply = [&](const std::string& to) {
    const Report report = migrator.run(migrator.plan(ApplyRequest{std::nullopt, to, false, false}));
    if (!report.ok()) throw Error(report.failures.front().code, report.failures);
  };
  const auto refuse = [](std::string message, std::string hint) {
    Failure f;
    f.code = ErrorCode::usage;
    f.message = std::move(message);
    f.hint = std::move(hint);
    throw Error(std::move(f));
  };
  std::string before_id;
  const Migration* wanted = nullptr;
  for (const Migration& migration : migrator.migrations().migrations) {
    if (migration.id == id) wanted = &migration;
    if (wanted != nullptr) break;
    before_id = migration.id;
  }
  if (wanted == nullptr) refuse(fmt::format("there is no migration {}", id), "`flux status` lists them");
  if (wanted->up->directives().irreversible) refuse(fmt::format("{} is marked as irreversible", id), "take `-- flux: irreversible` out of it first");
  if (!before_id.empty()) apply(before_id);
  Schema before = project.of_shadow(*shadow);
  apply(id);
  return project.compare(project.of_shadow(*shadow), std::move(before), false, likely(project.change())).steps;
}

}  // namespace flux
