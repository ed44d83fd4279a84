#include "batch_run.hpp"

#include <algorithm>
#include <cstdlib>

#include "error_position.hpp"
#include "statement_splitter.hpp"
#include "writable.hpp"

namespace flux::postgres {
namespace {

std::vector<std::string> commands_of(const std::string& sql, bool conforming_strings = true) {
  std::vector<std::string> out;
  ScriptSplitter splitter(sql, conforming_strings);
  while (const auto statement = splitter.next()) out.push_back(sql.substr(statement->offset, statement->length));
  return out;
}

// An expression that fails with division_by_zero unless `condition` is true.
std::string demand(const std::string& condition) {
  return "pg_catalog.int4div(1, ((" + condition + ") IS TRUE)::pg_catalog.int4)";
}

std::string local_setting(const char* name, std::int64_t milliseconds) {
  return std::string(", pg_catalog.set_config('") + name + "', '" + std::to_string(milliseconds) + "', true)";
}

bool contains_any_case(std::string_view text, std::string_view lower) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(), same) != text.end();
}

// The server reads it otherwise after a change of client_encoding or standard_conforming_strings.
bool depends_on_reading(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return c == '\\' || static_cast<unsigned char>(c) >= 0x80; });
}

// The statements of a script that can be sent one by one; none: it cannot. The server takes no two statements for one:
// what is none that controls a transaction here cannot become one there. Nor must it read one of them otherwise than it
// would read them all in one message.
std::optional<std::vector<ScriptStatement>> sendable(std::string_view text, bool conforming_strings) {
  constexpr unsigned stops = FLUX_STATEMENT_TRANSACTION_CONTROL | FLUX_STATEMENT_NO_TRANSACTION;
  const bool delicate = depends_on_reading(text);
  bool called = false;
  std::vector<ScriptStatement> out;
  try {
    ScriptSplitter splitter(text, conforming_strings);
    while (const auto statement = splitter.next()) {
      const StatementKind& kind = statement->kind;
      if (kind.copies || kind.changes_reading || (kind.flags & stops) != 0 || (delicate && called)) return std::nullopt;
      called = called || kind.calls;
      out.push_back(*statement);
    }
  } catch (const BackendError&) {
    return std::nullopt;  // which is said of it in its turn
  }
  return out;
}

bool may_make_event_trigger(const ScriptStatement& statement) {
  return statement.kind.calls || statement.kind.makes_event_trigger;
}

}  // namespace

BatchRun::BatchRun(const BatchMeans& means)
    : means_(means),
      separate_(commands_of(means.session.separate_sql())),
      enter_(commands_of(means.session.enter_sql())),
      reset_(commands_of(means.session.reset_sql())),
      leave_(commands_of(means.session.leave_sql())),
      conforming_strings_(means.connection.setting("standard_conforming_strings") != "off"),
      pipeline_(means.connection),
      clean_(!means.used),
      process_known_(!means.session.pooled()) {
  for (const std::string& sql : means.session.init_sql())
    for (std::string& command : commands_of(sql, conforming_strings_)) init_.push_back(std::move(command));
  outcome_.process = means.connection.process();
}

bool BatchRun::send(const Unit& unit) {
  std::optional<std::vector<ScriptStatement>> statements;
  if (unit.script) {
    statements = sendable(unit.script->text, conforming_strings_);
    if (!statements) return false;
  }
  const bool changes = statements && !is_quiet(*unit.script, *statements);
  units_.push_back(&unit);
  send_beginning(unit);
  if (changes) {
    means_.session.use(std::any_of(statements->begin(), statements->end(), may_make_event_trigger));
    used_ = true;
    clean_ = false;
  }
  for (std::size_t i = 0; statements && i < statements->size(); ++i) {
    const ScriptStatement& statement = (*statements)[i];
    send_one(Kind::statement, std::string(unit.script->text.substr(statement.offset, statement.length)));
    sent_.back().statement = static_cast<std::int64_t>(i);
    sent_.back().offset = statement.offset;
    sent_.back().length = statement.length;
  }
  if (changes) send_own(reset_);
  if (unit.row) send_row(unit);
  if (means_.lock != nullptr)
    send_one(Kind::locked, "SELECT " + demand("NOT pg_catalog.pg_try_advisory_xact_lock(" +
                                              std::to_string(means_.lock->witness()) + ")"));
  if (!means_.in_transaction) {
    if (changes) send_own(leave_);
    // Behind a pooler each transaction leaves its session as it was.
    if (means_.session.pooled()) clean_ = true;
    // From here on a silence is one of COMMIT.
    pipeline_.flush();
    send_one(Kind::commit, "COMMIT");
  }
  sent_.back().settles = true;
  pipeline_.flush();
  return true;
}

// Resetting the session takes the server as long as a small statement: what leaves nothing behind goes without. In a
// transaction of all, its timeouts would be left behind.
bool BatchRun::is_quiet(const Script& script, const std::vector<ScriptStatement>& statements) const {
  if (means_.session.loud() ||
      (means_.in_transaction && (script.lock_timeout_ms >= 0 || script.statement_timeout_ms >= 0)))
    return false;
  if (contains_any_case(script.text, "temp") || contains_any_case(script.text, "u&")) return false;
  return std::all_of(statements.begin(), statements.end(), [](const ScriptStatement& s) { return s.kind.quiet; });
}

void BatchRun::send_beginning(const Unit& unit) {
  const bool first = units_.size() == 1;
  if (!means_.in_transaction) {
    send_own(commands_of(begin_sql(false)));
    send_own(enter_);
  }
  if (!clean_) {
    send_own(separate_);
    send_own(init_, Kind::init);
    clean_ = true;
  }
  if (!means_.in_transaction)
    send_one(Kind::own, "SELECT pg_catalog.pg_advisory_xact_lock(" + std::to_string(means_.transaction_lock) + ")");
  send_one(Kind::to_do, to_do_sql(unit, first));
  if (first) pipeline_.flush();
}

// Has to see what the transaction that held the lock before has committed, and so comes in a statement behind the lock.
std::string BatchRun::to_do_sql(const Unit& unit, bool first) const {
  std::string condition = "true";
  if (unit.row && (unit.removes || unit.row->is_new))
    condition = (unit.removes ? "" : "NOT ") + means_.history.has_row_expression(means_.connection, *unit.row);
  if (first && !means_.in_transaction) condition += " AND pg_catalog.current_setting('transaction_read_only') = 'off'";
  std::string sql = "SELECT " + demand(condition);
  if (first) sql += ", pg_catalog.pg_backend_pid()";
  if (unit.script && unit.script->lock_timeout_ms >= 0)
    sql += local_setting("lock_timeout", unit.script->lock_timeout_ms);
  if (unit.script && unit.script->statement_timeout_ms >= 0)
    sql += local_setting("statement_timeout", unit.script->statement_timeout_ms);
  return sql;
}

void BatchRun::send_row(const Unit& unit) {
  const HistoryTable::Command command =
      unit.removes ? means_.history.remove_command(means_.connection, *unit.row)
                   : means_.history.write_command(means_.connection, *unit.row, !means_.in_transaction);
  send_one(Kind::row, command.sql, command.parameters);
}

void BatchRun::send_own(const std::vector<std::string>& commands, Kind kind) {
  for (const std::string& command : commands) send_one(kind, command);
}

void BatchRun::send_one(Kind kind, const std::string& sql, const Parameters& parameters) {
  pipeline_.send(sql, parameters);
  sent_.push_back({kind, units_.size() - 1});
}

BatchRun::Outcome BatchRun::receive(const BatchApplier::Settled& settled) {
  pipeline_.end();
  for (const Sent& sent : sent_) {
    outcome_.unit = sent.unit;
    try {
      watch(sent);
      const Result result = pipeline_.next(sent.kind == Kind::statement);
      take(sent, result.get(), settled);
    } catch (...) {
      outcome_.error = std::current_exception();
      break;
    }
  }
  means_.canceller.hold(false);
  watched_.reset();
  return outcome_;
}

// Has the right one look on: whom does a statement wait for, why is COMMIT not answered.
void BatchRun::watch(const Sent& sent) {
  const bool commit = sent.kind == Kind::commit;
  if (watched_ && sent.unit == watched_unit_ && commit == watched_commit_) return;
  watched_.reset();
  watched_unit_ = sent.unit;
  watched_commit_ = commit;
  Connection* observer = means_.lock != nullptr ? &means_.lock->connection() : nullptr;
  const auto& script = units_[sent.unit]->script;
  means_.canceller.hold(commit);
  if (commit) {
    commit_patience_.emplace(means_.connection, observer, outcome_.process, means_.host);
    watched_.emplace(means_.connection, *commit_patience_);
  } else {
    duration_ms_ = -1;
    waits_.emplace(observer, outcome_.process, std::chrono::milliseconds(script ? script->lock_timeout_ms : -1),
                   means_.host);
    patience_.emplace(means_.connection, *waits_);
    if (observer != nullptr && process_known_)
      watched_.emplace(means_.connection, *patience_);
    else
      watched_.emplace(means_.connection, *waits_);
  }
}

void BatchRun::take(const Sent& sent, const PGresult* result, const BatchApplier::Settled& settled) {
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    pipeline_.drain();  // only then is it seen whether the server has ended the connection
    fail(sent, result);
  }
  if (sent.kind == Kind::to_do && sent.unit == 0) {
    outcome_.process = std::atoi(PQgetvalue(result, 0, 1));
    process_known_ = true;
    watched_.reset();  // by what knows it
  }
  if (sent.kind == Kind::row && !means_.in_transaction)
    duration_ms_ = std::strtoll(PQgetvalue(result, 0, 0), nullptr, 10);
  if (sent.settles) settled(sent.unit, duration_ms_);
}

void BatchRun::fail(const Sent& sent, const PGresult* error) {
  const Unit& unit = *units_[sent.unit];
  const bool divided = field(error, PG_DIAG_SQLSTATE) == "22012";
  if (divided && (sent.kind == Kind::to_do || (sent.kind == Kind::row && unit.removes)))
    outcome_.condition = Outcome::Condition::to_do;
  if (divided && sent.kind == Kind::locked) outcome_.condition = Outcome::Condition::locked;
  try {
    means_.connection.fail(error, sent.kind == Kind::statement ? FLUX_E_SCRIPT : FLUX_E_FAILED);
  } catch (BackendError& e) {
    if (e.code() == FLUX_E_CONNECTION) throw;
    if (sent.kind == Kind::init) throw Session::init_error(e);
    if (sent.kind == Kind::row) throw HistoryTable::write_error(e, *unit.row);
    if (e.code() == FLUX_E_BUSY && e.sqlstate() == "55P03" && waits_) add_detail(e, waits_->blockers());
    if (sent.kind != Kind::statement) throw;
    const std::string_view text = unit.script->text.substr(sent.offset, sent.length);
    const auto stated = stated_position(means_.connection, error, text);
    const std::size_t at = sent.offset + (stated ? *stated : byte_of_unknown_name(error, text));
    e.statement(sent.statement).offset(static_cast<std::int64_t>(at));
    throw;
  }
}

}  // namespace flux::postgres
