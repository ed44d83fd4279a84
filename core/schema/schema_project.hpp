// Schema as code for one project: the schemas that it knows, and the way from one to another.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <flux/core/migrator.hpp>
#include <flux/core/schema/change_plan.hpp>
#include <flux/core/schema/diff.hpp>
#include <flux/core/schema/renames.hpp>
#include <flux/core/schema/schema.hpp>
#include <flux/core/schema/shadow.hpp>

namespace flux {

// The way from one schema to another. The differences point into the two schemas.
struct SchemaChanges {
  Schema from, to;
  std::vector<Difference> differences;  // but for what is not modelled
  std::vector<PlannedStep> steps;       // renames first
  std::vector<Rename> renames;          // done in `steps`
  bool empty() const noexcept { return differences.empty() && steps.empty(); }
};

// What is wanted, and the annotations in it.
struct DesiredSchema {
  Schema schema;
  std::vector<Definition> definitions;
};

// Facts that stand for something that the backend cannot make.
std::vector<FactRef> unmodelled(const Schema& schema);

class SchemaProject {
 public:
  // Throws Error{backend} where the backend has no schema interface.
  SchemaProject(Config config, MigratorOptions options);

  const Config& config() const noexcept { return config_; }
  const MigratorOptions& options() const noexcept { return options_; }
  const BackendInfo& backend() const noexcept { return library_->info(); }
  // For change() and read_definition() alone: it is not connected.
  ChangeFunction change();

  // Each throws Error; what [schema] ignore names is among it, for the way from one to another to leave it alone.
  Schema of_database(const Uri& uri);
  Schema of_shadow(Shadow& shadow);
  DesiredSchema of_resources();
  DesiredSchema of_file(const std::string& path);  // a folder or file of definitions, or a snapshot
  Schema of_migrations();                          // what the directory leads to
  // What the history of the target leads to: what it should be.
  Schema of_history(Migrator& target);
  // Where neither a target nor [schema] shadow_uri is configured, throw-away databases are made where this word leads to,
  // if it is a URI.
  void offer_server(const std::string& word);
  // What a word of the command line names: "migrations", a URI, a folder, a file.
  DesiredSchema of_word(const std::string& word);

  std::unique_ptr<Shadow> make_shadow();
  // One to which all migrations are applied.
  std::unique_ptr<Shadow> make_migrated_shadow();
  // Whether migrations need what the repeatables make. Where not, these are left out of what the directory leads to: what
  // they make is theirs, and no matter of definitions.
  bool needs_repeatables();
  // Without what [schema] ignore names, and what belongs to that.
  Schema visible(Schema schema) const;

  // Texts that differ only until they are replayed count as the same. What is ignored stays as it is in `from`, with all
  // that it needs. `next`: what is to be renamed; empty: nothing.
  SchemaChanges compare(Schema from, Schema to, bool online = false, const NextRename& next = {});
  // The same of two schemas of one database, or of databases that were made by the same texts: nothing is replayed.
  SchemaChanges compare_exactly(Schema from, Schema to, bool online = false);

  // Runs statements in a shadow, one by one, checking nothing that could be checked later. Throws Error naming the one
  // that failed.
  void run_in_shadow(const std::vector<PlannedStep>& steps, Shadow& shadow);

 private:
  Schema made(const Schema& facts);  // in an empty shadow, then inspected
  std::vector<PlannedStep> rename(Schema& from, const Schema& to, const NextRename& next, std::vector<Rename>& done);
  std::set<FactRef> ignored(const Schema& schema) const;
  void leave_ignored_alone(Schema& from, Schema& to) const;

  Config config_;
  MigratorOptions options_;
  std::shared_ptr<const BackendLibrary> library_;
  Backend tool_;
  std::optional<bool> needs_repeatables_;
};

}  // namespace flux
