#include "mariadb_backend.hpp"

#include "patience.hpp"

namespace flux::mariadb {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t longest_name = 64, longest_lock_name = 62;

const std::string& checked_name(const BackendConfig& config, const char* key, bool may_be_empty, std::size_t longest) {
  const std::string& name = config.string(key);
  if ((name.empty() && !may_be_empty) || name.size() > longest || name.find('\0') != std::string::npos)
    throw BackendError(FLUX_E_CONFIG, std::string("the key \"") + key + "\" must be a name of " +
                                          (may_be_empty ? "at most " : "1 to ") + std::to_string(longest) + " bytes")
        .key(key);
  return name;
}

milliseconds left_until(Clock::time_point end) {
  return std::max(std::chrono::duration_cast<milliseconds>(end - Clock::now()), milliseconds(0));
}

}  // namespace

std::vector<Key> MariadbBackend::keys() {
  return {
      {"migrations_database", std::string(),
       "database of the history table, created if missing; \"\": that of the URI"},
      {"migrations_table", std::string("_flux_migrations"), "name of the history table"},
      {"migrations_lock_name", std::string(),
       "named lock that keeps a second run out; \"\": made of database and table"},
      {"init_sql", std::vector<std::string>{}, "statements for every fresh or reset session"},
  };
}

MariadbBackend::MariadbBackend(Host host, const BackendConfig& config)
    : host_(host),
      lock_name_(checked_name(config, "migrations_lock_name", true, longest_lock_name)),
      init_sql_(config.strings("init_sql")),
      history_(checked_name(config, "migrations_database", true, longest_name),
               checked_name(config, "migrations_table", false, longest_name)),
      canceller_(host) {}

MariadbBackend::Target::Target(std::string_view text, Canceller& canceller, const std::vector<std::string>& init_sql,
                               HistoryTable& history, const std::string& lock_name)
    : uri(TargetUri::parse(text)),
      connection(uri, &canceller),
      session(connection, connection.value("SELECT DATABASE()").value_or(""), init_sql),
      locks([&] {
        history.enter(connection.value("SELECT DATABASE()").value_or(""));
        return LockNames(lock_name, history.database(), history.table());
      }()) {}

void MariadbBackend::connect(std::string_view uri) {
  if (target_) throw BackendError(FLUX_E_STATE, "connected already");
  const Canceller::Call call(canceller_);
  open_target(uri);
  uri_ = uri;
}

void MariadbBackend::open_target(std::string_view uri) {
  in_transaction_ = in_parts_ = work_locked_ = ran_statement_ = false;
  target_.reset();
  target_ = std::make_unique<Target>(uri, canceller_, init_sql_, history_, lock_name_);
  session_ = target_->connection.id();
}

void MariadbBackend::disconnect() noexcept {
  in_transaction_ = in_parts_ = work_locked_ = ran_statement_ = false;
  lock_.reset();
  target_.reset();
  uri_.clear();
}

MariadbBackend::Target& MariadbBackend::target() {
  if (!target_) throw BackendError(FLUX_E_STATE, "not connected");
  return *target_;
}

// The connection with nothing of earlier scripts; inside a transaction of theirs as it is.
Connection& MariadbBackend::rested() {
  Target& to = target();
  if (in_transaction_) return to.connection;
  in_parts_ = false;
  if (to.session.refresh()) work_locked_ = ran_statement_ = false;
  return to.connection;
}

void MariadbBackend::with_history(const std::function<void(Connection&)>& work) {
  rested();
  aside(work);
}

void MariadbBackend::aside(const std::function<void(Connection&)>& work) {
  Session::Aside aside(target().session);
  work(target().connection);
  aside.end();
}

std::string MariadbBackend::describe_target() { return target().connection.description(); }

void MariadbBackend::list_history(std::string_view name_space, std::uint32_t flags,
                                  const std::function<void(const HistoryRow&)>& emit) {
  const Canceller::Call call(canceller_);
  with_history([&](Connection& connection) {
    history_.list(connection, name_space, (flags & FLUX_LIST_UNDO_TEXTS) != 0, emit);
  });
}

std::optional<std::string> MariadbBackend::read_script(std::string_view name_space, std::string_view id) {
  const Canceller::Call call(canceller_);
  std::optional<std::string> script;
  with_history([&](Connection& connection) { script = history_.script(connection, name_space, id); });
  return script;
}

void MariadbBackend::initialize() {
  if (in_transaction_) throw BackendError(FLUX_E_STATE, "initialize inside a transaction");
  const Canceller::Call call(canceller_);
  with_history([&](Connection& connection) { history_.complete_it(connection); });
}

void MariadbBackend::lock(std::int64_t timeout_ms) {
  if (lock_) throw BackendError(FLUX_E_STATE, "locked already");
  const Canceller::Call call(canceller_);
  Target& to = target();
  const Clock::time_point end = Clock::now() + milliseconds(timeout_ms);
  auto lock = std::make_unique<MigrationLock>(to.uri, host_, canceller_, to.locks, milliseconds(timeout_ms));
  rested();
  take_work_lock(left_until(end));
  history_.forget();
  lock_ = std::move(lock);
}

void MariadbBackend::unlock() {
  if (!lock_) throw BackendError(FLUX_E_STATE, "not locked");
  const std::unique_ptr<MigrationLock> ended = std::move(lock_);
  if (target_ && work_locked_ && target_->connection.alive())
    target_->connection.run("SELECT RELEASE_LOCK(" + quoted_text(target_->locks.work) + ")");
  work_locked_ = false;
  ended->unlock();
}

// Held by another session it means that the server is still at work on what an earlier run has sent.
void MariadbBackend::take_work_lock(milliseconds limit) {
  if (work_locked_) return;
  Target& to = target();
  take_named_lock(to.connection, to.locks.work, host_, canceller_, limit);
  work_locked_ = true;
}

// Asked of the server each time: two runs at once would be worse than anything that this costs. A script can lose the
// second lock, but whoever holds the first one can always have it again.
void MariadbBackend::require_locks() {
  if (!lock_) return;
  if (!lock_->held())
    throw BackendError(FLUX_E_CONNECTION, "the migration lock was lost: the server ended its connection");
  Target& to = target();
  AnswerPatience patience(to.connection);
  std::optional<Connection::Watched> watched(std::in_place, to.connection, patience);
  // LIMIT, here and elsewhere: a script may have set sql_select_limit.
  const Values held = to.connection.row("SELECT IS_USED_LOCK(" + quoted_text(to.locks.run) + ") <=> " +
                                        std::to_string(lock_->connection().id()) + ", IS_USED_LOCK(" +
                                        quoted_text(to.locks.work) + ") <=> CONNECTION_ID() LIMIT 1");
  watched.reset();
  work_locked_ = held[1] == "1";
  if (held[0] != "1")
    throw BackendError(FLUX_E_CONNECTION, "the migration lock was lost: it was released, or its connection was ended");
  take_work_lock(milliseconds(0));
}

std::optional<std::string> MariadbBackend::describe_lock() {
  const Canceller::Call call(canceller_);
  Connection& connection = rested();
  auto holder = holder_of(connection, target().locks.run);
  if (!holder) holder = holder_of(connection, target().locks.work);
  if (!holder) return std::nullopt;
  return holder->text;
}

void MariadbBackend::break_lock() {
  const Canceller::Call call(canceller_);
  end_holders(rested(), canceller_, target().locks);
}

// Nobody waits any more for what the lost session is doing, and it is told to end. Ending can take as long as what it
// did.
void MariadbBackend::wait_for_end(unsigned long lost, const std::string& lock, milliseconds limit) {
  constexpr milliseconds between_looks{200};
  Connection& connection = target_->connection;
  const std::string id = std::to_string(lost);
  const std::string there = "SELECT state FROM information_schema.processlist WHERE id = " + id;
  Clock::time_point end = Clock::now() + limit;
  while (connection.value("SELECT IS_USED_LOCK(" + quoted_text(lock) + ")") == id) {
    try {
      connection.run("KILL CONNECTION " + id);
    } catch (const Refused& e) {
      if (e.number() != 1094) throw;  // it is gone
    }
    if (at_work(connection, lost)) end += between_looks;
    if (Clock::now() >= end)
      throw BackendError(FLUX_E_CONNECTION, "what the lost connection was doing has not ended at the server")
          .detail("connection " + id + ": " + connection.value(there).value_or(""));
    canceller_.pause(between_looks, "waiting for the lost connection's end");
  }
}

void MariadbBackend::reconnect(std::int64_t timeout_ms) {
  if (uri_.empty()) throw BackendError(FLUX_E_STATE, "not connected");
  const Canceller::Call call(canceller_);
  constexpr milliseconds between_tries{250};
  const Clock::time_point end = Clock::now() + milliseconds(timeout_ms);
  const unsigned long lost = session_;
  // The server may be restarting: then what seems connected is lost once more.
  for (bool ended = false; !ended;) {
    try {
      open_target(uri_);
      wait_for_end(lost, target_->locks.work, left_until(end));
      ended = true;
    } catch (const BackendError& e) {
      session_ = lost;
      if (e.code() != FLUX_E_CONNECTION || Clock::now() >= end) throw;
      host_.log(FLUX_LOG_DEBUG, std::string("not connected again yet: ") + e.what());
      canceller_.pause(between_tries, "connecting again");
    }
  }
  session_ = target_->connection.id();
  if (!lock_) return;
  if (!lock_->held() || target_->connection.value("SELECT IS_USED_LOCK(" + quoted_text(target_->locks.run) + ")") !=
                            std::to_string(lock_->connection().id())) {
    const unsigned long lost_lock = lock_->connection().id();
    lock_.reset();
    // The server may not have noticed that this connection is lost as well.
    wait_for_end(lost_lock, target_->locks.run, left_until(end));
    lock_ = std::make_unique<MigrationLock>(target_->uri, host_, canceller_, target_->locks, left_until(end));
  }
  take_work_lock(left_until(end));
}

void MariadbBackend::split(const Script& script, const std::function<void(const Statement&)>& emit) {
  const Reading fresh = target_ ? target_->session.reading() : Reading{};
  ScriptSplitter splitter(script.text, fresh);
  std::size_t group = 0, group_end = 0;  // of the statements between BEGIN and COMMIT, which come as one part
  while (const auto statement = splitter.next()) {
    const unsigned flags = statement->kind.flags;
    if ((flags & FLUX_STATEMENT_COMMIT) != 0 && group_end > group && statement->reading != fresh)
      groups_[std::string(script.text.substr(group, group_end - group))] = statement->reading;
    if ((flags & FLUX_STATEMENT_TRANSACTION_CONTROL) != 0)
      group = group_end = 0;
    else if (group_end == 0)
      group = statement->offset;
    group_end = (flags & FLUX_STATEMENT_TRANSACTION_CONTROL) != 0 ? 0 : statement->offset + statement->length;
    if (statement->needs_context) whole_.emplace(script.text.substr(statement->offset, statement->length));
    emit(Statement{statement->offset, statement->length, flags, statement->kind.what});
  }
}

}  // namespace flux::mariadb

// DDL commits by itself, so that FLUX_CAP_TRANSACTIONAL_DDL is not promised.
FLUX_REGISTER_BACKEND(flux::mariadb::MariadbBackend, "mariadb", "0.1.0", "mariadb,mysql",
                      FLUX_CAP_LOCK | FLUX_CAP_CANCEL | FLUX_CAP_STATEMENT_OFFSETS);
