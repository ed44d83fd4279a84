// From differences to migrations with their undo.
#pragma once

#include <flux/core/schema/schema_project.hpp>
#include <flux/core/schema/sync.hpp>

namespace flux {

// What one migration file runs, and what undoes it.
struct GeneratedMigration {
  std::vector<PlannedStep> up, undo;
  bool in_transaction = true, undo_in_transaction = true;
};

struct Generated {
  SchemaChanges changes;
  std::vector<GeneratedMigration> migrations;  // none: nothing is to be done
};

// The migrations from what the directory leads to, to what the resources say; several where statements cannot share a
// transaction. Each was run in a throw-away database and led to what is wanted. Throws Error{backend} where it did not,
// Error{usage} where something may be a rename and nobody has said so.
Generated generate_migrations(SchemaProject& project, bool online);

// The undo script of the migration `id`: from what it leads to, back to what was there before.
std::vector<PlannedStep> derive_undo(SchemaProject& project, const std::string& id);

// Throws Error{usage} naming them where something looks renamed, no annotation says so, and [schema] renames asks for it.
void require_no_likely_rename(SchemaProject& project, const SchemaChanges& changes);

}  // namespace flux
