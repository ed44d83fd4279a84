#include <flux/core/read_directory.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <tuple>

#include <flux/core/source_text.hpp>
#include <flux/core/text_store.hpp>

#include "ascii_lower.hpp"
#include "directory_listing.hpp"
#include "in_parallel.hpp"
#include "python_scripts.hpp"
#include "script_file.hpp"

namespace flux {
namespace {

namespace fs = std::filesystem;

// What the scripts and ids of a set point to.
struct Storage {
  std::shared_ptr<const void> history_texts;  // where the ids of applied migrations are
  TextStore ids;
  std::deque<TextStore> texts;  // one for each thread
  std::deque<FileNaming> namings;
  std::deque<std::vector<Script>> scripts;  // one for each folder: they stay where they are
};

// A migration or repeatable while it is put together.
struct Parts {
  std::string_view id;
  const HistoryEntry* row = nullptr;
  Script *up = nullptr, *undo = nullptr;        // null: there is no file
  bool has_up = false, up_is_python = false, has_undo = false;
  bool up_unread = false, undo_unread = false;  // there is one, but it could not be read
};

// A script to be read.
struct Job {
  Script* script;
  std::uint32_t parts;  // in its folder
  std::uint16_t folder;
  ScriptRole role;
};

class Reader {
 public:
  Reader(const fs::path& directory, const std::string& extension, const fs::path& project_folder, const ReadOptions& options)
      : directory_(directory), extension_(extension), suffix_("." + extension), project_folder_(project_folder), options_(options) {
    set_.directory = directory.string();
    set_.storage = storage_;
    if (options.history != nullptr) storage_->history_texts = options.history->texts();
    const std::string prefix = (directory / "").string();
    for (const std::string& ending : {suffix_, ".undo" + suffix_, std::string(".py")}) storage_->namings.push_back({prefix, ending});
  }

  MigrationSet read() {
    if (!list({directory_, "", std::nullopt})) return std::move(set_);
    for (const Phase phase : {Phase::pre_apply, Phase::post_apply}) {
      const std::string name = phase == Phase::pre_apply ? "pre-apply" : "post-apply";
      std::error_code ignored;
      if (fs::exists(directory_ / name, ignored)) list({directory_ / name, name + "/", phase});
    }
    for (Folder& folder : folders_) add_scripts(folder);
    read_scripts();
    read_python();
    for (Folder& folder : folders_) assemble(folder);
    std::sort(set_.unread.begin(), set_.unread.end());
    tell_file_problems();
    return std::move(set_);
  }

 private:
  struct Folder {
    ScriptFolder where;
    std::vector<Parts> parts;  // by id
  };
  struct Python {
    PythonFile file;
    Parts* parts;
  };

  static Failure problem(const std::string& file, std::string message, std::string hint = "") {
    Failure f;
    f.code = ErrorCode::directory;
    f.message = std::move(message);
    f.where = SourcePosition{file, 0, 0, ""};
    f.hint = std::move(hint);
    return f;
  }

  // A problem of one file by its name or contents: these are told in the order of the files.
  void file_problem(const std::string& file, std::string message, std::string hint = "") {
    file_problems_.push_back({folders_.size(), problem(file, std::move(message), std::move(hint))});
  }

  void tell_file_problems() {
    std::stable_sort(file_problems_.begin(), file_problems_.end(), [](const FileProblem& a, const FileProblem& b) {
      return std::tie(a.folder, a.failure.where->file) < std::tie(b.folder, b.failure.where->file);
    });
    std::vector<Failure> all;
    for (FileProblem& one : file_problems_) all.push_back(std::move(one.failure));
    all.insert(all.end(), set_.problems.begin(), set_.problems.end());
    set_.problems = std::move(all);
  }

  // Sorts the files of one folder into migrations.
  bool list(const ScriptFolder& where) {
    DirectoryListing listing = list_folder(where, extension_);
    if (listing.error) {
      const bool missing = listing.error == std::errc::no_such_file_or_directory, main = !where.phase;
      file_problem(where.path.string(), missing ? "the migration directory does not exist" : "the folder cannot be read: " + listing.error.message(),
                   missing && main ? "create it, or correct migration_directory in flux.toml" : "");
      if (main) tell_file_problems();
      return false;
    }
    for (const std::string& name : where.phase ? std::vector<std::string>() : listing.near_folders)
      set_.warnings.push_back(fmt::format("the folder {} is ignored: repeatable scripts are in pre-apply/ and post-apply/", (where.path / name).string()));
    for (const std::string& file : listing.other_case) set_.warnings.push_back(fmt::format("{} is ignored: its extension is not \"{}\"", file, suffix_));
    Folder& folder = folders_.emplace_back(Folder{where, {}});
    folder.parts.reserve(listing.files.size());  // more than needed, but what is not written takes no memory
    for (const ListedFile& file : listing.files) add(folder, file);
    return true;
  }

  void add(Folder& folder, const ListedFile& file) {
    const auto path = [&] { return (folder.where.path / file.name()).string(); };
    if (first_bad_byte(file.name())) return file_problem(path(), "the file name is not valid UTF-8", "rename it");
    if (file.kind == FileKind::undo) {
      if (folder.where.phase) return file_problem(path(), "a repeatable script cannot have an undo script", "move it out of this folder");
      parts_of(folder, file.stem()).has_undo = true;
      return;
    }
    const bool python = file.kind == FileKind::python;
    if (python && !usable_python(path(), file.stem())) return;
    Parts& parts = parts_of(folder, file.stem());
    if (parts.has_up)
      return file_problem(path(), fmt::format("two files have the id {}: {} is the other", parts.id, Script(naming(up_kind(parts)), parts.id).file()), "rename one of them");
    parts.has_up = true;
    parts.up_is_python = python;
  }

  // The scripts of a folder, once its names need no room any more.
  void add_scripts(Folder& folder) {
    std::size_t count = 0;
    for (const Parts& parts : folder.parts)  // a Python file can have two
      count += (parts.has_up ? 1U : 0U) + (parts.has_undo ? 1U : 0U) + (parts.up_is_python ? 1U : 0U);
    std::vector<Script>& scripts = storage_->scripts.emplace_back();
    scripts.reserve(count);
    jobs_.reserve(jobs_.size() + count);
    const bool repeatable = folder.where.phase.has_value();
    for (std::uint32_t i = 0; i < folder.parts.size(); ++i) {
      Parts& parts = folder.parts[i];
      if (parts.has_up) parts.up = &scripts.emplace_back(naming(up_kind(parts)), parts.id);
      if (parts.has_undo) parts.undo = &scripts.emplace_back(naming(FileKind::undo), parts.id);
      const auto place = static_cast<std::uint16_t>(&folder - folders_.data());
      if (parts.up_is_python) python_.push_back({{parts.up->file(), parts.up->file(), repeatable}, &parts});
      else if (parts.has_up) jobs_.push_back({parts.up, i, place, repeatable ? ScriptRole::repeatable : ScriptRole::up});
      if (parts.has_undo) jobs_.push_back({parts.undo, i, place, ScriptRole::undo});
    }
  }

  static FileKind up_kind(const Parts& parts) noexcept { return parts.up_is_python ? FileKind::python : FileKind::script; }

  bool usable_python(const std::string& path, std::string_view stem) {
    if (stem.ends_with(".undo")) {
      file_problem(path, "the undo of a Python migration is its function undo()", fmt::format("put it into {}.py", stem.substr(0, stem.size() - 5)));
      return false;
    }
    std::error_code error;
    if (fs::is_regular_file(path, error)) return true;
    file_problem(path, path + (error ? " cannot be read: " + error.message() : std::string(" is not a regular file")));
    return false;
  }

  const FileNaming& naming(FileKind kind) const {
    return storage_->namings[kind == FileKind::script ? 0 : kind == FileKind::undo ? 1 : 2];
  }

  // The files come by stem.
  Parts& parts_of(Folder& folder, std::string_view stem) {
    const std::string_view prefix = folder.where.id_prefix;
    if (!folder.parts.empty() && folder.parts.back().id.substr(prefix.size()) == stem) return folder.parts.back();
    Parts& parts = folder.parts.emplace_back();
    parts.row = options_.history != nullptr && prefix.empty() ? options_.history->find(stem) : nullptr;
    parts.id = parts.row != nullptr ? parts.row->id : storage_->ids.keep(std::string(prefix).append(stem));
    return parts;
  }

  void read_scripts() {
    const std::size_t threads = thread_count(jobs_.size());
    for (std::size_t i = 0; i < threads; ++i) storage_->texts.emplace_back();
    in_parallel(jobs_.size(), threads, [&](std::size_t thread, std::size_t i) { read_script(jobs_[i], storage_->texts[thread]); });
    jobs_ = {};
  }

  void read_script(const Job& job, TextStore& texts) {
    Script& script = *job.script;
    std::string why;
    const auto text = read_script_file(script.file(), texts, why);
    if (!text) return unread(job, why);
    script.set_text(*text);
    const HistoryEntry* row = applied_row(folders_[job.folder].parts[job.parts]);
    look_into(script, job.role, row != nullptr);
    // In place of the text of an applied script its digest is kept, unless it has changed or is shorter anyway.
    if (row == nullptr || text->size() <= sizeof(Digest) || is_blank(*text)) return;
    const Digest digest = script.digest();
    if (job.role == ScriptRole::up && (row->digest() == nullptr || *row->digest() != digest)) return;
    texts.give_back(text->size(), 0);
    script.leave_out_text(texts.keep({reinterpret_cast<const char*>(digest.data()), digest.size()}));
  }

  void unread(const Job& job, const std::string& why) {
    const std::string file = job.script->file();
    const std::lock_guard lock(mutex_);
    Parts& parts = folders_[job.folder].parts[job.parts];
    (job.role == ScriptRole::undo ? parts.undo_unread : parts.up_unread) = true;
    file_problems_.push_back({job.folder + std::size_t{1}, problem(file, file + " " + why)});
  }

  // Null: it is not applied.
  static const HistoryEntry* applied_row(const Parts& parts) noexcept {
    return parts.row != nullptr && parts.row->state == RowState::applied ? parts.row : nullptr;
  }

  void look_into(Script& script, ScriptRole role, bool applied) {
    look_inside(script, role);
    if (!options_.look) return;
    // The others hold it for some microseconds: less than it takes to sleep and be woken.
    constexpr int most_tries = 100;
    std::unique_lock lock(mutex_, std::try_to_lock);
    for (int i = 0; i < most_tries && !lock.owns_lock(); ++i) {
      std::this_thread::yield();
      static_cast<void>(lock.try_lock());
    }
    if (!lock.owns_lock()) lock.lock();
    options_.look(script, applied);
  }

  void read_python() {
    std::vector<PythonFile> files;
    for (const Python& python : python_) files.push_back(python.file);
    const std::vector<PythonScripts> results = evaluate_python(files, project_folder_);
    for (std::size_t i = 0; i < results.size(); ++i) {
      Parts& parts = *python_[i].parts;
      if (results[i].problem) {
        set_.problems.push_back(*results[i].problem);
        parts.up_unread = true;
        continue;
      }
      take_generated(parts, *parts.up, results[i].up, python_[i].file.repeatable ? ScriptRole::repeatable : ScriptRole::up);
      if (!results[i].undo) continue;
      if (parts.undo != nullptr) set_.problems.push_back(problem(parts.undo->file(), fmt::format("{} has an undo() already", files[i].name), "remove one of them"));
      parts.undo = &storage_->scripts.front().emplace_back(naming(FileKind::python), parts.id);
      take_generated(parts, *parts.undo, *results[i].undo, ScriptRole::undo);
    }
  }

  // The text of one that a Python file returned is never left out: to read it again is to run that.
  void take_generated(const Parts& parts, Script& script, const std::string& text, ScriptRole role) {
    script.set_text(storage_->texts.front().keep(text));
    script.edit().generated = true;
    look_into(script, role, applied_row(parts) != nullptr);
  }

  // How long the ending is by which other tools, or people, mark the undo of a script; 0: there is none.
  static std::size_t undo_mark(std::string_view id) {
    const std::string lower = ascii_lower(id);
    for (const std::string_view word : {"undo", "down", "rollback", "revert"})
      if (lower.size() > word.size() + 1 && lower.ends_with(word) && std::string_view(".-_").find(lower[lower.size() - word.size() - 1]) != std::string_view::npos)
        return word.size() + 1;
    return 0;
  }

  // An undo script under another name would be a migration of its own, run right behind the one that it undoes.
  void refuse_misnamed_undo(const Folder& folder, const Parts& parts) {
    const std::size_t mark = undo_mark(parts.id);
    if (mark == 0 || folder.where.phase) return;
    const auto there = [&](const std::string& id) {
      const auto at = std::lower_bound(folder.parts.begin(), folder.parts.end(), id, [](const Parts& p, const std::string& wanted) { return p.id < wanted; });
      return at != folder.parts.end() && at->id == id && at->has_up;
    };
    const std::string stem(parts.id.substr(0, parts.id.size() - mark));
    if (there(stem + ".up"))  // as golang-migrate has it
      set_.problems.push_back(problem(parts.up->file(), fmt::format("{0}.up{1} and {2}{1} would be two migrations", stem, suffix_, parts.id),
                                      fmt::format("rename them to {0}{1} and {0}.undo{1}", stem, suffix_)));
    else if (applied_row(parts) == nullptr && there(stem))  // what has run can be renamed no more
      set_.problems.push_back(problem(parts.up->file(), fmt::format("{}{} would be a migration of its own, right behind {}", parts.id, suffix_, stem),
                                      fmt::format("if it is the undo of {0}, rename it to {0}.undo{1}; if it is not, give it another name", stem, suffix_)));
  }

  // For each of the migrations, in order, that one before it whose id is the same but for the case of its letters.
  static std::vector<std::pair<std::size_t, std::size_t>> same_but_case(const std::vector<Parts>& parts) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> by_hash;  // and place
    by_hash.reserve(parts.size());
    for (std::uint32_t i = 0; i < parts.size(); ++i)
      if (parts[i].up != nullptr) by_hash.emplace_back(static_cast<std::uint32_t>(std::hash<std::string>()(ascii_lower(parts[i].id))), i);
    std::sort(by_hash.begin(), by_hash.end());
    std::vector<std::pair<std::size_t, std::size_t>> out;
    for (std::size_t first = 0, i = 1; i < by_hash.size(); ++i) {
      if (by_hash[i].first != by_hash[first].first) first = i;
      const std::string id = ascii_lower(parts[by_hash[i].second].id);
      const auto twin = std::find_if(by_hash.begin() + static_cast<std::ptrdiff_t>(first), by_hash.begin() + static_cast<std::ptrdiff_t>(i),
                                     [&](const auto& other) { return ascii_lower(parts[other.second].id) == id; });
      if (twin != by_hash.begin() + static_cast<std::ptrdiff_t>(i)) out.emplace_back(by_hash[i].second, twin->second);
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  void assemble(Folder& folder) {
    const auto twins = same_but_case(folder.parts);
    auto twin = twins.begin();
    if (!folder.where.phase) set_.migrations.reserve(folder.parts.size());
    for (std::size_t i = 0; i < folder.parts.size(); ++i) {
      Parts& parts = folder.parts[i];
      if (parts.up == nullptr) {
        set_.problems.push_back(problem(parts.undo->file(), fmt::format("an undo script without an up script: {}{} is missing", parts.id, suffix_)));
        continue;
      }
      refuse_misnamed_undo(folder, parts);
      if (twin != twins.end() && twin->first == i)
        set_.problems.push_back(problem(parts.up->file(), fmt::format("its id differs only in case from that of {}", folder.parts[(twin++)->second].up->file()), "rename one of them"));
      if (parts.up_unread) {
        set_.unread.emplace_back(parts.id);
      } else if (folder.where.phase) {
        set_.repeatables.push_back({parts.id, *folder.where.phase, shared(parts.up)});
      } else {
        const bool has_undo = parts.undo != nullptr && !parts.undo_unread && (parts.undo->text_left_out() || !is_blank(parts.undo->text()));
        set_.migrations.push_back({parts.id, shared(parts.up), has_undo ? shared(parts.undo) : nullptr});
      }
    }
    folder.parts = {};
  }

  ScriptPtr shared(const Script* script) const { return {storage_, script}; }

  struct FileProblem {
    std::size_t folder;
    Failure failure;
  };

  fs::path directory_;
  std::string extension_, suffix_;
  fs::path project_folder_;
  const ReadOptions& options_;
  MigrationSet set_;
  std::shared_ptr<Storage> storage_ = std::make_shared<Storage>();
  std::vector<Folder> folders_;  // the directory, then those of repeatables that are there
  std::vector<Job> jobs_;
  std::vector<Python> python_;
  std::vector<FileProblem> file_problems_;
  std::mutex mutex_;  // of what the threads that read share
};

}  // namespace

MigrationSet read_directory(const fs::path& directory, const std::string& extension, const fs::path& project_folder, const ReadOptions& options) {
  return Reader(directory, extension, project_folder, options).read();
}

}  // namespace flux
