#include "toy_backend.hpp"

#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <flux/backend.hpp>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "folder_lock.hpp"
#include "note_schema.hpp"
#include "shadow_folder.hpp"
#include "store.hpp"
#include "toy_script.hpp"

namespace toy {
namespace {

using flux::BackendError;
using memo::FolderLock;
using memo::Store;
using Clock = std::chrono::steady_clock;

class ToyBackend final : public flux::MigrationBackend,
                         public flux::StatementSplitter,
                         public flux::BatchApplier,
                         public flux::SchemaEditor {
 public:
  static std::vector<flux::Key> keys() {
    return {{"file", std::string("toy.store"), "name of the file in the target's folder"},
            {"retries", std::int64_t{3}, "not used"},
            {"tags", std::vector<std::string>{}, "not used"}};
  }
  static const char* uri_example() { return "toy:folder"; }
  static const char* script_extension() { return "toy"; }

  ToyBackend(flux::Host host, const flux::BackendConfig& config) : host_(host), name_(config.string("file")) {}

  void connect(std::string_view uri) override {
    if (uri.substr(0, 4) != "toy:" || uri.size() == 4 || uri.substr(4, 2) == "//")
      throw BackendError(FLUX_E_CONNECTION, "the URI must be toy:FOLDER");
    // It takes a password and has no use for it.
    std::string folder(uri.substr(4, uri.find("?password=") - 4));
    if (folder[0] != '/') folder = std::string(host_.base_directory()) + '/' + folder;
    struct stat info {};
    if (stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
      throw BackendError(FLUX_E_CONNECTION, "there is no folder " + folder);
    folder_ = folder;
    host_.log(FLUX_LOG_DEBUG, "connected");
  }
  void disconnect() noexcept override { lock_.reset(), lose_connection(), folder_.clear(); }
  std::string describe_target() override { return "toy " + file(); }

  void list_history(std::string_view name_space, std::uint32_t flags,
                    const std::function<void(const flux::HistoryRow&)>& emit) override {
    Store store = current();
    for (auto& [key, row] : store.history) {
      if (key.first != name_space) continue;
      row.script.reset();
      if (row.undo && (flags & FLUX_LIST_UNDO_TEXTS) == 0) row.undo->clear();
      emit(row);
    }
  }
  void initialize() override { file(); }
  std::optional<std::string> read_script(std::string_view name_space, std::string_view id) override {
    const Store store = current();
    const auto found = store.history.find({std::string(name_space), std::string(id)});
    return found != store.history.end() ? found->second.script : std::nullopt;
  }

  void lock(std::int64_t timeout_ms) override {
    if (lock_) throw BackendError(FLUX_E_STATE, "the lock is held already");
    lock_ = std::make_unique<FolderLock>(lock_file(), timeout_ms, host_);
    wants_lock_ = true;
  }
  void unlock() override { lock_.reset(), wants_lock_ = false; }
  std::optional<std::string> describe_lock() override { return FolderLock::holder_of(lock_file()); }
  void break_lock() override {
    const auto holder = FolderLock::holder_of(lock_file());
    if (holder) kill(std::stoi(holder->substr(holder->rfind(' '))), SIGKILL);
  }

  void begin() override {
    if (working_copy_) throw BackendError(FLUX_E_STATE, "a transaction is open already");
    working_copy_ = memo::read_store(file());
  }
  void commit() override {
    if (!working_copy_) throw BackendError(FLUX_E_STATE, "no transaction is open");
    const Store store = std::move(*working_copy_);
    rollback();
    memo::write_store(file(), store, false);
  }
  void rollback() override { working_copy_.reset(), held_.clear(); }

  void apply(const flux::Script& script) override {
    cancelled_ = false;
    if (!script.continued) session_.clear();
    update([&](Store& store) {
      std::int64_t index = 0;
      for (const Line& line : lines(script.text)) run(line, index++, script, store);
    });
    if (!script.continues) session_.clear();
  }
  void register_migration(const flux::HistoryRow& row) override {
    update([&](Store& store) {
      const auto [place, added] = store.history.try_emplace({row.name_space, row.id});
      if (row.is_new && !added) throw BackendError(FLUX_E_CONFLICT, "there is a row already");
      place->second = row;
      if (row.applied_at_us == 0) place->second.applied_at_us = now_us();
    });
  }
  void unregister_migration(std::string_view name_space, std::string_view id) override {
    update([&](Store& store) {
      if (store.history.erase({std::string(name_space), std::string(id)}) == 0)
        throw BackendError(FLUX_E_CONFLICT, "there is no row");
    });
  }
  void cancel() noexcept override { cancelled_ = true; }

  void reconnect(std::int64_t) override {
    lost_ = false;
    if (wants_lock_ && !lock_) lock_ = std::make_unique<FolderLock>(lock_file(), 0, host_);
  }
  std::vector<std::string> list_leftovers() override { return {}; }

  void split(const flux::Script& script, const std::function<void(const flux::Statement&)>& emit) override {
    for (const Line& line : lines(script.text)) {
      unsigned flags = 0;
      if (line.verb == "begin") flags = FLUX_STATEMENT_BEGIN | FLUX_STATEMENT_TRANSACTION_CONTROL;
      if (line.verb == "commit") flags = FLUX_STATEMENT_COMMIT | FLUX_STATEMENT_TRANSACTION_CONTROL;
      emit({line.offset, line.text.size(), flags, flags != 0 ? line.verb : ""});
    }
  }

  // The schema is that of the SDK's example, whose definitions are statements of this language, too.
  std::string create_shadow(const std::optional<std::string>&) override {
    memo::ShadowFolder::sweep();
    auto shadow = std::make_unique<memo::ShadowFolder>();
    const std::string uri = "toy:" + shadow->path();
    shadows_[uri] = std::move(shadow);
    return uri;
  }
  void drop_shadow(const std::optional<std::string>&, const std::string& uri) override { shadows_.erase(uri); }
  void inspect(const std::function<void(const flux::Fact&)>& emit) override { memo::emit_notes(current(), emit); }
  std::optional<std::vector<flux::SchemaStep>> change(const flux::SchemaChange& change) override {
    return memo::change_note(change);
  }
  void load(std::string_view sql) override { apply({{}, sql}); }
  std::vector<std::pair<flux::FactRef, std::string>> check_loaded() override {
    return memo::notes_without_end(current());
  }
  std::vector<flux::Mention> read_definition(std::string_view sql) override { return memo::read_note(sql); }

  void apply_batch(const std::vector<flux::Unit>& units, const Settled& settled) override {
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (working_copy_) {
        run_unit(units[i]);
      } else {
        begin();
        try {
          run_unit(units[i]);
        } catch (...) {
          rollback();
          throw;
        }
        commit();
      }
      settled(i, 0);
    }
  }

 private:
  static std::int64_t now_us() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  }
  std::string file() const {
    if (folder_.empty()) throw BackendError(FLUX_E_STATE, "not connected");
    if (lost_) throw BackendError(FLUX_E_CONNECTION, "the connection was lost");
    return folder_ + '/' + name_;
  }
  std::string lock_file() const { return file() + ".lock"; }
  Store current() const { return working_copy_ && !lost_ ? *working_copy_ : memo::read_store(file()); }
  void lose_connection() noexcept {
    rollback();
    session_.clear();
    lost_ = false;
  }

  template <class Work>
  void update(Work work) {
    if (working_copy_) return work(*working_copy_);
    Store store = current();
    work(store);
    memo::write_store(file(), store, false);
  }

  void run_unit(const flux::Unit& unit) {
    const auto key = unit.row ? std::pair(unit.row->name_space, unit.row->id) : std::pair<std::string, std::string>();
    const bool there = working_copy_->history.count(key) != 0;
    if (unit.row && (unit.removes ? !there : unit.row->is_new && there))
      throw BackendError(FLUX_E_CONFLICT, "the row is not as expected");
    if (unit.script) apply(*unit.script);
    if (unit.row && unit.removes) unregister_migration(key.first, key.second);
    if (unit.row && !unit.removes) register_migration(*unit.row);
  }

  void run(const Line& line, std::int64_t index, const flux::Script& script, Store& store) {
    const auto wrong = [&](const std::string& message) {
      return BackendError(FLUX_E_SCRIPT, message)
          .sqlstate("T0001")
          .statement(index)
          .offset(static_cast<std::int64_t>(line.offset));
    };
    const bool there = store.documents.count(line.key) != 0;
    if (line.verb == "put") {
      store.documents[line.key] = line.value;
    } else if (line.verb == "require" || line.verb == "delete") {
      if (!there) throw wrong("there is no document \"" + line.key + "\"");
      if (line.verb == "delete") store.documents.erase(line.key);
    } else if (line.verb == "set") {
      if (!session_.insert(line.key).second) throw wrong("it is set already");
    } else if (line.verb == "use") {
      if (session_.count(line.key) == 0) throw wrong("it is not set");
    } else if (line.verb == "sleep") {
      sleep(std::stoi(line.key), script.statement_timeout_ms, wrong("the statement has run too long"));
    } else if (line.verb == "hold" || line.verb == "want") {
      hold(line.key, script.lock_timeout_ms);
      if (line.verb == "want") held_.clear();
    } else if (line.verb == "cut") {
      lock_.reset();
      lose_connection();
      lost_ = true;
      throw BackendError(FLUX_E_CONNECTION, "the connection was lost");
    } else {
      throw wrong("unknown statement \"" + line.verb + "\"");
    }
  }

  void sleep(int ms, std::int64_t limit_ms, const BackendError& too_long) const {
    const Clock::time_point start = Clock::now();
    for (;;) {
      const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
      if (cancelled_) throw BackendError(FLUX_E_CANCELLED, "stopped");
      if (limit_ms > 0 && passed >= limit_ms) throw too_long;
      if (passed >= ms) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  void hold(const std::string& key, std::int64_t limit_ms) {
    try {
      held_.push_back(std::make_unique<FolderLock>(file() + "." + key, limit_ms, host_));
    } catch (const BackendError& error) {
      throw BackendError(error.code() == FLUX_E_LOCKED ? FLUX_E_BUSY : error.code(), "somebody holds " + key);
    }
  }

  flux::Host host_;
  std::string name_, folder_;  // the folder is empty while not connected
  bool lost_ = false;          // the connection, until reconnect
  bool wants_lock_ = false;
  std::unique_ptr<FolderLock> lock_;
  std::optional<Store> working_copy_;                                   // set inside a transaction
  std::vector<std::unique_ptr<FolderLock>> held_;                       // by the transaction's statements
  std::map<std::string, std::unique_ptr<memo::ShadowFolder>> shadows_;  // by URI
  std::set<std::string> session_;
  std::atomic<bool> cancelled_ = false;
};

}  // namespace

const flux_backend_api* table() {
  return flux::bridge::table<ToyBackend>(
      "toy", "0.1.0", "toy", FLUX_CAP_TRANSACTIONAL_DDL | FLUX_CAP_LOCK | FLUX_CAP_CANCEL | FLUX_CAP_STATEMENT_OFFSETS);
}

}  // namespace toy
