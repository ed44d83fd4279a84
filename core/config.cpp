#include <flux/core/config.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>

#include <flux/core/duration.hpp>

#include "config_file.hpp"

namespace flux {
namespace {

namespace fs = std::filesystem;

constexpr const char* default_file = "flux.toml";

std::optional<std::string> process_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

// An empty variable counts as not set, as `FLUX_ENV= flux …` means it.
std::optional<std::string> variable(const ConfigRequest& request, const std::string& name) {
  const auto value = request.getenv ? request.getenv(name) : process_variable(name);
  return value && !value->empty() ? value : std::nullopt;
}

class Loader {
 public:
  Loader(const ConfigRequest& request, fs::path file) : request_(request) {
    config_.file = std::move(file);
    config_.environment = request.environment ? request.environment : variable(request, "FLUX_ENV");
  }

  Config load() {
    for (ConfigSection& section : read_config_file(config_.file)) sections_.emplace(section.name, std::move(section));
    check_sections();
    const ConfigSection* flux = section("flux");
    const ConfigSection* environment = config_.environment ? section("environments." + *config_.environment) : nullptr;
    if (config_.environment && environment == nullptr) unknown_environment();
    if (flux == nullptr) problem({config_.file.string(), 0, 0, ""}, "the table [flux] is missing", "run `flux init` in an empty folder to see one");
    if (flux != nullptr) read_settings(*flux);
    if (environment != nullptr) read_settings(*environment);
    if (flux != nullptr) require_keys(*flux);
    if (const ConfigSection* backend = section("backend")) read_backend(*backend);
    read_schema(section("schema"));
    choose_uri();
    if (!problems_.empty()) throw Error(ErrorCode::config, std::move(problems_));
    return std::move(config_);
  }

 private:
  using Setter = void (Loader::*)(const ConfigEntry&);
  struct KeyRow {
    const char* key;
    const char* type;
    Setter set;
  };
  static const std::vector<KeyRow>& key_rows() {
    static const std::vector<KeyRow> rows = {
        {"backend", "a string", &Loader::set_backend},
        {"migration_directory", "a string", &Loader::set_directory},
        {"database_uri", "a string", &Loader::set_uri},
        {"database_uri_command", "a list of strings", &Loader::set_uri_command},
        {"namespace", "a string", &Loader::set_namespace},
        {"apply_repeatable_on_undo", "a boolean", &Loader::set_repeatable_on_undo},
        {"lock_timeout", "a string", &Loader::set_lock_timeout},
        {"statement_lock_timeout", "a string", &Loader::set_statement_lock_timeout},
        {"statement_timeout", "a string", &Loader::set_statement_timeout},
        {"lock_retries", "an integer", &Loader::set_lock_retries},
        {"batch", "a boolean", &Loader::set_batch},
        {"log_level", "a string", &Loader::set_log_level},
    };
    return rows;
  }

  static const std::vector<KeyRow>& schema_rows() {
    static const std::vector<KeyRow> rows = {
        {"resources", "a string", &Loader::set_resources},
        {"command", "a list of strings", &Loader::set_schema_command},
        {"shadow_uri", "a string", &Loader::set_shadow_uri},
        {"ignore", "a list of strings", &Loader::set_ignore},
        {"renames", "a string", &Loader::set_renames},
    };
    return rows;
  }

  const ConfigSection* section(const std::string& name) const {
    const auto at = sections_.find(name);
    return at != sections_.end() ? &at->second : nullptr;
  }

  void problem(SourcePosition where, std::string message, std::string hint = "") {
    Failure f;
    f.code = ErrorCode::config;
    f.message = std::move(message);
    f.where = std::move(where);
    f.hint = std::move(hint);
    problems_.push_back(std::move(f));
  }

  void unknown(const SourcePosition& where, const std::string& what, const std::string& word, const std::vector<std::string>& known) {
    const auto near = nearest(word, known);
    problem(where, fmt::format("unknown {} \"{}\"", what, word), near ? fmt::format("did you mean \"{}\"?", *near) : "");
  }

  void check_sections() {
    for (const auto& [name, section] : sections_) {
      if (name.empty()) {
        for (const ConfigEntry& e : section.entries)
          unknown(e.where, "key outside of a table:", e.key, {});
      } else if (name != "flux" && name != "backend" && name != "schema" && !name.starts_with("environments.")) {
        unknown(section.where, "table", name, {"flux", "backend", "schema", "environments"});
      }
      // Sections that are not chosen are read as well, so that a slip in them is seen before the day they are needed.
      if (name.starts_with("environments.") && name != "environments." + config_.environment.value_or("")) check_keys(section);
    }
  }

  void unknown_environment() {
    std::vector<std::string> names;
    for (const auto& [name, section] : sections_)
      if (name.starts_with("environments.")) names.push_back(name.substr(13));
    std::string hint = names.empty() ? "there is no table [environments.NAME]" : "there are:";
    for (const std::string& name : names) hint += " " + name;
    problem({config_.file.string(), 0, 0, ""}, fmt::format("unknown environment \"{}\"", Uri(*config_.environment).redacted()), hint);
  }

  const KeyRow* check_entry(const ConfigEntry& e, const std::vector<KeyRow>& rows = key_rows()) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const KeyRow& r) { return e.key == r.key; });
    if (row == rows.end()) {
      std::vector<std::string> known;
      for (const KeyRow& r : rows) known.emplace_back(r.key);
      unknown(e.where, "key", e.key, known);
      return nullptr;
    }
    if (e.type != row->type) {
      problem(e.where, fmt::format("the key \"{}\" must be {}, not {}", e.key, row->type, e.type));
      return nullptr;
    }
    return &*row;
  }

  void check_keys(const ConfigSection& section) {
    for (const ConfigEntry& e : section.entries) check_entry(e);
  }

  void read_settings(const ConfigSection& section) {
    bool uri = false, command = false;
    const ConfigEntry* second = nullptr;  // of the two that exclude each other
    for (const ConfigEntry& e : section.entries) {
      const KeyRow* row = check_entry(e);
      if (row == nullptr) continue;
      (this->*row->set)(e);
      uri = uri || e.key == "database_uri";
      command = command || e.key == "database_uri_command";
      if (uri && command && second == nullptr) second = &e;
    }
    if (second != nullptr) problem(second->where, "database_uri and database_uri_command exclude each other", "remove one of them");
    // What this section says of the target replaces what an earlier one said.
    if (uri) command_ = nullptr;
    if (command) uri_ = nullptr;
  }

  void require_keys(const ConfigSection& flux) {
    if (config_.backend.empty() && !said(flux, "backend"))
      problem(flux.where, "the key \"backend\" is missing", "name the kind of database, as `flux backends` lists them: backend = \"sqlite\"");
    if (config_.migration_directory.empty() && !said(flux, "migration_directory"))
      problem(flux.where, "the key \"migration_directory\" is missing", "add migration_directory = \"migrations\"");
  }

  static bool said(const ConfigSection& section, std::string_view key) {
    return std::any_of(section.entries.begin(), section.entries.end(), [&](const ConfigEntry& e) { return e.key == key; });
  }

  // The text with ${NAME} replaced; "$${" stands for "${". nullopt, with `why`, where a variable is not set.
  std::optional<std::string> expanded(const std::string& text, Failure& why, const SourcePosition& where) const {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      if (text.compare(at, 3, "$${") == 0) {
        out += "${";
        at += 3;
        continue;
      }
      const std::size_t end = text.compare(at, 2, "${") == 0 ? text.find('}', at) : std::string::npos;
      if (end == std::string::npos) {
        out += text[at++];
        continue;
      }
      const std::string name = text.substr(at + 2, end - at - 2);
      const auto value = request_.getenv ? request_.getenv(name) : process_variable(name);
      if (!value) {
        why.code = ErrorCode::config;
        why.message = fmt::format("the environment variable {} is not set", name);
        why.where = where;
        return std::nullopt;
      }
      out += *value;
      at = end + 1;
    }
    return out;
  }

  std::string text_of(const ConfigEntry& e) {
    Failure why;
    const auto text = expanded(std::get<std::string>(e.value), why, e.where);
    if (!text) problems_.push_back(std::move(why));
    return text.value_or("");
  }

  void set_backend(const ConfigEntry& e) {
    config_.backend = text_of(e);
    const bool good = !config_.backend.empty() && config_.backend[0] >= 'a' && config_.backend[0] <= 'z' &&
                      std::all_of(config_.backend.begin(), config_.backend.end(),
                                  [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
    if (!good)
      problem(e.where, fmt::format("\"{}\" cannot be the name of a backend", config_.backend),
              "a name has lower case letters, digits and _; a folder is given with --backend-dir");
  }
  void set_directory(const ConfigEntry& e) {
    const fs::path given = text_of(e);
    if (given.empty()) problem(e.where, "the key \"migration_directory\" is empty");
    config_.migration_directory = (config_.file.parent_path() / given).lexically_normal();
  }
  void set_uri(const ConfigEntry& e) { uri_ = &e; }
  void set_uri_command(const ConfigEntry& e) { command_ = &e; }
  void set_namespace(const ConfigEntry& e) { config_.name_space = text_of(e); }
  void set_repeatable_on_undo(const ConfigEntry& e) { config_.apply_repeatable_on_undo = std::get<bool>(e.value); }
  std::optional<std::chrono::milliseconds> duration_of(const ConfigEntry& e) {
    const auto duration = parse_duration(text_of(e));
    if (!duration) problem(e.where, fmt::format("the key \"{}\" must be a duration like \"60s\", \"500ms\" or \"2m\"", e.key));
    return duration;
  }
  void set_lock_timeout(const ConfigEntry& e) { config_.lock_timeout = duration_of(e).value_or(config_.lock_timeout); }
  void set_statement_lock_timeout(const ConfigEntry& e) {
    config_.statement_lock_timeout = duration_of(e).value_or(config_.statement_lock_timeout);
  }
  void set_statement_timeout(const ConfigEntry& e) { config_.statement_timeout = duration_of(e); }
  void set_lock_retries(const ConfigEntry& e) {
    const std::int64_t retries = std::get<std::int64_t>(e.value);
    if (retries < 0 || retries > 1000) problem(e.where, "the key \"lock_retries\" must be a number from 0 to 1000");
    else config_.lock_retries = static_cast<int>(retries);
  }
  void set_batch(const ConfigEntry& e) { config_.batch = std::get<bool>(e.value); }
  void set_log_level(const ConfigEntry& e) {
    const auto level = parse_log_level(text_of(e));
    if (level) config_.log_level = *level;
    else problem(e.where, "the key \"log_level\" must be one of trace, debug, info, warn, error, off");
  }

  void read_backend(const ConfigSection& backend) {
    for (const ConfigEntry& e : backend.entries) {
      BackendSetting setting{e.key, {}, e.where};
      if (std::holds_alternative<std::monostate>(e.value)) {
        problem(e.where, fmt::format("the key \"{}\" is {}, which no backend takes", e.key, e.type));
        continue;
      }
      if (std::holds_alternative<std::string>(e.value)) setting.value = text_of(e);
      else if (const auto* i = std::get_if<std::int64_t>(&e.value)) setting.value = *i;
      else if (const auto* f = std::get_if<double>(&e.value)) setting.value = *f;
      else if (const auto* b = std::get_if<bool>(&e.value)) setting.value = *b;
      else setting.value = std::get<std::vector<std::string>>(e.value);
      config_.backend_settings.push_back(std::move(setting));
    }
  }

  void read_schema(const ConfigSection* schema) {
    config_.schema.resources = config_.file.parent_path() / "schema";
    if (schema == nullptr) return;
    for (const ConfigEntry& e : schema->entries)
      if (const KeyRow* row = check_entry(e, schema_rows())) (this->*row->set)(e);
    const auto both = [&](const ConfigEntry& e) { return e.key == "command" && said(*schema, "resources"); };
    const auto second = std::find_if(schema->entries.begin(), schema->entries.end(), both);
    if (second != schema->entries.end()) problem(second->where, "resources and command exclude each other", "remove one of them");
  }
  void set_resources(const ConfigEntry& e) {
    const fs::path given = text_of(e);
    if (given.empty()) problem(e.where, "the key \"resources\" is empty");
    config_.schema.resources = (config_.file.parent_path() / given).lexically_normal();
  }
  void set_schema_command(const ConfigEntry& e) {
    config_.schema.command = std::get<std::vector<std::string>>(e.value);
    if (config_.schema.command.empty()) problem(e.where, "the key \"command\" is empty");
  }
  void set_shadow_uri(const ConfigEntry& e) { config_.schema.shadow_uri = Uri(text_of(e)); }
  void set_ignore(const ConfigEntry& e) { config_.schema.ignore = std::get<std::vector<std::string>>(e.value); }
  void set_renames(const ConfigEntry& e) {
    const std::string word = text_of(e);
    if (word == "annotate") config_.schema.renames = Renames::annotate;
    else if (word == "propose") config_.schema.renames = Renames::propose;
    else problem(e.where, "the key \"renames\" must be annotate or propose");
  }

  void choose_uri() {
    std::error_code ignored;
    const auto from_outside = request_.database_uri ? request_.database_uri : variable(request_, "FLUX_DATABASE_URI");
    config_.database_uri_base = fs::absolute(from_outside ? request_.working_directory : request_.working_directory / config_.file.parent_path(), ignored)
                                    .lexically_normal();
    if (from_outside) {
      config_.database_uri = Uri(*from_outside);
    } else if (uri_ != nullptr) {
      Failure why;
      if (auto text = expanded(std::get<std::string>(uri_->value), why, uri_->where)) {
        config_.database_uri = Uri(*text);
      } else {
        why.hint = "set it, or give the URI on the command line";
        config_.database_uri_problem = std::move(why);
      }
    } else if (command_ != nullptr) {
      config_.database_uri_command = std::get<std::vector<std::string>>(command_->value);
      if (config_.database_uri_command.empty()) problem(command_->where, "the key \"database_uri_command\" is empty");
    }
  }

  const ConfigRequest& request_;
  Config config_;
  std::map<std::string, ConfigSection> sections_;
  const ConfigEntry* uri_ = nullptr;      // the entry that counts, of the two sections
  const ConfigEntry* command_ = nullptr;
  std::vector<Failure> problems_;
};

}  // namespace

std::optional<LogLevel> parse_log_level(std::string_view word) {
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower == "warning") lower = "warn";
  static constexpr const char* names[] = {"trace", "debug", "info", "warn", "error", "off"};
  for (int i = 0; i < 6; ++i)
    if (lower == names[i]) return static_cast<LogLevel>(i);
  return std::nullopt;
}

std::optional<fs::path> find_config(const ConfigRequest& request) {
  if (request.file) return request.file;
  if (const auto named = variable(request, "FLUX_CONFIG")) return fs::path(*named);
  std::error_code error;
  fs::path start = fs::absolute(request.working_directory, error).lexically_normal();
  if (!start.has_filename()) start = start.parent_path();  // "/a/b/" would be its own parent once
  fs::path shown = request.working_directory == "." ? fs::path() : request.working_directory;
  for (fs::path folder = start; !error; folder = folder.parent_path(), shown /= "..") {
    if (fs::exists(folder / default_file, error)) return shown / default_file;
    error.clear();
    if (folder == folder.root_path()) break;
  }
  return std::nullopt;
}

Config load_config(const ConfigRequest& request) {
  const auto file = find_config(request);
  if (!file) {
    Failure f;
    f.code = ErrorCode::config;
    f.message = "there is no flux.toml here or in a parent folder";
    f.hint = "run `flux init` to make one, or name it with --config";
    throw Error(std::move(f));
  }
  return Loader(request, *file).load();
}

}  // namespace flux
