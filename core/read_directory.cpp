#include <flux/core/read_directory.hpp>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include <flux/core/hash.hpp>
#include <flux/core/source_text.hpp>

#include "python_scripts.hpp"

namespace flux {
namespace {

namespace fs = std::filesystem;

enum class Role { up, undo, repeatable };

std::string ascii_lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// The text of a regular file. Opened without waiting, so that a FIFO or a device cannot hold us up.
std::optional<std::string> read_regular_file(const fs::path& path, std::string& why) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) {
    why = std::string("cannot be read: ") + std::strerror(errno);
    return std::nullopt;
  }
  struct stat info {};
  std::string text;
  bool good = ::fstat(fd, &info) == 0;
  if (!good) {
    why = std::string("cannot be read: ") + std::strerror(errno);
  } else if (!S_ISREG(info.st_mode)) {
    why = S_ISDIR(info.st_mode) ? "is a folder, not a script" : "is not a regular file";
    good = false;
  } else {
    text.resize(static_cast<std::size_t>(info.st_size));
    std::size_t have = 0;
    while (true) {
      if (have == text.size()) text.resize(have + 4096);  // it may grow while it is read
      const ssize_t got = ::read(fd, text.data() + have, text.size() - have);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) why = std::string("cannot be read: ") + std::strerror(errno);
      if (got < 0) good = false;
      if (got <= 0) break;
      have += static_cast<std::size_t>(got);
    }
    text.resize(have);
  }
  ::close(fd);
  return good ? std::optional(std::move(text)) : std::nullopt;
}

class Reader {
 public:
  Reader(const fs::path& directory, const std::string& extension, const fs::path& project_folder)
      : directory_(directory), suffix_("." + extension), undo_suffix_(".undo." + extension), project_folder_(project_folder) {
    set_.directory = directory.string();
  }

  MigrationSet read() {
    if (!list(directory_, "", nullptr)) return std::move(set_);
    const Phase phases[] = {Phase::pre_apply, Phase::post_apply};
    for (const Phase& phase : phases) {
      const char* folder = phase == Phase::pre_apply ? "pre-apply" : "post-apply";
      std::error_code ignored;
      if (fs::exists(directory_ / folder, ignored)) list(directory_ / folder, std::string(folder) + "/", &phase);
    }
    read_python();
    assemble();
    return std::move(set_);
  }

 private:
  struct Parts {
    ScriptPtr up, undo;
    std::string up_file, undo_file;
    std::optional<Phase> phase;
  };

  void problem(const std::string& file, std::string message, std::string hint = "", int line = 0) {
    Failure f;
    f.code = ErrorCode::directory;
    f.message = std::move(message);
    f.where = SourcePosition{file, line, 0, ""};
    f.hint = std::move(hint);
    set_.problems.push_back(std::move(f));
  }

  // Sorts the entries of one folder into migrations; `phase` is null for the directory itself.
  bool list(const fs::path& folder, const std::string& prefix, const Phase* phase) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
      names.push_back(at->path().filename().string());
    if (error) {
      const bool missing = error == std::errc::no_such_file_or_directory;
      problem(folder.string(), missing ? "the migration directory does not exist" : "the folder cannot be read: " + error.message(),
              missing && phase == nullptr ? "create it, or correct migration_directory in flux.toml" : "");
      return false;
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      if (name.starts_with('.') || name == "__init__.py") continue;
      const std::string file = (folder / name).string();
      if (name.ends_with(undo_suffix_)) add_undo(folder / name, prefix + name.substr(0, name.size() - undo_suffix_.size()), phase);
      else if (name.ends_with(suffix_)) add_script(folder / name, prefix + name.substr(0, name.size() - suffix_.size()), phase);
      else if (name.ends_with(".py")) add_python(folder / name, prefix + name.substr(0, name.size() - 3), phase);
      else if (ascii_lower(name).ends_with(suffix_))
        set_.warnings.push_back(fmt::format("{} is ignored: its extension is not \"{}\"", file, suffix_));
    }
    return true;
  }

  // False, with a problem, where the name cannot be an id.
  bool good_name(const fs::path& path) {
    if (!first_bad_byte(path.filename().string())) return true;
    problem(path.string(), "the file name is not valid UTF-8", "rename it");
    return false;
  }

  void add_undo(const fs::path& path, const std::string& id, const Phase* phase) {
    if (!good_name(path)) return;
    if (phase != nullptr)
      return problem(path.string(), "a repeatable script cannot have an undo script", "move it out of this folder");
    Parts& parts = parts_[id];
    parts.undo_file = path.string();
    parts.undo = read_script(path, id, Role::undo);
  }

  // Makes `path` the up script of `id`; null, with a problem, where it cannot be.
  Parts* claim(const fs::path& path, const std::string& id, const Phase* phase) {
    if (!good_name(path)) return nullptr;
    Parts& parts = parts_[id];
    if (!parts.up_file.empty()) {
      problem(path.string(), fmt::format("two files have the id {}: {} is the other", id, parts.up_file), "rename one of them");
      return nullptr;
    }
    if (phase != nullptr) parts.phase = *phase;
    parts.up_file = path.string();
    return &parts;
  }

  void add_script(const fs::path& path, const std::string& id, const Phase* phase) {
    if (Parts* parts = claim(path, id, phase)) parts->up = read_script(path, id, phase != nullptr ? Role::repeatable : Role::up);
  }

  void add_python(const fs::path& path, const std::string& id, const Phase* phase) {
    if (id.ends_with(".undo"))
      return problem(path.string(), "the undo of a Python migration is its function undo()", fmt::format("put it into {}.py", id.substr(0, id.size() - 5)));
    std::error_code error;
    if (!fs::is_regular_file(path, error))
      return problem(path.string(), path.string() + (error ? " cannot be read: " + error.message() : std::string(" is not a regular file")));
    if (claim(path, id, phase) == nullptr) return;
    python_files_.push_back({path, path.string(), phase != nullptr});
    python_ids_.push_back(id);
  }

  void read_python() {
    const std::vector<PythonScripts> results = evaluate_python(python_files_, project_folder_);
    for (std::size_t i = 0; i < results.size(); ++i) {
      Parts& parts = parts_[python_ids_[i]];
      if (results[i].problem) {
        set_.problems.push_back(*results[i].problem);
        continue;
      }
      const bool repeatable = python_files_[i].repeatable;
      parts.up = make_script(python_files_[i].name, python_ids_[i], results[i].up, repeatable ? Role::repeatable : Role::up, true);
      if (!results[i].undo) continue;
      if (!parts.undo_file.empty())
        problem(parts.undo_file, fmt::format("{} has an undo() already", python_files_[i].name), "remove one of them");
      parts.undo_file = python_files_[i].name;
      parts.undo = make_script(python_files_[i].name, python_ids_[i], *results[i].undo, Role::undo, true);
    }
  }

  ScriptPtr read_script(const fs::path& path, const std::string& id, Role role) {
    std::string why;
    auto text = read_regular_file(path, why);
    if (!text) {
      problem(path.string(), path.string() + " " + why);
      return nullptr;
    }
    return make_script(path.string(), id, normalise(std::move(*text)), role, false);
  }

  static ScriptPtr make_script(const std::string& file, const std::string& id, std::string text, Role role, bool generated) {
    auto script = std::make_shared<Script>();
    script->file = file;
    script->hash = script_hash(text);
    script->content = std::make_shared<const std::string>(std::move(text));
    script->generated = generated;
    const auto inside = [&](std::size_t offset, std::string message, std::string hint) {
      Failure f;
      f.code = ErrorCode::directory;
      f.message = std::move(message);
      f.migration_id = id;
      f.where = position_at(file, script->text(), offset);
      f.hint = std::move(hint);
      script->problems.push_back(std::move(f));
    };
    if (const auto bad = first_bad_byte(script->text())) {
      const bool nul = script->text()[*bad] == '\0';
      inside(*bad, fmt::format("{} at byte {}", nul ? "a NUL byte" : "invalid UTF-8", *bad),
             nul ? "remove it" : "save the file as UTF-8");
      script->problems.back().where->line_text.clear();  // it cannot be shown
    }
    std::vector<DirectiveProblem> wrong;
    script->directives = parse_directives(script->text(), wrong);
    for (DirectiveProblem& p : wrong) inside(p.offset, std::move(p.message), std::move(p.hint));
    const std::size_t first = 0;
    // A file of dbmate, goose or sql-migrate holds both scripts: all of it would run.
    for (const char* mark : {"\n-- migrate:down", "\n-- +goose Down", "\n-- +migrate Down"})
      if (const std::size_t at = role == Role::up ? script->text().find(mark) : std::string::npos; at != std::string::npos)
        inside(at + 1, "an up script that holds its undo script as well", fmt::format("move this line and what follows into a file of its own, {}.undo with the same extension", id));
    if (script->directives.draft) inside(first, "it is still a draft", "write it, then remove the line \"-- flux: draft\"");
    if (script->directives.irreversible && role != Role::up)
      inside(first, "the directive \"irreversible\" belongs into the up script of a migration", "remove it here");
    if (script->directives.on_change && role != Role::repeatable)
      inside(first, "the directive \"run\" belongs into scripts in pre-apply/ and post-apply/", "remove it here");
    return script;
  }

  // golang-migrate's ID.up.sql and ID.down.sql would be two migrations here, the second undoing the first.
  void refuse_pair_of_another_tool(const std::string& id, const Parts& parts) {
    if (!id.ends_with(".down")) return;
    const std::string stem = id.substr(0, id.size() - 5);
    if (parts_.contains(stem + ".up"))
      problem(parts.up_file, fmt::format("{0}.up{1} and {0}.down{1} would be two migrations", stem, suffix_),
              fmt::format("rename them to {0}{1} and {0}.undo{1}", stem, suffix_));
  }

  void assemble() {
    std::map<std::string, const Parts*> lower_ids;
    for (auto& [id, parts] : parts_) {
      if (parts.up_file.empty()) {
        problem(parts.undo_file, fmt::format("an undo script without an up script: {}{} is missing", id, suffix_));
        continue;
      }
      refuse_pair_of_another_tool(id, parts);
      const auto [other, is_new] = lower_ids.emplace(ascii_lower(id), &parts);
      if (!is_new)
        problem(parts.up_file, fmt::format("its id differs only in case from that of {}", other->second->up_file), "rename one of them");
      if (parts.up == nullptr) {
        set_.unread.push_back(id);
        continue;
      }
      if (parts.phase) {
        set_.repeatables.push_back({id, *parts.phase, parts.up});
        continue;
      }
      if (parts.undo != nullptr && is_blank(parts.undo->text())) parts.undo = nullptr;
      set_.migrations.push_back({id, parts.up, parts.undo});
    }
    std::stable_sort(set_.repeatables.begin(), set_.repeatables.end(), [](const Repeatable& a, const Repeatable& b) { return a.phase < b.phase; });
  }

  fs::path directory_;
  std::string suffix_, undo_suffix_;
  fs::path project_folder_;
  MigrationSet set_;
  std::map<std::string, Parts> parts_;  // by id, bytewise: std::string compares bytes as unsigned char
  std::vector<PythonFile> python_files_;
  std::vector<std::string> python_ids_;
};

}  // namespace

MigrationSet read_directory(const fs::path& directory, const std::string& extension, const fs::path& project_folder) {
  return Reader(directory, extension, project_folder).read();
}

}  // namespace flux
