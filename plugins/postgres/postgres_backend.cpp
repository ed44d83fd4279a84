#include "postgres_backend.hpp"

#include "index_check.hpp"
#include "lock_holder.hpp"
#include "patience.hpp"
#include "recovery.hpp"
#include "statement_splitter.hpp"
#include "writable.hpp"

namespace flux::postgres {
namespace {

constexpr std::size_t longest_name = 63;  // the server cuts off what is longer

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
      locks_(config.integer("migrations_lock_id")),
      init_sql_(config.strings("init_sql")),
      history_name_{checked_name(config, "migrations_schema"), checked_name(config, "migrations_table")},
      history_(history_name_.schema, history_name_.table, locks_.transaction),
      canceller_(host) {}

PostgresBackend::Target::Target(std::string_view uri, Host host, Canceller& canceller,
                                const std::vector<std::string>& init_sql, const HistoryTable& history, bool to_work)
    : conninfo(uri),
      connection(conninfo, host, &canceller),
      session(connection, host, init_sql, history.exists_expression(connection), to_work) {}

void PostgresBackend::connect(std::string_view uri) {
  if (target_) throw BackendError(FLUX_E_STATE, "connected already");
  const Canceller::Call call(canceller_);
  open_target(uri);
  uri_ = uri;
}

void PostgresBackend::open_target(std::string_view uri) {
  target_ = std::make_unique<Target>(uri, host_, canceller_, init_sql_, history_, lock_ != nullptr);
  backend_pid_ = target_->connection.process();
  history_.known_exists(target_->session.first_value());
}

void PostgresBackend::disconnect() noexcept {
  transaction_.reset();
  in_parts_ = script_locked_ = loading_ = false;
  lock_.reset();
  shadow_server_.reset();
  target_.reset();
  uri_.clear();
}

PostgresBackend::Target& PostgresBackend::target() {
  if (!target_) throw BackendError(FLUX_E_STATE, "not connected");
  return *target_;
}

// Leaves nothing of earlier scripts, outside a transaction.
void PostgresBackend::rest() {
  in_parts_ = false;
  if (target().session.refresh()) script_locked_ = loading_ = false;
}

// Runs `work` in a fresh session; in the open transaction, if there is one, apply() has seen to that.
void PostgresBackend::for_itself(const std::function<void(Connection&)>& work) {
  Target& to = target();
  if (transaction_) return work(to.connection);
  rest();
  if (to.session.needs_transaction()) return in_own_transaction(work);
  work(to.connection);
}

std::string PostgresBackend::describe_target() { return target().connection.description(); }

void PostgresBackend::list_history(std::string_view name_space, std::uint32_t flags,
                                   const std::function<void(const HistoryRow&)>& emit) {
  const Canceller::Call call(canceller_);
  const bool undo_texts = (flags & FLUX_LIST_UNDO_TEXTS) != 0;
  for_itself([&](Connection& connection) { history_.list(connection, name_space, undo_texts, emit); });
}

std::optional<std::string> PostgresBackend::read_script(std::string_view name_space, std::string_view id) {
  const Canceller::Call call(canceller_);
  std::optional<std::string> out;
  for_itself([&](Connection& connection) { out = history_.script(connection, name_space, id); });
  return out;
}

std::vector<std::string> PostgresBackend::list_leftovers() {
  const Canceller::Call call(canceller_);
  std::vector<std::string> out;
  for_itself([&](Connection& connection) {
    for (const InvalidIndex& index : invalid_indexes(connection))
      out.push_back("the index " + index.name + " of " + index.table +
                    " is INVALID: no query uses it; DROP INDEX CONCURRENTLY " + index.name +
                    ", then build it again where it is needed");
  });
  return out;
}

void PostgresBackend::initialize() {
  if (transaction_) throw BackendError(FLUX_E_STATE, "initialize inside a transaction");
  const Canceller::Call call(canceller_);
  bool complete = false;
  for_itself([&](Connection& connection) { complete = history_.complete(connection); });
  if (complete) return;
  in_own_transaction([&](Connection& connection) { history_.complete_it(connection); });
  history_.completed();
  if (target().session.loud()) target().session.use();
}

void PostgresBackend::lock(std::int64_t timeout_ms) {
  if (lock_) throw BackendError(FLUX_E_STATE, "locked already");
  const Canceller::Call call(canceller_);
  Target& to = target();
  const bool pooled = to.session.pooled();
  auto lock = std::make_unique<MigrationLock>(to.conninfo, host_, canceller_, pooled, locks_.run,
                                              std::chrono::milliseconds(timeout_ms));
  // Behind a pooler the lock keeps one server connection: is there another to work on?
  AnswerPatience patience(to.connection);
  const Connection::Watched watched(to.connection, patience);
  const Result row = to.connection.run(to.session.prepare_sql(history_.state_expression(to.connection)));
  history_.known_state(to.session.prepared(row.get()));
  lock_ = std::move(lock);
}

void PostgresBackend::unlock() {
  if (!lock_) throw BackendError(FLUX_E_STATE, "not locked");
  const std::unique_ptr<MigrationLock> ended = std::move(lock_);
  ended->unlock();
}

std::optional<std::string> PostgresBackend::describe_lock() {
  const Canceller::Call call(canceller_);
  std::optional<LockHolder> holder;
  for_itself([&](Connection& connection) { holder = holder_of(connection, locks_.run); });
  if (!holder) return std::nullopt;
  return holder->text;
}

void PostgresBackend::break_lock() {
  const Canceller::Call call(canceller_);
  for_itself([&](Connection& connection) { end_holder(connection, canceller_, locks_.run); });
}

void PostgresBackend::try_to_renew_witness() {
  try {
    lock_->renew_witness();
  } catch (const BackendError& e) {
    host_.log(FLUX_LOG_DEBUG, std::string("the migration lock is lost, too: ") + e.what());
  }
}

void PostgresBackend::reconnect(std::int64_t timeout_ms) {
  if (uri_.empty()) throw BackendError(FLUX_E_STATE, "not connected");
  const Canceller::Call call(canceller_);
  constexpr std::chrono::milliseconds between_tries{250};
  Limit limit{std::chrono::milliseconds(timeout_ms)};
  const int lost = backend_pid_;
  // What the lost connection has sent ahead must commit nothing more once its transaction's end has been waited for.
  if (lock_ && lock_->held()) try_to_renew_witness();
  transaction_.reset();
  in_parts_ = script_locked_ = loading_ = false;
  // The server may be restarting: then what seems connected is lost once more.
  for (bool ended = false; !ended;) {
    target_.reset();
    try {
      open_target(uri_);
      wait_for_end(target_->connection, canceller_, {locks_.transaction, locks_.script}, lost, limit);
      ended = true;
    } catch (const BackendError& e) {
      if (e.code() != FLUX_E_CONNECTION || limit.over()) throw;
      host_.log(FLUX_LOG_DEBUG, std::string("not connected again yet: ") + e.what());
      canceller_.pause(between_tries, "connecting again");
    }
  }
  if (!lock_ || lock_->held()) return;
  lock_.reset();
  lock_ = std::make_unique<MigrationLock>(target_->conninfo, host_, canceller_, target_->session.pooled(), locks_.run,
                                          limit.left());
}

void PostgresBackend::split(const Script& script, const std::function<void(const Statement&)>& emit) {
  ScriptSplitter splitter(script.text);
  while (const auto statement = splitter.next())
    emit(Statement{statement->offset, statement->length, statement->kind.flags, statement->kind.what});
}

}  // namespace flux::postgres

FLUX_REGISTER_BACKEND(flux::postgres::PostgresBackend, "postgres", "0.1.0", "postgresql,postgres",
                      FLUX_CAP_TRANSACTIONAL_DDL | FLUX_CAP_LOCK | FLUX_CAP_CANCEL | FLUX_CAP_STATEMENT_OFFSETS);
