// The backend: what the host calls, in terms of the parts beside it.
#include <flux/backend.hpp>
#include <flux/schema.hpp>
#include <memory>
#include <optional>
#include <string>

#include "cancellation.hpp"
#include "history_table.hpp"
#include "history_upgrade.hpp"
#include "migration_transaction.hpp"
#include "process_lock.hpp"
#include "run_script.hpp"
#include "schema/change.hpp"
#include "schema/inspect.hpp"
#include "schema/load_definition.hpp"
#include "schema/loaded_check.hpp"
#include "schema/read_definition.hpp"
#include "schema/shadow.hpp"
#include "session.hpp"
#include "settings.hpp"
#include "split_script.hpp"
#include "target.hpp"

namespace flux::sqlite {

class SqliteBackend final : public MigrationBackend, public StatementSplitter, public SchemaEditor {
 public:
  SqliteBackend(Host host, const BackendConfig& config)
      : host_(host), settings_(config), history_(settings_.migrations_table), cancellation_(host) {}
  ~SqliteBackend() override { disconnect(); }

  static std::vector<Key> keys() { return Settings::keys(); }
  static const char* uri_example() { return "sqlite:app.db"; }

  void connect(std::string_view uri) override {
    disconnect();
    const Cancellation::Scope scope(cancellation_);
    target_.emplace(parse_target(uri, host_.base_directory()));
    try {
      open_if_there();
      if (!session_ && target_->mode != OpenMode::create)
        throw BackendError(FLUX_E_CONNECTION, target_->file + " does not exist")
            .hint("leave the mode out of the URI to have it created");
    } catch (const BackendError& error) {
      target_.reset();
      if (error.code() != FLUX_E_BUSY) throw;
      throw BackendError(FLUX_E_CONNECTION, error.what())
          .detail(error.detail())
          .hint(error.hint())
          .sqlstate(error.sqlstate());
    }
  }

  void disconnect() noexcept override {
    parts_ = Parts::none;
    transaction_.reset();
    session_.reset();
    lock_.reset();
    memory_locked_ = false;
    target_.reset();
  }

  std::string describe_target() override { return target().description(); }

  void list_history(std::string_view name_space, std::uint32_t flags,
                    const std::function<void(const HistoryRow&)>& emit) override {
    const Cancellation::Scope scope(cancellation_, Cancellation::Call::record);
    open_to_read();
    if (session_) history_.list(session_->connection(), name_space, (flags & FLUX_LIST_UNDO_TEXTS) != 0, emit);
  }

  std::optional<std::string> read_script(std::string_view name_space, std::string_view id) override {
    const Cancellation::Scope scope(cancellation_, Cancellation::Call::record);
    open_to_read();
    return session_ ? history_.read_script(session_->connection(), name_space, id) : std::nullopt;
  }

  // Nothing of a failed statement stays in a SQLite database.
  std::vector<std::string> list_leftovers() override {
    target();
    return {};
  }

  void initialize() override {
    const Cancellation::Scope scope(cancellation_);
    require_no_transaction("initialize");
    end_parts();
    upgrade_history(writable().connection(), settings_.migrations_table);
  }

  void lock(std::int64_t timeout_ms) override {
    const Cancellation::Scope scope(cancellation_);
    if (target().in_memory() ? memory_locked_ : lock_ != nullptr)
      throw BackendError(FLUX_E_STATE, "the migration lock is already held");
    memory_locked_ = target().in_memory();
    if (memory_locked_) return;
    target().require_writable();
    lock_ = std::make_unique<ProcessLock>(target().lock_file(), std::chrono::milliseconds(timeout_ms), host_.version(),
                                          cancellation_);
  }

  void unlock() override {
    lock_.reset();
    memory_locked_ = false;
  }

  std::optional<std::string> describe_lock() override {
    return target().in_memory() ? std::nullopt : holder_of_lock(target().lock_file());
  }

  void break_lock() override {
    if (const auto holder = describe_lock())
      throw BackendError(FLUX_E_UNSUPPORTED, "the migration lock of a SQLite database ends only with its process")
          .hint("end that process: " + *holder);
  }

  void begin() override {
    const Cancellation::Scope scope(cancellation_);
    require_no_transaction("begin");
    begin_on(writable());
  }

  void commit() override {
    const Cancellation::Scope scope(cancellation_);
    target();
    if (!transaction_) throw BackendError(FLUX_E_STATE, "commit without begin");
    try {
      check_foreign_keys();
      transaction_->commit();
    } catch (...) {
      // Where the disk failed, a new connection alone sees what is in the file.
      session_changed_ = true;
      rollback();
      throw;
    }
    end_transaction();
    if (parts_ == Parts::last_to_commit) end_parts();
  }

  void rollback() override {
    target();
    if (!transaction_) return;
    // What the check saw is taken back; what was known before it is not worth keeping for a run that stops here.
    session_->foreign_keys().forget();
    end_transaction();
    if (parts_ == Parts::last_to_commit) parts_ = Parts::under_way;
  }

  void apply(const Script& script) override {
    const Cancellation::Scope scope(cancellation_);
    if (!script.continued) end_parts();
    Session& session = writable();
    written_ = true;
    if (script.continued || script.continues) {
      apply_part(session, script);
      return;
    }
    if (!transaction_) session.foreign_keys().forget();
    bool changed = false;
    try {
      ScriptObserver observer(session.connection());
      run_script_observed(session, observer, script);
      changed = observer.changes_session();
    } catch (...) {
      // Nothing tells how far it came; in a transaction it is put right behind the rollback.
      session_changed_ = true;
      if (!transaction_) reset_session();
      throw;
    }
    if (!changed) return;
    session_changed_ = true;
    if (transaction_) {
      session.restore();
    } else {
      reset_session();
    }
  }

  void register_migration(const HistoryRow& row) override {
    const Cancellation::Scope scope(cancellation_, Cancellation::Call::record);
    write_history([&](const Connection& connection) { history_.put(connection, row); });
  }

  void unregister_migration(std::string_view name_space, std::string_view id) override {
    const Cancellation::Scope scope(cancellation_, Cancellation::Call::record);
    write_history([&](const Connection& connection) {
      if (!history_.remove(connection, name_space, id))
        throw BackendError(FLUX_E_CONFLICT, "the history has no migration \"" + std::string(id) + "\"");
    });
  }

  void cancel() noexcept override { cancellation_.cancel(); }

  void split(const Script& script, const std::function<void(const Statement&)>& emit) override {
    split_script(script.text, emit);
  }

  // Always in memory, whatever server is asked for.
  std::string create_shadow(const std::optional<std::string>&) override { return shadows_.create(); }
  void drop_shadow(const std::optional<std::string>&, const std::string& uri) override { shadows_.drop(uri); }

  void inspect(const std::function<void(const Fact&)>& emit) override {
    const Cancellation::Scope scope(cancellation_);
    open_to_read();
    // What is not there is not empty: compared with it, all else would be dropped. 3D000 is SQL's word for it.
    if (!session_)
      throw BackendError(FLUX_E_CONNECTION, "there is no database " + target_->file)
          .sqlstate("3D000")
          .hint("`flux apply` and `flux sync` make it; an empty file is an empty database");
    inspect_schema(session_->connection(), settings_.migrations_table, emit);
  }

  std::optional<std::vector<SchemaStep>> change(const SchemaChange& change) override { return change_schema(change); }

  void load(std::string_view sql) override {
    const Cancellation::Scope scope(cancellation_);
    load_definition(writable().connection(), sql);
  }

  std::vector<std::pair<FactRef, std::string>> check_loaded() override {
    const Cancellation::Scope scope(cancellation_);
    return flux::sqlite::check_loaded(writable().connection(), settings_.foreign_keys);
  }

  std::vector<Mention> read_definition(std::string_view sql) override { return flux::sqlite::read_definition(sql); }

 private:
  // Of a script that runs in parts: their session is kept from the first to the last.
  enum class Parts { none, under_way, last_to_commit };

  const Target& target() const {
    if (!target_) throw BackendError(FLUX_E_STATE, "not connected");
    return *target_;
  }

  void require_no_transaction(const char* call) const {
    target();
    if (transaction_) throw BackendError(FLUX_E_STATE, std::string(call) + " inside a transaction");
  }

  // Opens what is there to be read; a file may have been created by another process since the last time.
  void open_if_there() {
    if (session_ || (!target_->in_memory() && !target_->exists())) return;
    session_ = std::make_unique<Session>(settings_, *target_, false, cancellation_);
  }

  // The same for a call that must not read in a session that a script has changed.
  void open_to_read() {
    target();
    if (!transaction_) end_parts();
    open_if_there();
  }

  // The session, ready to be written to; creates the database.
  Session& writable() {
    target();
    if (!session_) session_ = std::make_unique<Session>(settings_, *target_, true, cancellation_);
    session_->prepare_to_write();
    return *session_;
  }

  void begin_on(Session& session) {
    rows_changed_ = tables_changed_ = session_changed_ = written_ = false;
    const auto undisturbed = undisturbed_history(session);
    transaction_ = std::make_unique<MigrationTransaction>(session.connection());
  }

  // Null where no script has changed the session.
  std::unique_ptr<UndisturbedHistory> undisturbed_history(Session& session) const {
    if (parts_ == Parts::none) return nullptr;
    return std::make_unique<UndisturbedHistory>(session.connection(), session.state_before_scripts(),
                                                settings_.migrations_table);
  }

  template <class Write>
  void write_history(const Write& write) {
    Session& session = writable();
    written_ = true;
    const auto undisturbed = undisturbed_history(session);
    write(session.connection());
  }

  // Foreign keys are enforced as the session is set: whoever writes a script that runs part by part decides it there.
  void apply_part(Session& session, const Script& script) {
    if (parts_ == Parts::none) parts_ = Parts::under_way;
    session.foreign_keys().forget();
    if (transaction_) transaction_->enforce_foreign_keys_as_before();
    try {
      ScriptObserver observer(session.connection());
      run_script(session.connection(), observer, script, [] {});
      require_no_open_transaction(session);
    } catch (...) {
      if (!transaction_ && session.connection().in_transaction())
        sqlite3_exec(session.connection().handle(), "ROLLBACK", nullptr, nullptr, nullptr);
      throw;
    }
    if (script.continues) return;
    if (transaction_) {
      parts_ = Parts::last_to_commit;
    } else {
      end_parts();
    }
  }

  // What comes next finds a session as new, also where its transaction has begun already.
  void end_parts() {
    if (parts_ == Parts::none) return;
    parts_ = Parts::none;
    if (!transaction_) {
      reset_session();
    } else if (!written_) {
      transaction_.reset();
      reset_session();
      begin_on(writable());
    } else {
      session_->restore();
      session_changed_ = true;
    }
  }

  void run_script_observed(Session& session, ScriptObserver& observer, const Script& script) {
    const auto before_change = [&] {
      if (settings_.foreign_keys && transaction_ && !rows_changed_)
        session.foreign_keys().note_broken(session.connection());
      rows_changed_ = true;
    };
    run_script(session.connection(), observer, script, before_change);
    tables_changed_ = tables_changed_ || observer.changes_tables();
    require_no_open_transaction(session);
  }

  void require_no_open_transaction(Session& session) const {
    if (!transaction_ && session.connection().in_transaction())
      throw BackendError(FLUX_E_SCRIPT, "the script leaves a transaction open").hint("end it with COMMIT");
  }

  void check_foreign_keys() {
    if (!session_->connection().in_transaction())
      throw BackendError(FLUX_E_FAILED, "SQLite has rolled the transaction back on its own");
    if (settings_.foreign_keys && rows_changed_)
      session_->foreign_keys().check(session_->connection(), tables_changed_);
    cancellation_.check();
  }

  void end_transaction() {
    transaction_.reset();
    // The session of a script that runs in parts is as the script wants it.
    if (session_changed_ && parts_ == Parts::none) reset_session();
    session_changed_ = false;
  }

  // Lets the next call find a session as new; outside a transaction. Opened only then: a commit that was done must not
  // fail for it. A database in memory would be lost with its connection, so that one is mended.
  void reset_session() {
    if (!session_) return;
    if (target_->in_memory()) {
      if (session_->connection().in_transaction()) session_->connection().execute("ROLLBACK");
      session_->restore();
    } else {
      session_.reset();
    }
  }

  Host host_;
  Settings settings_;
  HistoryTable history_;
  Cancellation cancellation_;
  std::optional<Target> target_;      // set: connected
  std::unique_ptr<Session> session_;  // none: no file yet, or to be opened anew
  std::unique_ptr<MigrationTransaction> transaction_;
  std::unique_ptr<ProcessLock> lock_;
  Shadows shadows_;
  bool memory_locked_ = false;
  Parts parts_ = Parts::none;
  // What the scripts of the running transaction did.
  bool rows_changed_ = false, tables_changed_ = false, session_changed_ = false;
  bool written_ = false;  // since it began, by scripts or to the history
};

}  // namespace flux::sqlite

FLUX_REGISTER_BACKEND(flux::sqlite::SqliteBackend, "sqlite", "0.1.0", "sqlite",
                      FLUX_CAP_TRANSACTIONAL_DDL | FLUX_CAP_LOCK | FLUX_CAP_CANCEL | FLUX_CAP_STATEMENT_OFFSETS);
