// The memo backend: a folder of notes as a migration target. Small, but it keeps every promise that it declares.
//
// A script is lines: `put KEY VALUE…`, `delete KEY`, `require KEY`. Lines that begin with # or -- are comments.
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "folder_lock.hpp"
#include "store.hpp"

namespace memo {
namespace {

struct Line {
  std::size_t offset;  // of its first word in the script, in bytes
  std::string_view text;
};

std::string_view next_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
  rest.remove_prefix(word.size());
  return word;
}

// The lines of a script that do something.
std::vector<Line> statements(std::string_view script) {
  std::vector<Line> out;
  for (std::size_t at = 0; at < script.size();) {
    const std::size_t end = std::min(script.find('\n', at), script.size());
    const std::size_t first = script.find_first_not_of(" \t", at);
    if (first < end && script[first] != '#' && script.substr(first, 2) != "--")
      out.push_back({first, script.substr(first, end - first)});
    at = end + 1;
  }
  return out;
}

// Does what `line` says, or throws what is wrong with which byte of it.
void run(const Line& line, std::int64_t index, Store& store) {
  const auto wrong = [&](std::string_view part, const std::string& message) {
    const auto offset = static_cast<std::int64_t>(line.offset) + (part.data() - line.text.data());
    return flux::BackendError(FLUX_E_SCRIPT, message).statement(index).offset(offset);
  };
  std::string_view rest = line.text;
  const std::string_view verb = next_word(rest);
  if (verb != "put" && verb != "delete" && verb != "require")
    throw wrong(verb, "unknown statement \"" + std::string(verb) + "\"").hint("there are put, delete and require");
  const std::string_view key = next_word(rest);
  if (key.empty()) throw wrong(verb, std::string(verb) + " needs a key");

  if (verb == "put") {
    rest.remove_prefix(std::min<std::size_t>(1, rest.size()));  // the blank after the key
    store.documents[std::string(key)] = std::string(rest);
  } else if (!next_word(rest).empty()) {
    throw wrong(verb, std::string(verb) + " takes one key");
  } else if (store.documents.count(std::string(key)) == 0) {
    throw wrong(key, "there is no document \"" + std::string(key) + "\"");
  } else if (verb == "delete") {
    store.documents.erase(std::string(key));
  }
}

class MemoBackend final : public flux::MigrationBackend, public flux::StatementSplitter {
 public:
  static std::vector<flux::Key> keys() {
    return {{"fsync", true, "wait until a commit is on the disk"},
            {"file", std::string("memo.store"), "name of the file in the target's folder"}};
  }
  static const char* uri_example() { return "dir:notes"; }
  static const char* script_extension() { return "memo"; }

  MemoBackend(flux::Host host, const flux::BackendConfig& config)
      : host_(host), sync_(config.boolean("fsync")), name_(config.string("file")) {
    if (name_.empty() || name_.find('/') != std::string::npos)
      throw flux::BackendError(FLUX_E_CONFIG, "\"file\" must be a file's name, without a folder").key("file");
  }

  void connect(std::string_view uri) override {
    // A URI with a server may hold a password, which no message of this backend may repeat.
    if (uri.substr(0, 4) != "dir:" || uri.size() == 4 || uri.substr(4, 2) == "//")
      throw flux::BackendError(FLUX_E_CONNECTION, "the URI must be dir:FOLDER");
    std::string folder(uri.substr(4));
    if (folder[0] != '/') folder = std::string(host_.base_directory()) + '/' + folder;
    struct stat info {};
    if (stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
      throw flux::BackendError(FLUX_E_CONNECTION, "there is no folder " + folder).hint("create it first");
    read_store(folder + '/' + name_);  // what cannot be read is known now, not at the first migration
    folder_ = folder;
  }
  void disconnect() noexcept override {
    working_copy_.reset();
    lock_.reset();
    folder_.reset();
  }
  std::string describe_target() override { return "memo " + file(); }

  void list_history(std::string_view name_space, std::uint32_t flags,
                    const std::function<void(const flux::HistoryRow&)>& emit) override {
    Store store = current();
    for (auto& [key, row] : store.history) {
      if (key.first != name_space) continue;
      row.script.reset();  // may be long, and is asked for by read_script where it is wanted
      if (row.undo && (flags & FLUX_LIST_UNDO_TEXTS) == 0) row.undo->clear();
      emit(row);
    }
  }
  std::optional<std::string> read_script(std::string_view name_space, std::string_view id) override {
    const Store store = current();
    const auto found = store.history.find({std::string(name_space), std::string(id)});
    return found != store.history.end() ? found->second.script : std::nullopt;
  }
  void initialize() override {
    file();  // the store itself needs no preparation: commit creates it
  }

  void lock(std::int64_t timeout_ms) override {
    if (lock_) throw flux::BackendError(FLUX_E_STATE, "the lock is held already");
    lock_ = std::make_unique<FolderLock>(lock_file(), timeout_ms, host_);
  }
  void unlock() override { lock_.reset(); }
  std::optional<std::string> describe_lock() override { return FolderLock::holder_of(lock_file()); }

  // A transaction is a copy in memory; commit puts it in the file's place.
  void begin() override {
    if (working_copy_) throw flux::BackendError(FLUX_E_STATE, "a transaction is open already");
    working_copy_ = read_store(file());
  }
  void commit() override {
    if (!working_copy_) throw flux::BackendError(FLUX_E_STATE, "no transaction is open");
    const Store store = std::move(*working_copy_);
    working_copy_.reset();  // a commit that fails has rolled back
    write_store(file(), store, sync_);
  }
  void rollback() override { working_copy_.reset(); }

  void apply(const flux::Script& script) override {
    change([&](Store& store) {
      std::int64_t index = 0;
      for (const Line& line : statements(script.text)) run(line, index++, store);
      host_.log(FLUX_LOG_DEBUG, std::to_string(index) + " statements run");
    });
  }
  void register_migration(const flux::HistoryRow& row) override {
    change([&](Store& store) {
      const auto [place, added] = store.history.try_emplace({row.name_space, row.id});
      if (row.is_new && !added)
        throw flux::BackendError(FLUX_E_CONFLICT, "the history already has " + row.id + ": another run has applied it");
      flux::HistoryRow& stored = place->second = row;
      if (stored.applied_at_us == 0) stored.applied_at_us = now_us();
    });
  }
  void unregister_migration(std::string_view name_space, std::string_view id) override {
    change([&](Store& store) {
      if (store.history.erase({std::string(name_space), std::string(id)}) == 0)
        throw flux::BackendError(FLUX_E_CONFLICT, "the history has no row for " + std::string(id));
    });
  }

  void split(const flux::Script& script, const std::function<void(const flux::Statement&)>& emit) override {
    for (const Line& line : statements(script.text)) emit({line.offset, line.text.size(), 0, {}});
  }

 private:
  static std::int64_t now_us() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  }
  std::string file() const {
    if (!folder_) throw flux::BackendError(FLUX_E_STATE, "not connected");
    return *folder_ + '/' + name_;
  }
  std::string lock_file() const { return file() + ".lock"; }
  Store current() const { return working_copy_ ? *working_copy_ : read_store(file()); }

  // Runs `work` on the open transaction's copy, or in a transaction of its own where none is open.
  template <class Work>
  void change(Work work) {
    if (working_copy_) return work(*working_copy_);
    Store store = current();
    work(store);
    write_store(file(), store, sync_);
  }

  flux::Host host_;
  bool sync_;
  std::string name_;
  std::optional<std::string> folder_;  // set while connected
  std::unique_ptr<FolderLock> lock_;   // set while locked
  std::optional<Store> working_copy_;  // set inside a transaction
};

}  // namespace
}  // namespace memo

FLUX_REGISTER_BACKEND(memo::MemoBackend, "memo", "0.1.0", "dir",
                      FLUX_CAP_TRANSACTIONAL_DDL | FLUX_CAP_LOCK | FLUX_CAP_STATEMENT_OFFSETS);
