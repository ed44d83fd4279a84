#include <flux/core/schema/schema_project.hpp>

#include <fmt/core.h>
#include <fnmatch.h>

#include <fstream>
#include <sstream>

#include <flux/core/schema/replay.hpp>
#include <flux/core/schema/settle.hpp>
#include <flux/core/schema/snapshot.hpp>

namespace flux {
namespace {

namespace fs = std::filesystem;

std::string read_whole(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (in && text) return text.str();
  Failure f;
  f.code = ErrorCode::directory;
  f.message = fmt::format("{} cannot be read", file.string());
  throw Error(std::move(f));
}

bool is_uri(const std::string& word) {
  std::error_code error;
  return word.find(':') != std::string::npos && !fs::exists(word, error);
}

ScriptPtr script_of(const PlannedStep& step) { return Script::make(fmt::format("(to {} the {})", name(step.kind), words(step.about)), step.step.sql); }

}  // namespace

std::vector<FactRef> unmodelled(const Schema& schema) {
  std::vector<FactRef> out;
  for (const Fact& fact : schema.facts())
    if (fact.unmodelled) out.push_back(fact.name);
  return out;
}

SchemaProject::SchemaProject(Config config, MigratorOptions options)
    : config_(std::move(config)),
      options_(std::move(options)),
      library_(BackendLibrary::load(find_backend(options_.search, config_.backend), config_.backend)),
      tool_(library_, config_, options_.log) {
  if (tool_.can_schema()) return;
  Failure f;
  f.code = ErrorCode::backend;
  f.message = fmt::format("the backend {} has no schema as code", config_.backend);
  f.hint = fmt::format("`flux backends {}` shows what it can do", config_.backend);
  throw Error(std::move(f));
}

ChangeFunction SchemaProject::change() {
  return [this](const SchemaChange& change) { return tool_.change(change); };
}

// What an ignored fact has below it is ignored with it.
Schema SchemaProject::visible(Schema schema) const {
  if (config_.schema.ignore.empty()) return schema;
  const auto ignored = [&](const Fact& fact) {
    return std::any_of(config_.schema.ignore.begin(), config_.schema.ignore.end(), [&](const std::string& pattern) {
      return ::fnmatch(pattern.c_str(), fact.name.identity.c_str(), 0) == 0 || ::fnmatch(pattern.c_str(), words(fact.name).c_str(), 0) == 0;
    });
  };
  return schema.filtered([&](const Fact& fact) {
    for (const Fact* at = &fact; at != nullptr; at = at->parent ? schema.find(*at->parent) : nullptr)
      if (ignored(*at)) return false;
    return true;
  });
}

Schema SchemaProject::of_database(const Uri& uri) {
  Backend database(library_, config_, options_.log);
  database.connect(uri);
  return visible(database.inspect());
}

Schema SchemaProject::of_shadow(Shadow& shadow) { return visible(shadow.backend().inspect()); }

std::unique_ptr<Shadow> SchemaProject::make_shadow() { return std::make_unique<Shadow>(ShadowMaker{library_, config_, options_.log}); }

DesiredSchema SchemaProject::of_resources() {
  DesiredSchema out;
  out.definitions = read_definitions(config_, tool_);
  const auto shadow = make_shadow();
  load_definitions(out.definitions, shadow->backend());
  out.schema = of_shadow(*shadow);
  return out;
}

Schema SchemaProject::of_file(const std::string& path) {
  if (path.ends_with(".json") && !fs::is_directory(path)) return visible(read_snapshot(read_whole(path), backend().name, path));
  const std::vector<Definition> definitions = read_definitions(fs::path(path), tool_);
  const auto shadow = make_shadow();
  load_definitions(definitions, shadow->backend());
  return of_shadow(*shadow);
}

Schema SchemaProject::of_migrations() {
  const auto shadow = make_shadow();
  apply_all(config_, options_, *shadow);
  return of_shadow(*shadow);
}

Schema SchemaProject::of_history(Migrator& target) {
  const auto shadow = make_shadow();
  const std::vector<Migrator::AppliedScript> scripts = target.applied_scripts();
  if (!scripts.empty()) {
    const AppliedFolder folder(scripts, backend().script_extension);
    Config of_folder = config_;
    of_folder.migration_directory = folder.path();
    apply_all(of_folder, options_, *shadow);
  }
  return of_shadow(*shadow);
}

void SchemaProject::offer_server(const std::string& word) {
  const bool known = config_.schema.shadow_uri || config_.database_uri || !config_.database_uri_command.empty();
  if (!known && is_uri(word)) config_.database_uri = Uri(word);
}

Schema SchemaProject::of_word(const std::string& word) {
  if (word == "migrations") return of_migrations();
  std::error_code error;
  if (fs::exists(word, error)) return of_file(word);
  if (is_uri(word)) return of_database(Uri(word));
  Failure f;
  f.code = ErrorCode::usage;
  f.message = fmt::format("\"{}\" is no schema", word);
  f.hint = "give a database URI, a folder or file of definitions, a snapshot (*.json), or the word migrations";
  throw Error(std::move(f));
}

void SchemaProject::run_in_shadow(const std::vector<PlannedStep>& steps, Shadow& shadow) {
  for (const PlannedStep& step : steps) {
    const ScriptPtr script = script_of(step);
    shadow.backend().load(*script, {0, script->text().size()});
  }
}

Schema SchemaProject::made(const Schema& facts) {
  const auto shadow = make_shadow();
  run_in_shadow(plan_change(Schema(), facts, change()), *shadow);
  return of_shadow(*shadow);
}

std::vector<PlannedStep> SchemaProject::rename(Schema& from, const Schema& to, const std::vector<Definition>& definitions, std::vector<Rename>& done) {
  std::vector<PlannedStep> steps;
  std::unique_ptr<Shadow> shadow;
  while (const auto wanted = annotated_rename(definitions, from, to)) {
    const auto renamed = tool_.change(change_of(*wanted, from, to));
    if (!renamed) {
      Failure f;
      f.code = ErrorCode::backend;
      f.message = fmt::format("the backend {} cannot rename a {}: {}", backend().name, wanted->from.kind, words(*wanted));
      f.hint = "take the annotation away, and write the migration by hand";
      throw Error(std::move(f));
    }
    // What else has changed with the name, in the texts of others, the database itself shows.
    if (shadow == nullptr) {
      shadow = make_shadow();
      run_in_shadow(plan_change(Schema(), from, this->change()), *shadow);
    }
    std::vector<PlannedStep> now;
    for (const SchemaStep& step : *renamed) now.push_back({ChangeKind::alter, wanted->to, step});
    run_in_shadow(now, *shadow);
    steps.insert(steps.end(), now.begin(), now.end());
    done.push_back(*wanted);
    from = of_shadow(*shadow);
  }
  return steps;
}

SchemaChanges SchemaProject::compare(Schema from, Schema to, bool online, const std::vector<Definition>& definitions) {
  std::vector<Rename> renames;
  std::vector<PlannedStep> first = rename(from, to, definitions, renames);
  Schema settled_from = settled(from, to, [this](const Schema& facts) { return made(facts); });
  SchemaChanges out = compare_exactly(std::move(settled_from), std::move(to), online);
  out.steps.insert(out.steps.begin(), first.begin(), first.end());
  out.renames = std::move(renames);
  return out;
}

SchemaChanges SchemaProject::compare_exactly(Schema from, Schema to, bool online) {
  SchemaChanges out;
  out.from = std::move(from);
  out.to = std::move(to);
  out.differences = differences(out.from, out.to);
  std::erase_if(out.differences, [](const Difference& d) { return d.fact().unmodelled; });
  if (!out.differences.empty()) out.steps = plan_change(out.from, out.to, change(), online);
  return out;
}

}  // namespace flux
