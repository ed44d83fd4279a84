// The memo backend: a folder of notes as a migration target. Small, but it keeps every promise that it declares.
#include <sys/stat.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>

#include "folder_lock.hpp"
#include "note_schema.hpp"
#include "script.hpp"
#include "shadow_folder.hpp"
#include "store.hpp"

namespace memo {
namespace {

class MemoBackend final : public flux::MigrationBackend, public flux::StatementSplitter, public flux::SchemaEditor {
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
    update([&](Store& store) {
      std::int64_t index = 0;
      for (const Line& line : statements(script.text)) run(line, index++, store);
      host_.log(FLUX_LOG_DEBUG, std::to_string(index) + " statements run");
    });
  }
  void register_migration(const flux::HistoryRow& row) override {
    update([&](Store& store) {
      const auto [place, added] = store.history.try_emplace({row.name_space, row.id});
      if (row.is_new && !added)
        throw flux::BackendError(FLUX_E_CONFLICT, "the history already has " + row.id + ": another run has applied it");
      flux::HistoryRow& stored = place->second = row;
      if (stored.applied_at_us == 0) stored.applied_at_us = now_us();
    });
  }
  void unregister_migration(std::string_view name_space, std::string_view id) override {
    update([&](Store& store) {
      if (store.history.erase({std::string(name_space), std::string(id)}) == 0)
        throw flux::BackendError(FLUX_E_CONFLICT, "the history has no row for " + std::string(id));
    });
  }

  void split(const flux::Script& script, const std::function<void(const flux::Statement&)>& emit) override {
    for (const Line& line : statements(script.text)) emit({line.offset, line.text.size(), 0, {}});
  }

  // A folder has no server: a shadow is always one among the temporary files.
  std::string create_shadow(const std::optional<std::string>&) override {
    ShadowFolder::sweep();
    auto shadow = std::make_unique<ShadowFolder>();
    const std::string uri = "dir:" + shadow->path();
    shadows_[uri] = std::move(shadow);
    return uri;
  }
  void drop_shadow(const std::optional<std::string>&, const std::string& uri) override { shadows_.erase(uri); }
  void inspect(const std::function<void(const flux::Fact&)>& emit) override { emit_notes(current(), emit); }
  std::optional<std::vector<flux::SchemaStep>> change(const flux::SchemaChange& change) override {
    return change_note(change);
  }
  void load(std::string_view sql) override { apply({{}, sql}); }
  std::vector<std::pair<flux::FactRef, std::string>> check_loaded() override { return notes_without_end(current()); }
  std::vector<flux::Mention> read_definition(std::string_view sql) override { return read_note(sql); }

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
  void update(Work work) {
    if (working_copy_) return work(*working_copy_);
    Store store = current();
    work(store);
    write_store(file(), store, sync_);
  }

  flux::Host host_;
  bool sync_;
  std::string name_;
  std::optional<std::string> folder_;                             // set while connected
  std::unique_ptr<FolderLock> lock_;                              // set while locked
  std::optional<Store> working_copy_;                             // set inside a transaction
  std::map<std::string, std::unique_ptr<ShadowFolder>> shadows_;  // by URI
};

}  // namespace
}  // namespace memo

FLUX_REGISTER_BACKEND(memo::MemoBackend, "memo", "0.1.0", "dir",
                      FLUX_CAP_TRANSACTIONAL_DDL | FLUX_CAP_LOCK | FLUX_CAP_STATEMENT_OFFSETS);
