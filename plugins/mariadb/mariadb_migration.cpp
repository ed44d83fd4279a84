// The MariaDB backend's transactions, and what runs in them and beside them: scripts and history rows.
#include <algorithm>

#include "error_position.hpp"
#include "mariadb_backend.hpp"
#include "patience.hpp"

namespace flux::mariadb {
namespace {

constexpr std::int64_t longest_lock_wait = 31536000, longest_row_wait = 100000000;  // in seconds, what the server takes

// The server counts these in whole seconds; what is waited for a little is waited for one.
std::string in_seconds(std::int64_t ms, std::int64_t endless) {
  return std::to_string(ms == 0 ? endless : (ms + 999) / 1000);
}

bool is_part(const Script& script) { return script.continued || script.continues; }

}  // namespace

void MariadbBackend::begin() {
  if (in_transaction_) throw BackendError(FLUX_E_STATE, "begin inside a transaction");
  const Canceller::Call call(canceller_);
  // Between parts the session is a script's. Whether the next one goes on with it is known when that comes.
  begins_later_ = in_parts_;
  if (in_parts_)
    in_transaction_ = true;
  else
    start_transaction(false);
}

void MariadbBackend::start_transaction(bool goes_on) {
  in_transaction_ = begins_later_ = false;
  if (!goes_on) rested();
  require_locks();
  target().connection.run("START TRANSACTION READ WRITE");
  in_transaction_ = true;
}

void MariadbBackend::commit() {
  if (!in_transaction_) throw BackendError(FLUX_E_STATE, "commit without a transaction");
  in_transaction_ = false;
  Connection& connection = target().connection;
  try {
    if (lock_ && !lock_->held())
      throw BackendError(FLUX_E_LOCKED, "the migration lock was lost: the server has ended its connection")
          .hint("somebody may have released it: `flux lock` says who has it now");
    CommitPatience patience(connection, lock_ ? &lock_->connection() : nullptr, host_, "COMMIT");
    const Connection::Watched watched(connection, patience);
    // What a script has set must not have another transaction begin here.
    connection.run("COMMIT AND NO CHAIN NO RELEASE");
  } catch (const BackendError&) {
    send_rollback();
    throw;
  }
}

void MariadbBackend::rollback() {
  in_transaction_ = false;
  if (target_) send_rollback();
}

// A connection that is lost has rolled back: the server does so for a client that is gone.
void MariadbBackend::send_rollback() {
  constexpr const char* not_taken_back = "1196";
  Connection& connection = target().connection;
  if (!connection.alive()) return;
  try {
    connection.run("ROLLBACK AND NO CHAIN NO RELEASE");
    for (const Values& row : connection.run("SHOW WARNINGS"))
      if (row.size() > 2 && row[1] == not_taken_back)
        host_.log(FLUX_LOG_WARN, "what was changed in tables whose engine has no transactions was not rolled back");
  } catch (const BackendError& e) {
    if (e.code() != FLUX_E_CONNECTION) throw;
    host_.log(FLUX_LOG_DEBUG, "the connection was lost during ROLLBACK");
  }
}

void MariadbBackend::apply(const Script& script) {
  const Canceller::Call call(canceller_);
  // What ran before it in the same session is another script, unless it says that it continues it.
  if (!in_transaction_) {
    if (!script.continued) rested();
    require_locks();
  } else if (begins_later_) {
    start_transaction(script.continued);
  }
  if (!script.continued) set_timeouts(script);
  in_parts_ = script.continues;
  run_script(script);
}

// Later parts have the first one's settings, unless the script has changed them.
void MariadbBackend::set_timeouts(const Script& script) {
  Target& to = target();
  std::string set;
  if (script.lock_timeout_ms >= 0)
    set += ", lock_wait_timeout = " + in_seconds(script.lock_timeout_ms, longest_lock_wait) +
           ", innodb_lock_wait_timeout = " + in_seconds(script.lock_timeout_ms, longest_row_wait);
  if (script.statement_timeout_ms >= 0)
    set += to.connection.is_mariadb() ? ", max_statement_time = " + std::to_string(script.statement_timeout_ms) + "e-3"
                                      : ", max_execution_time = " + std::to_string(script.statement_timeout_ms);
  if (set.empty()) return;
  // A statement that may run for long only is no reason to give the history as much time; see Session::Aside.
  to.session.use(script.statement_timeout_ms >= 0);
  to.connection.run("SET SESSION " + set.substr(2));
}

void MariadbBackend::run_script(const Script& script) {
  Target& to = target();
  std::int64_t index = 0;
  if (is_part(script) && whole_.count(std::string(script.text)) != 0) {
    SplitStatement all{0, script.text.size(), {}, true, std::nullopt, {}};
    all.kind.opaque = true;
    return run_statement(script, all, index);
  }
  const auto group = is_part(script) ? groups_.find(std::string(script.text)) : groups_.end();
  ScriptSplitter splitter(script.text, group != groups_.end() ? group->second : to.session.reading());
  while (const auto statement = splitter.next()) run_statement(script, *statement, index++);
}

void MariadbBackend::run_statement(const Script& script, const SplitStatement& statement, std::int64_t index) {
  Target& to = target();
  if (statement.looks_back && !ran_statement_)
    throw BackendError(FLUX_E_SCRIPT,
                       "what this takes from the statement before it is gone: that ran in another session")
        .hint("put statements that belong together between BEGIN and COMMIT")
        .statement(index)
        .offset(static_cast<std::int64_t>(*statement.looks_back));
  const unsigned flags = statement.kind.flags;
  to.session.use((flags & FLUX_STATEMENT_SESSION) != 0 || statement.kind.opaque);
  ran_statement_ = ran_statement_ || (flags & FLUX_STATEMENT_SESSION) == 0;
  try {
    to.connection.run_and_drop(script.text.substr(statement.offset, statement.length), FLUX_E_SCRIPT);
  } catch (BackendError& e) {
    explain(script, statement, index, e);
  }
  check_transaction(script, statement, index);
  // SLEEP() and the like end without an error. What is done for good is done, whatever the user wants.
  if (canceller_.requested() && (in_transaction_ || statement.kind.asks))
    throw BackendError(FLUX_E_CANCELLED, "stopped by the user").statement(index);
}

void MariadbBackend::explain(const Script& script, const SplitStatement& statement, std::int64_t index,
                             BackendError& error) {
  if (error.code() == FLUX_E_CONNECTION) throw;
  const auto* refused = dynamic_cast<const Refused*>(&error);
  const std::string_view text = script.text.substr(statement.offset, statement.length);
  const std::size_t within = refused != nullptr ? position_in_statement(refused->number(), error.what(), text) : 0;
  error.statement(index).offset(static_cast<std::int64_t>(statement.offset + within));
  if (error.code() == FLUX_E_BUSY && lock_ && lock_->held())
    add_detail(error, open_transactions(lock_->connection(), target_->connection.id()));
  throw;
}

// A whole script may commit by itself, and goes on in a transaction. A part of one has been promised not to.
void MariadbBackend::check_transaction(const Script& script, const SplitStatement& statement, std::int64_t index) {
  Connection& connection = target().connection;
  if (in_transaction_ && !connection.in_transaction() && !is_part(script)) {
    connection.run("START TRANSACTION READ WRITE");
    return;
  }
  if (connection.in_transaction() == in_transaction_ && connection.autocommit()) return;
  const bool ended = in_transaction_ && !connection.in_transaction();
  if (!in_transaction_) connection.run("ROLLBACK AND NO CHAIN NO RELEASE");
  if (!connection.autocommit()) connection.run("SET SESSION autocommit = 1");
  if (!ended && !is_part(script) && in_transaction_) return;
  throw BackendError(FLUX_E_SCRIPT, ended ? "the script ended the transaction that Flux runs it in"
                                          : "the script left a transaction open, or autocommit off")
      .hint(ended ? "take out what commits or rolls back; what it committed itself stays"
                  : "take BEGIN and SET autocommit out of it")
      .statement(index)
      .offset(static_cast<std::int64_t>(statement.offset));
}

// Between the parts of a script, what belongs to no transaction of it goes over the other connection: the script may
// have locked tables, or changed anything of its session.
void MariadbBackend::write_history(const std::function<void(Connection&)>& work) {
  const Canceller::Call call(canceller_);
  if (!in_transaction_ && lock_) {
    require_locks();
    Connection& connection = lock_->connection();
    CommitPatience patience(connection, &target().connection, host_, "the history's row");
    const Connection::Watched watched(connection, patience);
    return work(connection);
  }
  if (in_transaction_ && begins_later_) start_transaction(true);
  if (!in_parts_) rested();
  aside(work);
}

void MariadbBackend::register_migration(const HistoryRow& row) {
  write_history([&](Connection& connection) { history_.write(connection, row); });
}

void MariadbBackend::unregister_migration(std::string_view name_space, std::string_view id) {
  write_history([&](Connection& connection) {
    if (!history_.remove(connection, name_space, id))
      throw BackendError(FLUX_E_CONFLICT, "the history has no migration \"" + std::string(id) + "\" to remove");
  });
}

}  // namespace flux::mariadb
