#include "session.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>

#include "error.hpp"

namespace flux::sqlite {
namespace {

int flags_of(const Target& target, bool may_create) {
  if (target.in_memory()) return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI;
  if (target.mode == OpenMode::read_only) return SQLITE_OPEN_READONLY;
  return SQLITE_OPEN_READWRITE | (may_create && target.mode == OpenMode::create ? SQLITE_OPEN_CREATE : 0);
}

// `file` as a URI that makes SQLite read it without any lock or file beside it.
std::string immutable_uri(const std::string& file) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out = "file:";
  for (const char c : file) {
    if (c == '%' || c == '?' || c == '#') {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', digits[byte >> 4U], digits[byte & 15U]});
    } else {
      out += c;
    }
  }
  return out + "?immutable=1";
}

bool has_write_ahead_log(const std::string& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file + "-wal", error);
  return !error && size > 0;
}

// The extended result code of reading the database's header: the first time that SQLite looks into the file.
int probe(const Connection& connection) {
  return sqlite3_exec(connection.handle(), "SELECT 1 FROM sqlite_schema LIMIT 1", nullptr, nullptr, nullptr);
}

BackendError not_usable(const Connection& connection, const Target& target) {
  BackendError error = connection.error(FLUX_E_FAILED);
  if (error.code() != FLUX_E_FAILED) return error;
  const int primary = sqlite3_errcode(connection.handle()) & 0xff;
  const std::string message = primary == SQLITE_NOTADB ? target.file + " is not a SQLite database"
                                                       : target.file + " cannot be read: " + error.what();
  return BackendError(FLUX_E_CONNECTION, message).sqlstate(error.sqlstate()).hint(error.hint());
}

}  // namespace

Session::Session(const Settings& settings, const Target& target, bool may_create, Cancellation& cancellation)
    : settings_(settings), target_(target), cancellation_(cancellation) {
  const int flags = flags_of(target, may_create);
  open(target.sqlite_name(), flags);
  run_init_sql();
  const int result = probe(*connection_);
  // A database with a write-ahead log wants to write files beside itself even to be read. Where that is not allowed
  // and the log is empty, the file alone is all there is.
  const bool refused =
      (result & 0xff) == SQLITE_CANTOPEN || result == SQLITE_READONLY_DIRECTORY || result == SQLITE_READONLY_CANTINIT;
  if (refused && !target.in_memory() && !has_write_ahead_log(target.file)) {
    open(immutable_uri(target.file), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    run_init_sql();
  }
  if (probe(*connection_) != SQLITE_OK) throw not_usable(*connection_, target);
}

void Session::open(const std::string& file, int flags) {
  try {
    connection_.emplace(file, flags, settings_.busy_timeout, cancellation_);
  } catch (const BackendError& error) {
    throw BackendError(error.code(), target_.description() + " cannot be opened: " + error.what())
        .sqlstate(error.sqlstate())
        .hint((flags & SQLITE_OPEN_CREATE) != 0 ? "Flux needs to write files in the database's folder" : "");
  }
  sqlite3_db_config(connection_->handle(), SQLITE_DBCONFIG_ENABLE_FKEY, settings_.foreign_keys ? 1 : 0, nullptr);
}

void Session::run_init_sql() {
  for (std::size_t i = 0; i < settings_.init_sql.size(); ++i) {
    try {
      connection_->execute(settings_.init_sql[i]);
    } catch (const BackendError& error) {
      // A file that cannot be read is not the fault of the statement that happens to be the first to look into it.
      if (probe(*connection_) != SQLITE_OK) return;
      if (error.code() != FLUX_E_FAILED) throw;
      throw BackendError(FLUX_E_CONFIG, "statement " + std::to_string(i + 1) + " of init_sql failed: " + error.what())
          .key("init_sql")
          .sqlstate(error.sqlstate());
    }
  }
  if (connection_->in_transaction())
    throw BackendError(FLUX_E_CONFIG, "the statements of init_sql leave a transaction open").key("init_sql");
}

Session::~Session() {
  if (!keeps_journal_) return;
  // Removes the file, unless a script has chosen another mode. Where somebody is at work in the database it stays, which
  // is as good: it holds nothing.
  try {
    if (answer("PRAGMA main.journal_mode") == "persist") answer("PRAGMA main.journal_mode = delete");
  } catch (const BackendError&) {
  }
}

std::string Session::answer(const std::string& sql) const {
  Query query(*connection_, sql);
  return query.step() ? query.text(0) : std::string();
}

void Session::prepare_to_write() {
  if (state_) return;
  if (connection_->read_only()) throw target_.not_writable();
  if (!target_.in_memory()) set_journal_mode();
  state_.emplace(*connection_);
}

void Session::set_journal_mode() {
  const std::string before = answer("PRAGMA main.journal_mode"), &wanted = settings_.journal_mode;
  if (wanted.empty() ? before != "delete" : before == wanted) return;
  if (wanted.empty()) {
    // A file for all transactions is not made, and removed, for each: a sixth less time on a disk, and as safe.
    keeps_journal_ = answer("PRAGMA main.journal_mode = persist") == "persist";
    return;
  }
  const std::string now = answer("PRAGMA main.journal_mode = " + wanted);
  if (now != wanted)
    throw BackendError(FLUX_E_FAILED, "the journal mode of " + target_.file + " stays \"" + now + "\" instead of \"" +
                                          wanted + "\"");
}

}  // namespace flux::sqlite
