// From differences to migrations with their undo.
#pragma once

#include <flux/core/schema/schema_project.hpp>
#include <flux/core/schema/sync.hpp>

namespace flux {

// What one migration file runs, and what undoes it.
struct GeneratedMigration {
  std::vector<PlannedStep> up, undo;
  bool in_transaction = true, undo_in_transaction = true;
  std::string no_undo;  // why there is none: the one that was derived did not pass its proof
};

struct Generated {
  SchemaChanges changes;
  std::vector<GeneratedMigration> migrations;  // none: nothing is to be done
  std::vector<std::string> idle_annotations;   // a sentence each
};

// The migrations from what the directory leads to, to what the resources say; several where statements cannot share a
// transaction. Each was run in a throw-away database as `apply` runs it, and led to what is wanted, and its undo back again.
// Throws Error{backend} where it did not, Error{usage} where something may be a rename and nobody has said so.
Generated generate_migrations(SchemaProject& project, bool online);

// The undo script of the migration `id`: from what it leads to, back to what was there before. What has come and is but for
// its name what has gone, is renamed. Throws Error{usage} where there is no such migration, or it is marked as irreversible.
std::vector<PlannedStep> derive_undo(SchemaProject& project, const std::string& id);

// Throws Error{usage} naming them where something looks renamed, no annotation says so, and [schema] renames asks for it.
void require_no_likely_rename(SchemaProject& project, const SchemaChanges& changes, const std::vector<Definition>& definitions);

}  // namespace flux
