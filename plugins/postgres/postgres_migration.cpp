// The PostgreSQL backend's transactions, and what runs in them and beside them: scripts and history rows.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "index_check.hpp"
#include "lock_waits.hpp"
#include "patience.hpp"
#include "postgres_backend.hpp"
#include "script_lock.hpp"
#include "script_run.hpp"
#include "writable.hpp"

namespace flux::postgres {
namespace {

std::string transaction_id(Connection& connection) {
  return PQgetvalue(connection.run("SELECT pg_catalog.pg_current_xact_id()").get(), 0, 0);
}

// The commands that set a script's timeouts, for its transaction only where `local`.
std::string timeouts(const Script& script, bool local) {
  const std::string set = local ? "SET LOCAL " : "SET ";
  std::string out;
  if (script.lock_timeout_ms >= 0) out += set + "lock_timeout = " + std::to_string(script.lock_timeout_ms) + "; ";
  if (script.statement_timeout_ms >= 0)
    out += set + "statement_timeout = " + std::to_string(script.statement_timeout_ms) + "; ";
  return out;
}

}  // namespace

void PostgresBackend::in_own_transaction(const std::function<void(Connection&)>& work) {
  Target& to = target();
  try {
    // What the script has set of its session must not keep the history from being written.
    to.connection.run(begin_sql(in_parts_) + to.session.enter_sql());
    if (in_parts_)
      to.session.step_aside();
    else
      to.session.enter();
    work(to.connection);
    send_commit();
  } catch (...) {
    send_rollback();
    throw;
  }
}

void PostgresBackend::require_run_lock() {
  if (lock_ && !lock_->held())
    throw BackendError(FLUX_E_CONNECTION, "the migration lock was lost: the server ended its connection");
}

// Whoever has taken the lock away wants this run to commit nothing more. Where the other connection is gone as well,
// which the question finds out, it was the server.
void PostgresBackend::require_lock_to_commit() {
  if (!lock_ || lock_->held()) return;
  target().connection.run("SELECT");
  throw lock_lost();
}

void PostgresBackend::begin() {
  if (transaction_) throw BackendError(FLUX_E_STATE, "begin inside a transaction");
  const Canceller::Call call(canceller_);
  if (!in_parts_) rest();
  require_run_lock();
  Target& to = target();
  try {
    // The second lock waits until an earlier run's transaction has ended at the server, even where its client died. A
    // standby gives no transaction an id.
    const Result result = to.connection.run(
        begin_sql(in_parts_) + to.session.enter_sql() + "SELECT pg_catalog.pg_advisory_xact_lock(" +
        std::to_string(locks_.transaction) + "); SELECT " + writable_columns +
        ", pg_catalog.pg_backend_pid(), CASE WHEN NOT pg_catalog.current_setting('transaction_read_only')::"
        "pg_catalog.bool THEN pg_catalog.pg_current_xact_id() END");
    check_writable(result.get());
    to.session.enter();
    backend_pid_ = std::atoi(PQgetvalue(result.get(), 0, 2));
    transaction_.emplace(Transaction{PQgetvalue(result.get(), 0, 3), in_parts_});
  } catch (const BackendError&) {
    send_rollback();
    throw;
  }
}

void PostgresBackend::commit() {
  if (!transaction_) throw BackendError(FLUX_E_STATE, "commit without a transaction");
  const bool in_parts = transaction_->in_parts;
  transaction_.reset();
  try {
    require_lock_to_commit();
    send_commit();
  } catch (const BackendError&) {
    in_parts_ = in_parts;
    send_rollback();
    throw;
  }
}

void PostgresBackend::send_commit() {
  Connection& connection = target().connection;
  constexpr const char* failed = "the transaction had failed and was rolled back";
  if (connection.transaction_status() == PQTRANS_INERROR) throw BackendError(FLUX_E_FAILED, failed);
  CommitPatience patience(connection, observer(), backend_pid_, host_);
  const Connection::Watched watched(connection, patience);
  const Result result = connection.run(target().session.leave_sql() + "COMMIT");
  if (std::strcmp(PQcmdStatus(result.get()), "COMMIT") != 0) throw BackendError(FLUX_E_FAILED, failed);
}

void PostgresBackend::rollback() {
  if (transaction_) in_parts_ = transaction_->in_parts;
  transaction_.reset();
  if (target_) send_rollback();
}

// A connection that is lost has rolled back: the server does so for a client that is gone. What a rollback leaves of a
// script in the session is cleared away in the same message: behind a pooler the next one may go elsewhere.
void PostgresBackend::send_rollback() {
  Connection& connection = target().connection;
  if (!connection.alive() || connection.transaction_status() == PQTRANS_IDLE) return;
  try {
    connection.run("ROLLBACK; " + target().session.leave_sql());
  } catch (const BackendError& e) {
    if (e.code() != FLUX_E_CONNECTION) throw;
    host_.log(FLUX_LOG_DEBUG, "the connection was lost during ROLLBACK");
  }
}

void PostgresBackend::apply(const Script& script) {
  const Canceller::Call call(canceller_);
  if (transaction_)
    run_in_transaction(script);
  else
    run_outside(script);
  in_parts_ = script.continues;
}

void PostgresBackend::run_in_transaction(const Script& script) {
  Session& session = target().session;
  if (!script.continued && (transaction_->ran_script || in_parts_)) {
    session.reset_settings();
    session.separate_scripts();
    script_locked_ = false;
  }
  transaction_->ran_script = true;
  session.use();
  // Later parts have the first one's settings, unless the script has changed them.
  // Behind a pooler nothing of it lasts, so that every part has its own.
  const bool pooled = session.pooled();
  const bool first = !script.continued || pooled, local = !script.continues || pooled;
  run_script(script, first ? timeouts(script, local) : std::string(), script.lock_timeout_ms);
  // What the script has set must not reach the history, but the next part. COMMIT and BEGIN in it leave a transaction
  // open, but another one.
  const std::string id = script.continues ? transaction_id(target().connection) : session.reset_settings();
  if (id != transaction_->id) throw ended_transaction(script.text);
}

void PostgresBackend::run_outside(const Script& script) {
  Target& to = target();
  if (to.session.pooled())
    throw BackendError(FLUX_E_FAILED, "a script cannot run outside of a transaction through a pooler")
        .hint("give a direct URI, one that leads to the server itself");
  require_run_lock();
  if (!script.continued) rest();
  backend_pid_ = to.connection.process();
  to.session.use();
  if (!script_locked_) take_script_lock(to.connection, canceller_, locks_.script);
  script_locked_ = true;
  if (!script.continued) to.connection.run(timeouts(script, false));

  const BuildCheck check(script.text);
  const PatientBuild patient(to.connection, check.patient(), script.lock_timeout_ms);
  try {
    run_script(script, {}, check.patient() ? 0 : script.lock_timeout_ms);
  } catch (BackendError& e) {
    check.after_failure(to.connection, e);
    throw;
  }
  check.after_success(to.connection);
}

// Sends `settings` ahead of the script in its first message. `lock_timeout_ms` is what is in force.
void PostgresBackend::run_script(const Script& script, const std::string& settings, std::int64_t lock_timeout_ms) {
  Connection& connection = target().connection;
  ScriptRun run(connection, script.text);
  run.prepend(settings, static_cast<std::size_t>(std::count(settings.begin(), settings.end(), ';')));
  LockWaits waits(observer(), backend_pid_, std::chrono::milliseconds(lock_timeout_ms), host_);
  std::optional<Connection::Watched> watched;
  if (lock_timeout_ms >= 0) watched.emplace(connection, waits);
  try {
    run.run();
  } catch (BackendError& e) {
    if (e.code() == FLUX_E_BUSY && e.sqlstate() == "55P03") add_detail(e, waits.blockers());
    throw;
  }
}

// Writes in a fresh session, or, between two parts of a script, beside what they have made of theirs.
void PostgresBackend::write_history(const std::function<void(Connection&)>& work) {
  const Canceller::Call call(canceller_);
  if (!in_parts_) return for_itself(work);
  if (!transaction_) return in_own_transaction(work);
  target().session.step_aside();
  work(target().connection);
}

void PostgresBackend::register_migration(const HistoryRow& row) {
  write_history([&](Connection& connection) { history_.write(connection, row); });
}

void PostgresBackend::unregister_migration(std::string_view name_space, std::string_view id) {
  write_history([&](Connection& connection) {
    if (!history_.remove(connection, name_space, id))
      throw BackendError(FLUX_E_CONFLICT, "the history has no migration \"" + std::string(id) + "\" to remove");
  });
}

}  // namespace flux::postgres
