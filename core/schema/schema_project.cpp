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
  return word.find_first_of(":=") != std::string::npos && !fs::exists(word, error);
}

// By kind and name, by name, or by name without its schema.
bool is_named(const Fact& fact, const std::string& pattern) {
  const auto matches = [&](const std::string& text) { return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0; };
  if (matches(fact.name.identity) || matches(words(fact.name))) return true;
  if (!fact.schema) return false;
  for (const std::string& prefix : {*fact.schema + ".", "\"" + *fact.schema + "\"."})
    if (fact.name.identity.starts_with(prefix)) {
      const std::string rest = fact.name.identity.substr(prefix.size());
      return matches(rest) || matches(fact.name.kind + " " + rest);
    }
  return false;
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
std::set<FactRef> SchemaProject::ignored(const Schema& schema) const {
  std::set<FactRef> out;
  const std::vector<std::string>& patterns = config_.schema.ignore;
  if (patterns.empty()) return out;
  const auto named = [&](const Fact& fact) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) { return is_named(fact, pattern); });
  };
  for (const Fact& fact : schema.facts())
    for (const Fact* at = &fact; at != nullptr; at = at->parent ? schema.find(*at->parent) : nullptr)
      if (named(*at)) {
        out.insert(fact.name);
        break;
      }
  return out;
}

Schema SchemaProject::visible(Schema schema) const {
  const std::set<FactRef> hidden = ignored(schema);
  if (hidden.empty()) return schema;
  return schema.filtered([&](const Fact& fact) { return hidden.count(fact.name) == 0; });
}

// Made again along with what it belongs to where that is rebuilt, as everything else is; and what it needs cannot go.
void SchemaProject::leave_ignored_alone(Schema& from, Schema& to) const {
  to = visible(std::move(to));
  const std::set<FactRef> hidden = ignored(from);
  std::vector<FactRef> open;
  for (const Fact& fact : from.facts()) {
    const Fact* above = &fact;
    while (hidden.count(above->name) != 0 && above->parent && from.find(*above->parent) != nullptr) above = from.find(*above->parent);
    // What is ignored goes with what it belongs to.
    const bool stays = hidden.count(above->name) != 0 || to.find(above->name) != nullptr;
    if (hidden.count(fact.name) != 0 && stays) open.push_back(fact.name);
  }
  std::set<FactRef> stay;
  while (!open.empty()) {
    const Fact* fact = from.find(open.back());
    open.pop_back();
    if (fact == nullptr || to.find(fact->name) != nullptr || !stay.insert(fact->name).second) continue;
    if (fact->parent) open.push_back(*fact->parent);
    for (const Dependency& d : fact->dependencies) open.push_back(d.on);
    for (const Fact* child : from.children(fact->name)) open.push_back(child->name);
  }
  for (const Fact& fact : from.facts())
    if (stay.count(fact.name) != 0) to.add(fact);
}

Schema SchemaProject::of_database(const Uri& uri) {
  Backend database(library_, config_, options_.log);
  database.connect(uri);
  return database.inspect();
}

Schema SchemaProject::of_shadow(Shadow& shadow) { return shadow.backend().inspect(); }

std::unique_ptr<Shadow> SchemaProject::make_shadow() { return std::make_unique<Shadow>(ShadowMaker{library_, config_, options_.log}); }

DesiredSchema SchemaProject::of_resources() {
  DesiredSchema out;
  out.definitions = read_definitions(config_, tool_);
  const auto shadow = make_shadow();
  load_definitions(out.definitions, shadow->backend());
  out.schema = of_shadow(*shadow);
  return out;
}

DesiredSchema SchemaProject::of_file(const std::string& path) {
  DesiredSchema out;
  if (path.ends_with(".json") && !fs::is_directory(path)) {
    out.schema = read_snapshot(read_whole(path), backend().name, path);
    return out;
  }
  out.definitions = read_definitions(fs::path(path), tool_);
  const auto shadow = make_shadow();
  load_definitions(out.definitions, shadow->backend());
  out.schema = of_shadow(*shadow);
  return out;
}

bool SchemaProject::needs_repeatables() {
  if (needs_repeatables_) return *needs_repeatables_;
  const auto shadow = make_shadow();
  Migrator migrator = shadow_migrator(config_, options_, *shadow);
  needs_repeatables_ = false;
  if (!migrator.migrations().repeatables.empty()) {
    MigratorOptions without = options_;
    without.repeatables = false;
    needs_repeatables_ = !replay(config_, without, *shadow).empty();
  }
  return *needs_repeatables_;
}

std::unique_ptr<Shadow> SchemaProject::make_migrated_shadow() {
  MigratorOptions options = options_;
  options.repeatables = needs_repeatables();
  auto shadow = make_shadow();
  apply_all(config_, options, *shadow);
  return shadow;
}

Schema SchemaProject::of_migrations() { return of_shadow(*make_migrated_shadow()); }

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

DesiredSchema SchemaProject::of_word(const std::string& word) {
  if (word == "migrations") return {of_migrations(), {}};
  std::error_code error;
  if (fs::exists(word, error)) return of_file(word);
  if (is_uri(word)) return {of_database(Uri(word)), {}};
  Failure f;
  f.code = ErrorCode::usage;
  f.message = fmt::format("\"{}\" is no schema, and there is no such file", word);
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

std::vector<PlannedStep> SchemaProject::rename(Schema& from, const Schema& to, const NextRename& next, std::vector<Rename>& done) {
  std::vector<PlannedStep> steps;
  std::unique_ptr<Shadow> shadow;
  const auto wish = [&]() -> std::optional<Rename> {
    if (!next) return std::nullopt;
    if (auto said = next(from, to)) return said;
    auto implied = implied_rename(done, from, to);
    return implied && tool_.change(change_of(*implied, from, to)) ? implied : std::nullopt;
  };
  while (const auto wanted = wish()) {
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

SchemaChanges SchemaProject::compare(Schema from, Schema to, bool online, const NextRename& next) {
  std::vector<Rename> renames;
  std::vector<PlannedStep> first = rename(from, to, next, renames);
  Schema settled_from = settled(from, to, [this](const Schema& facts) { return made(facts); });
  SchemaChanges out = compare_exactly(std::move(settled_from), std::move(to), online);
  out.steps.insert(out.steps.begin(), first.begin(), first.end());
  out.renames = std::move(renames);
  return out;
}

SchemaChanges SchemaProject::compare_exactly(Schema from, Schema to, bool online) {
  leave_ignored_alone(from, to);
  SchemaChanges out;
  out.from = std::move(from);
  out.to = std::move(to);
  out.differences = differences(out.from, out.to);
  std::erase_if(out.differences, [](const Difference& d) { return d.fact().unmodelled; });
  if (!out.differences.empty()) out.steps = plan_change(out.from, out.to, change(), online);
  return out;
}

}  // namespace flux
