#include <flux/core/schema/generate.hpp>

#include <fmt/core.h>

#include <flux/core/schema/file_layout.hpp>
#include <flux/core/schema/replay.hpp>

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

}  // namespace

void require_no_likely_rename(SchemaProject& project, const SchemaChanges& changes) {
  const Config& config = project.config();
  if (config.schema.renames != Renames::propose) return;
  std::vector<Failure> failures;
  for (const Rename& rename : likely_renames(changes.from, changes.to, project.change())) {
    Failure f;
    f.code = ErrorCode::usage;
    f.message = fmt::format("is this a rename? {}", words(rename));
    f.hint = fmt::format("if so, write `-- flux: renamed from={}` above it; if not, set renames = \"annotate\" in [schema] of {}", changes.from.find(rename.from)->object,
                         config.file.string());
    failures.push_back(std::move(f));
  }
  if (!failures.empty()) throw Error(ErrorCode::usage, std::move(failures));
}

Generated generate_migrations(SchemaProject& project, bool online) {
  const DesiredSchema desired = project.of_resources();
  const auto shadow = project.make_shadow();
  apply_all(project.config(), project.options(), *shadow);
  Generated out;
  out.changes = project.compare(project.of_shadow(*shadow), desired.schema, online, desired.definitions);
  if (out.changes.steps.empty()) return out;
  require_no_likely_rename(project, out.changes);
  Schema before = project.of_shadow(*shadow);
  for (const StepGroup& group : step_groups(out.changes.steps)) {
    GeneratedMigration migration;
    const auto first = out.changes.steps.begin() + static_cast<std::ptrdiff_t>(group.first);
    migration.up.assign(first, first + static_cast<std::ptrdiff_t>(group.count));
    migration.in_transaction = group.in_transaction;
    project.run_in_shadow(migration.up, *shadow);
    Schema after = project.of_shadow(*shadow);
    migration.undo = project.compare_exactly(after, before, online).steps;
    migration.undo_in_transaction = all_in_transaction(migration.undo);
    before = std::move(after);
    out.migrations.push_back(std::move(migration));
  }
  require_reached(project, before, desired.schema);
  return out;
}

std::vector<PlannedStep> derive_undo(SchemaProject& project, const std::string& id) {
  const auto shadow = project.make_shadow();
  Migrator migrator = shadow_migrator(project.config(), project.options(), *shadow);
  const auto apply = [&](const std::string& to) {
    const Report report = migrator.run(migrator.plan(ApplyRequest{std::nullopt, to, false, false}));
    if (!report.ok()) throw Error(report.failures.front().code, report.failures);
  };
  std::string before_id;
  bool found = false;
  for (const Migration& migration : migrator.migrations().migrations) {
    found = migration.id == id;
    if (found) break;
    before_id = migration.id;
  }
  if (!found) {
    Failure f;
    f.code = ErrorCode::usage;
    f.message = fmt::format("there is no migration {}", id);
    f.hint = "`flux status` lists them";
    throw Error(std::move(f));
  }
  if (!before_id.empty()) apply(before_id);
  Schema before = project.of_shadow(*shadow);
  apply(id);
  return project.compare_exactly(project.of_shadow(*shadow), std::move(before)).steps;
}

}  // namespace flux
