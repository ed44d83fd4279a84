// flux generate and flux undo
#include <fmt/core.h>

#include <flux/core/schema/generate.hpp>

#include "commands.hpp"
#include "migration_id.hpp"
#include "new_file.hpp"
#include "schema/migration_files.hpp"
#include "schema/schema_text.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

namespace fs = std::filesystem;

// "add orders", or "add orders (2 of 3)".
std::string title_of(const std::string& name, std::size_t index, std::size_t count) {
  return count == 1 ? name : fmt::format("{} ({} of {})", name, index + 1, count);
}

class MigrationWriter {
 public:
  MigrationWriter(const Config& config, std::string extension, Result& result)
      : folder_(config.migration_directory), extension_(std::move(extension)), result_(result) {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) throw Error(Failure{ErrorCode::config, fmt::format("cannot create {}: {}", folder_.string(), error.message())});
  }

  void write(const GeneratedMigration& migration, const std::string& title) {
    const NewId id = next_migration_id(folder_, extension_, title);
    write_file(id.id + "." + extension_, migration_text(title, migration.up, migration.in_transaction));
    if (!migration.undo.empty())
      write_file(id.id + ".undo." + extension_, undo_text(title, migration));
    if (!migration.no_undo.empty())
      result_.warnings.push_back(fmt::format("{} has no undo script, for the one that was derived does not lead back: {}", id.id, migration.no_undo));
    ids_.push_back(id.id);
    if (!id.newer.empty())
      result_.warnings.push_back(fmt::format("{} sorts before {}, and is out of order once that one is applied", id.id, id.newer));
  }

  void finish() {
    result_.data["ids"] = ids_;
    result_.data["files"] = files_;
  }

 private:
  void write_file(const std::string& name, const std::string& text) {
    const fs::path path = folder_ / name;
    write_new_file(path, text);
    result_.text += visible(path.string()) + '\n';
    files_.push_back(path.string());
  }

  fs::path folder_;
  std::string extension_;
  Result& result_;
  std::vector<std::string> ids_;
  Json files_ = Json::array();
};

}  // namespace

Result run(const GenerateOptions& options, Session& session) {
  SchemaProject project = session.open_schema({});
  const Generated generated = generate_migrations(project, options.online);
  Result result;
  result.warnings = unmodelled_warnings(project.visible(generated.changes.to));
  result.warnings.insert(result.warnings.end(), generated.idle_annotations.begin(), generated.idle_annotations.end());
  result.data = Json{{"differences", differences_json(generated.changes.differences)},
                     {"steps", steps_json(generated.changes.steps)},
                     {"ids", Json::array()},
                     {"files", Json::array()}};
  if (generated.migrations.empty()) {
    result.text = "nothing to generate: the migrations lead to what the definitions say\n";
    return result;
  }
  if (options.check) {
    result.text = steps_text(generated.changes.steps);
    result.exit_code = 8;
    return result;
  }
  require_no_data_loss(generated.changes.steps, options.allow_data_loss);
  MigrationWriter writer(project.config(), project.backend().script_extension, result);
  for (std::size_t i = 0; i < generated.migrations.size(); ++i)
    writer.write(generated.migrations[i], title_of(options.name, i, generated.migrations.size()));
  writer.finish();
  return result;
}

Result run(const UndoOptions& options, Session& session) {
  SchemaProject project = session.open_schema({});
  const std::vector<PlannedStep> steps = derive_undo(project, options.id);
  Result result;
  const std::string& extension = project.backend().script_extension;
  const fs::path path = project.config().migration_directory / (options.id + ".undo." + extension);
  result.data = Json{{"id", options.id}, {"file", Json()}, {"steps", steps_json(steps)}};
  if (steps.empty()) {
    result.text = fmt::format("nothing to undo: {} changes no definition\n", visible(options.id));
    return result;
  }
  const std::vector<StepGroup> groups = step_groups(steps);
  write_new_file(path, migration_text("undoes: " + options.id, steps, groups.size() == 1 && groups.front().in_transaction));
  result.data["file"] = path.string();
  result.text = visible(path.string()) + '\n';
  return result;
}

}  // namespace flux::cli
