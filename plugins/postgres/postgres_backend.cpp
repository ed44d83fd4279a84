#include "postgres_backend.hpp"

#include <algorithm>
#include <cstring>

#include "script_run.hpp"
#include "statement_splitter.hpp"

namespace flux::postgres {
namespace {

constexpr std::size_t longest_name = 63;  // the server cuts off what is longer

// The lock of a single migration's transaction, beside the one of the whole run: the same number, with "flux" in
// its upper half.
std::int64_t transaction_lock(std::int64_t lock_id) {
  constexpr std::uint64_t mark = 0x666c757800000000;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(lock_id) ^ mark);
}

const std::string& checked_name(const BackendConfig& config, const char* key) {
  const std::string& name = config.string(key);
  if (name.empty() || name.size() > longest_name || name.find('\0') != std::string::npos)
    throw BackendError(FLUX_E_CONFIG, std::string("the key \"") + key + "\" must be a name of 1 to 63 bytes").key(key);
  return name;
}

}  // namespace

std::vector<Key> PostgresBackend::keys() {
  return {
      {"migrations_schema", std::string("public"), "schema of the history table, created if missing"},
      {"migrations_table", std::string("_flux_migrations"), "name of the history table"},
      {"migrations_lock_id", std::int64_t{3589}, "advisory lock that keeps a second run out"},
      {"init_sql", std::vector<std::string>{}, "statements for every fresh or reset session"},
  };
}

PostgresBackend::PostgresBackend(Host host, const BackendConfig& config)
    : host_(host),
      lock_id_(config.integer("migrations_lock_id")),
      init_sql_(config.strings("init_sql")),
      history_(checked_name(config, "migrations_schema"), checked_name(config, "migrations_table"),
               transaction_lock(lock_id_)),
      canceller_(host) {}

PostgresBackend::Target::Target(std::string_view uri, Host host, Canceller& canceller,
                                const std::vector<std::string>& init_sql, const HistoryTable& history)
    : conninfo(uri),
      connection(conninfo, host, &canceller),
      session(connection, init_sql, history.exists_query(connection)) {}

void PostgresBackend::connect(std::string_view uri) {
  if (target_) throw BackendError(FLUX_E_STATE, "connected already");
  const Canceller::Call call(canceller_);
  target_ = std::make_unique<Target>(uri, host_, canceller_, init_sql_, history_);
  history_.known(target_->session.first_result());
}

void PostgresBackend::disconnect() noexcept {
  transaction_.reset();
  lock_.reset();
  target_.reset();
}

PostgresBackend::Target& PostgresBackend::target() {
  if (!target_) throw BackendError(FLUX_E_STATE, "not connected");
  return *target_;
}

// The target with nothing left of earlier scripts. Inside a transaction apply() has seen to that.
PostgresBackend::Target& PostgresBackend::rested_target() {
  Target& out = target();
  if (!transaction_) out.session.refresh();
  return out;
}

std::string PostgresBackend::describe_target() { return target().connection.description(); }

void PostgresBackend::list_history(std::string_view name_space, const std::function<void(const HistoryRow&)>& emit) {
  const Canceller::Call call(canceller_);
  history_.list(rested_target().connection, name_space, emit);
}

void PostgresBackend::initialize() {
  if (transaction_) throw BackendError(FLUX_E_STATE, "initialize inside a transaction");
  const Canceller::Call call(canceller_);
  history_.ensure(rested_target().connection);
}

void PostgresBackend::lock(std::int64_t timeout_ms) {
  if (lock_) throw BackendError(FLUX_E_STATE, "locked already");
  const Canceller::Call call(canceller_);
  lock_ = std::make_unique<MigrationLock>(target().conninfo, host_, canceller_, lock_id_,
                                          std::chrono::milliseconds(timeout_ms));
}

void PostgresBackend::unlock() {
  if (!lock_) throw BackendError(FLUX_E_STATE, "not locked");
  const std::unique_ptr<MigrationLock> ended = std::move(lock_);
  ended->unlock();
}

void PostgresBackend::begin() {
  if (transaction_) throw BackendError(FLUX_E_STATE, "begin inside a transaction");
  const Canceller::Call call(canceller_);
  Connection& connection = rested_target().connection;
  if (lock_ && !lock_->held())
    throw BackendError(FLUX_E_CONNECTION, "the migration lock was lost: the server ended its connection");
  // The second lock waits until an earlier run's transaction has ended at the server, even where its client died.
  try {
    const Result result =
        connection.run("BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_catalog.pg_advisory_xact_lock(" +
                       std::to_string(transaction_lock(lock_id_)) + "); SELECT pg_catalog.pg_current_xact_id()");
    transaction_.emplace(Transaction{PQgetvalue(result.get(), 0, 0)});
  } catch (const BackendError&) {
    rollback();
    throw;
  }
}

void PostgresBackend::commit() {
  if (!transaction_) throw BackendError(FLUX_E_STATE, "commit without a transaction");
  transaction_.reset();
  const Result result = target().connection.run("COMMIT");
  if (std::strcmp(PQcmdStatus(result.get()), "COMMIT") != 0)
    throw BackendError(FLUX_E_FAILED, "the transaction had failed and was rolled back");
}

// A connection that is lost has rolled back: the server does so for a client that is gone.
void PostgresBackend::rollback() {
  transaction_.reset();
  if (!target_) return;
  Connection& connection = target_->connection;
  if (!connection.alive() || connection.transaction_status() == PQTRANS_IDLE) return;
  try {
    connection.run("ROLLBACK");
  } catch (const BackendError& e) {
    if (e.code() != FLUX_E_CONNECTION) throw;
    host_.log(FLUX_LOG_DEBUG, "the connection was lost during ROLLBACK");
  }
}

void PostgresBackend::apply(const Script& script) {
  const Canceller::Call call(canceller_);
  Target& to = rested_target();
  if (transaction_) return run_in_transaction(script);
  to.session.use();
  ScriptRun(to.connection, script.text).run();
}

void PostgresBackend::run_in_transaction(const Script& script) {
  Session& session = target().session;
  if (transaction_->ran_script) session.separate_scripts();
  transaction_->ran_script = true;
  session.use();
  ScriptRun(target().connection, script.text).run();
  // COMMIT and BEGIN in the script leave a transaction open, but another one.
  if (session.reset_settings() != transaction_->id) throw ended_transaction(script.text);
}

void PostgresBackend::register_migration(const HistoryRow& row) {
  const Canceller::Call call(canceller_);
  history_.write(rested_target().connection, row);
}

void PostgresBackend::unregister_migration(std::string_view name_space, std::string_view id) {
  const Canceller::Call call(canceller_);
  if (!history_.remove(rested_target().connection, name_space, id))
    throw BackendError(FLUX_E_CONFLICT, "the history has no migration \"" + std::string(id) + "\" to remove");
}

void PostgresBackend::split(const Script& script, const std::function<void(const Statement&)>& emit) {
  ScriptSplitter splitter(script.text);
  while (const auto statement = splitter.next())
    emit(Statement{statement->offset, statement->length, statement->kind.flags, statement->kind.what});
}

}  // namespace flux::postgres

FLUX_REGISTER_BACKEND(flux::postgres::PostgresBackend, "postgres", "0.1.0", "postgresql,postgres",
                      FLUX_CAP_TRANSACTIONAL_DDL | FLUX_CAP_LOCK | FLUX_CAP_CANCEL | FLUX_CAP_STATEMENT_OFFSETS);
