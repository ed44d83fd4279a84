#include "run_script.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "lexer.hpp"

namespace flux::sqlite {
namespace {

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

// Where in the script it is at work.
struct Position {
  std::int64_t index = 0;  // of the statement
  std::size_t offset = 0;  // of what is given to SQLite to prepare next
  std::size_t first = 0;   // of the statement's first token
};

BackendError refused(const Position& at, const std::string& message) {
  return BackendError(FLUX_E_SCRIPT, message).statement(at.index).offset(static_cast<std::int64_t>(at.first));
}

// Where the statement that begins at `from` names what "no such table: main.x" misses; `from` where it does not.
std::size_t missing_name_offset(std::string_view text, std::size_t from, std::string_view message) {
  const std::size_t colon = message.rfind(": ");
  if (message.substr(0, 8) != "no such " || colon == std::string_view::npos) return from;
  const std::string_view name = message.substr(std::max(message.rfind('.') + 1, colon + 2));
  try {
    Lexer lexer(text.substr(from));
    for (Token token = lexer.next();
         token.kind == TokenKind::word || token.kind == TokenKind::quoted || token.kind == TokenKind::other;
         token = lexer.next()) {
      const bool is_quoted = token.kind == TokenKind::quoted;
      const std::string_view word =
          text.substr(from + token.offset + (is_quoted ? 1 : 0), token.length - (is_quoted ? 2 : 0));
      if (word == name && text[from + token.offset] != '\'') return from + token.offset;
    }
  } catch (const BackendError&) {
    return from;  // a quote that is not closed further on
  }
  return from;
}

BackendError failed(const Connection& connection, const Position& at, const std::string& text) {
  const int inside = sqlite3_error_offset(connection.handle());
  BackendError error = connection.error(FLUX_E_SCRIPT);
  // SQLite knows it for errors of syntax and most wrong names, not for tables.
  const std::size_t offset =
      inside < 0 ? missing_name_offset(text, at.first, error.what()) : at.offset + static_cast<std::size_t>(inside);
  return error.statement(at.index).offset(static_cast<std::int64_t>(offset));
}

// Prepares the next statement of `text` and moves `at.offset` behind it; null where only blanks and comments are left.
Prepared prepare(const Connection& connection, const std::string& text, Position& at) {
  at.first = skip_blanks(text, at.offset);
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  // Length -1: given a length, SQLite would copy all of the rest for each statement.
  const int result = sqlite3_prepare_v2(connection.handle(), text.c_str() + at.offset, -1, &statement, &tail);
  Prepared prepared(statement);
  if (result != SQLITE_OK) throw failed(connection, at, text);
  at.offset = static_cast<std::size_t>(tail - text.c_str());
  return prepared;
}

void run(const Connection& connection, sqlite3_stmt* statement, const Position& at) {
  int result = SQLITE_ROW;
  while (result == SQLITE_ROW) result = sqlite3_step(statement);
  if (result == SQLITE_DONE) return;
  // No position inside the statement is known of an error that came while it ran.
  throw connection.error(FLUX_E_SCRIPT).statement(at.index).offset(static_cast<std::int64_t>(at.first));
}

// How long statements of a script may wait and run, while it lives.
class Limits {
 public:
  Limits(Connection& connection, const Script& script)
      : connection_(connection), statement_(in_milliseconds(script.statement_timeout_ms)) {
    if (script.lock_timeout_ms < 0 || connection.patience().of_script) return;
    const bool any = script.lock_timeout_ms > 0;
    connection.set_patience({any ? in_milliseconds(script.lock_timeout_ms) : Connection::without_end});
  }
  ~Limits() {
    connection_.set_time_limit(std::chrono::milliseconds(0));
    if (!connection_.patience().of_script) connection_.reset_patience();
  }
  Limits(const Limits&) = delete;
  Limits& operator=(const Limits&) = delete;

  void next_statement() { connection_.set_time_limit(statement_); }

 private:
  // A clock cannot count to the end of 64 bits; nobody waits for years.
  static std::chrono::milliseconds in_milliseconds(std::int64_t count) {
    return std::min<std::chrono::milliseconds>(std::chrono::milliseconds(count), std::chrono::hours(100'000));
  }

  Connection& connection_;
  std::chrono::milliseconds statement_;
};

// Throws where the statement is one that SQLite takes, and Flux does not.
void check(const ScriptObserver& observer, sqlite3_stmt* statement, const Position& at, bool transactional) {
  if (transactional && observer.transaction_control() != nullptr)
    throw refused(at, std::string(observer.transaction_control()) + " would end the migration's transaction")
        .hint("leave it out: Flux runs each migration in a transaction of its own");
  if (observer.endangers_file())
    throw refused(at, "with this journal mode a migration that is killed would leave a broken database")
        .hint("use delete, truncate, persist or wal");
  if (sqlite3_bind_parameter_count(statement) > 0)
    throw refused(at, "the statement has a parameter, which has no value")
        .hint("put a \"?\", \":\", \"@\" or \"$\" that is meant as text in quotes");
}

}  // namespace

void run_script(Connection& connection, ScriptObserver& observer, const Script& script,
                const std::function<void()>& before_change) {
  const std::string text(script.text);  // SQLite wants a NUL behind it
  Position at;
  if (const std::size_t nul = text.find('\0'); nul != std::string::npos)
    throw BackendError(FLUX_E_SCRIPT, "the script holds a NUL character").offset(static_cast<std::int64_t>(nul));
  const bool transactional = connection.in_transaction();
  Limits limits(connection, script);
  while (at.offset < text.size()) {
    connection.cancellation().check();
    observer.next_statement();
    limits.next_statement();
    const Prepared statement = prepare(connection, text, at);
    if (statement == nullptr) continue;
    check(observer, statement.get(), at, transactional);
    if (observer.changes_rows()) before_change();
    run(connection, statement.get(), at);
    if (observer.sets_busy_timeout()) connection.adopt_busy_timeout();
    if (transactional && !connection.in_transaction()) throw refused(at, "the script ended the transaction");
    ++at.index;
  }
}

}  // namespace flux::sqlite
