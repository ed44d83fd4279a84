// The backend: what the host calls, in terms of the parts beside it.
#include <flux/backend.hpp>
#include <memory>
#include <optional>
#include <string>

#include "cancellation.hpp"
#include "history_table.hpp"
#include "history_upgrade.hpp"
#include "migration_transaction.hpp"
#include "process_lock.hpp"
#include "run_script.hpp"
#include "session.hpp"
#include "settings.hpp"
#include "split_script.hpp"
#include "target.hpp"

namespace flux::sqlite {

class SqliteBackend final : public MigrationBackend, public StatementSplitter {
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
    } catch (...) {
      target_.reset();
      throw;
    }
  }

  void disconnect() noexcept override {
    transaction_.reset();
    session_.reset();
    lock_.reset();
    memory_locked_ = false;
    target_.reset();
  }

  std::string describe_target() override { return target().description(); }

  void list_history(std::string_view name_space, const std::function<void(const HistoryRow&)>& emit) override {
    const Cancellation::Scope scope(cancellation_);
    target();
    open_if_there();
    if (session_) history_.list(session_->connection(), name_space, emit);
  }

  void initialize() override {
    const Cancellation::Scope scope(cancellation_);
    require_no_transaction("initialize");
    upgrade_history(writable().connection(), settings_.migrations_table);
  }

  void lock(std::int64_t timeout_ms) override {
    const Cancellation::Scope scope(cancellation_);
    if (target().in_memory() ? memory_locked_ : lock_ != nullptr)
      throw BackendError(FLUX_E_STATE, "the migration lock is already held");
    memory_locked_ = target().in_memory();
    if (memory_locked_) return;
    if (target().mode == OpenMode::read_only)
      throw BackendError(FLUX_E_FAILED, target().file + " cannot be written").hint("the URI says mode=ro");
    lock_ = std::make_unique<ProcessLock>(target().file + "-flux.lock", std::chrono::milliseconds(timeout_ms),
                                          host_.version(), cancellation_);
  }

  void unlock() override {
    lock_.reset();
    memory_locked_ = false;
  }

  void begin() override {
    const Cancellation::Scope scope(cancellation_);
    require_no_transaction("begin");
    rows_changed_ = tables_changed_ = session_changed_ = false;
    transaction_ = std::make_unique<MigrationTransaction>(writable().connection());
  }

  void commit() override {
    target();
    if (!transaction_) throw BackendError(FLUX_E_STATE, "commit without begin");
    try {
      check_foreign_keys();
      transaction_->commit();
    } catch (...) {
      rollback();
      throw;
    }
    end_transaction();
  }

  void rollback() override {
    target();
    if (!transaction_) return;
    // What the check saw is taken back; what was known before it is not worth keeping for a run that stops here.
    session_->foreign_keys().forget();
    end_transaction();
  }

  void apply(const Script& script) override {
    const Cancellation::Scope scope(cancellation_);
    Session& session = writable();
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
    const Cancellation::Scope scope(cancellation_);
    history_.put(writable().connection(), row);
  }

  void unregister_migration(std::string_view name_space, std::string_view id) override {
    const Cancellation::Scope scope(cancellation_);
    if (!history_.remove(writable().connection(), name_space, id))
      throw BackendError(FLUX_E_CONFLICT, "the history has no migration \"" + std::string(id) + "\"");
  }

  void cancel() noexcept override { cancellation_.cancel(); }

  void split(const Script& script, const std::function<void(const Statement&)>& emit) override {
    split_script(script.text, emit);
  }

 private:
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

  // The session, ready to be written to; creates the database.
  Session& writable() {
    target();
    if (!session_) session_ = std::make_unique<Session>(settings_, *target_, true, cancellation_);
    session_->prepare_to_write();
    return *session_;
  }

  void run_script_observed(Session& session, ScriptObserver& observer, const Script& script) {
    const auto before_change = [&] {
      if (settings_.foreign_keys && transaction_ && !rows_changed_)
        session.foreign_keys().note_broken(session.connection());
      rows_changed_ = true;
    };
    run_script(session.connection(), observer, script, before_change);
    tables_changed_ = tables_changed_ || observer.changes_tables();
    if (!transaction_ && session.connection().in_transaction())
      throw BackendError(FLUX_E_SCRIPT, "the script leaves a transaction open").hint("end it with COMMIT");
  }

  // The only part of a commit that takes long, and the last that can be cancelled.
  void check_foreign_keys() {
    const Cancellation::Scope scope(cancellation_);
    if (!session_->connection().in_transaction())
      throw BackendError(FLUX_E_FAILED, "SQLite has rolled the transaction back on its own");
    if (settings_.foreign_keys && rows_changed_)
      session_->foreign_keys().check(session_->connection(), tables_changed_);
    cancellation_.check();
  }

  void end_transaction() {
    transaction_.reset();
    if (session_changed_) reset_session();
    session_changed_ = false;
  }

  // Lets the next call find a session as new; outside a transaction. Opened only then: a commit that was done must not
  // fail for it. A database in memory would be lost with its connection, so that one is mended.
  void reset_session() {
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
  bool memory_locked_ = false;
  // What the scripts of the running transaction did.
  bool rows_changed_ = false, tables_changed_ = false, session_changed_ = false;
};

}  // namespace flux::sqlite

FLUX_REGISTER_BACKEND(flux::sqlite::SqliteBackend, "sqlite", "0.1.0", "sqlite",
                      FLUX_CAP_TRANSACTIONAL_DDL | FLUX_CAP_LOCK | FLUX_CAP_CANCEL | FLUX_CAP_STATEMENT_OFFSETS);
