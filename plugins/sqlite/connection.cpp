#include "connection.hpp"

#include <algorithm>
#include <system_error>
#include <thread>

#include "error.hpp"
#include "lock_holders.hpp"

namespace flux::sqlite {

namespace {

// Instructions of SQLite between two looks at whether to end: well below a millisecond of work.
constexpr int instructions_between_looks = 5000;

// "5 s" or "1500 ms"
std::string in_words(std::chrono::milliseconds time) {
  const auto ms = time.count();
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
}

}  // namespace

Connection::Connection(const std::string& file, int flags, milliseconds busy_timeout, Cancellation& cancellation)
    : cancellation_(cancellation), busy_timeout_(busy_timeout), patience_{busy_timeout} {
  sqlite3* handle = nullptr;
  const int result = sqlite3_open_v2(file.c_str(), &handle, flags | SQLITE_OPEN_EXRESCODE, nullptr);
  handle_.reset(handle);
  if (handle == nullptr) throw BackendError(FLUX_E_NOMEM, "out of memory");
  if (result != SQLITE_OK) throw error(FLUX_E_CONNECTION);
  reset_patience();
  sqlite3_progress_handler(handle, instructions_between_looks, &Connection::is_to_end, this);
  cancellation_.watch(handle);
}

Connection::~Connection() { cancellation_.watch(nullptr); }

void Connection::execute(const std::string& sql) const {
  if (sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) throw error(FLUX_E_FAILED);
}

void Connection::set_patience(Patience patience) {
  patience_ = patience;
  sqlite3_busy_handler(handle(), &Connection::wait, this);
}

void Connection::adopt_busy_timeout() {
  Query query(*this, "PRAGMA busy_timeout");
  const bool any = query.step();
  set_patience({milliseconds(any ? query.integer(0) : 0), true});
}

void Connection::set_time_limit(milliseconds limit) {
  time_limit_ = limit;
  time_limit_ends_ = std::chrono::steady_clock::now() + limit;
}

bool Connection::over_time_limit() const {
  return time_limit_.count() > 0 && std::chrono::steady_clock::now() >= time_limit_ends_;
}

int Connection::is_to_end(void* self) {
  const auto& connection = *static_cast<const Connection*>(self);
  return connection.cancellation_.requested() || connection.over_time_limit() ? 1 : 0;
}

int Connection::wait(void* self, int tries) {
  auto& connection = *static_cast<Connection*>(self);
  const auto now = std::chrono::steady_clock::now();
  const auto limit = connection.patience_.limit;
  if (tries == 0) connection.wait_ends_ = limit == without_end ? now.max() : now + limit;
  if (now >= connection.wait_ends_ || is_to_end(self) != 0) return 0;
  const auto pause = milliseconds(std::min(1 << std::min(tries, 6), 50));
  std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(pause, connection.wait_ends_ - now));
  return 1;
}

BackendError Connection::error(flux_status_code otherwise) const {
  const int code = sqlite3_extended_errcode(handle());
  const int primary = code & 0xff;
  const int system_code = sqlite3_system_errno(handle());
  const std::string message = sqlite3_errmsg(handle());
  // An interrupt while SQLite reads the schema comes as an error without a code of its own.
  const bool interrupted = primary == SQLITE_INTERRUPT || message == sqlite3_errstr(SQLITE_INTERRUPT);
  if (interrupted || primary == SQLITE_BUSY) {
    if (!cancellation_.requested() && over_time_limit())
      return BackendError(otherwise, "the statement ran longer than its statement timeout of " + in_words(time_limit_))
          .sqlstate(result_code_name(code))
          .hint("raise the statement timeout, or let the statement do less at a time");
    if (interrupted || cancellation_.requested())
      return BackendError(FLUX_E_CANCELLED, "cancelled").sqlstate(result_code_name(code));
  }
  // SQLITE_LOCKED is not among them: it is the connection itself that is in its own way.
  const flux_status_code status =
      primary == SQLITE_NOMEM ? FLUX_E_NOMEM : (primary == SQLITE_BUSY ? FLUX_E_BUSY : otherwise);
  BackendError error(status, message);
  error.sqlstate(result_code_name(code)).hint(result_code_hint(code));
  if (primary == SQLITE_BUSY) error.detail(describe_lock_holders(files()));
  if ((primary == SQLITE_IOERR || primary == SQLITE_FULL) && system_code != 0)
    error.detail("the system says: " + std::generic_category().message(system_code));
  return error;
}

// Of the database and those attached to it.
std::vector<std::string> Connection::files() const {
  std::vector<std::string> out;
  const auto add = [](void* to, int count, char** values, char**) {
    if (count > 2 && values[2] != nullptr && *values[2] != '\0')
      static_cast<std::vector<std::string>*>(to)->emplace_back(values[2]);
    return 0;
  };
  sqlite3_exec(handle(), "PRAGMA database_list", add, &out, nullptr);
  return out;
}

Query::Query(const Connection& connection, std::string_view sql) : connection_(connection) {
  sqlite3_stmt* statement = nullptr;
  const int result =
      sqlite3_prepare_v2(connection.handle(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  statement_.reset(statement);
  check(result);
}

Query& Query::bind(int parameter, std::string_view value) {
  check(sqlite3_bind_text64(statement_.get(), parameter, value.data() == nullptr ? "" : value.data(), value.size(),
                            SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Query& Query::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), parameter, value));
  return *this;
}

Query& Query::bind(int parameter, const std::optional<std::string>& value) {
  if (value) return bind(parameter, std::string_view(*value));
  check(sqlite3_bind_null(statement_.get(), parameter));
  return *this;
}

bool Query::step() {
  const int result = sqlite3_step(statement_.get());
  if (result != SQLITE_ROW && result != SQLITE_DONE) check(result);
  return result == SQLITE_ROW;
}

std::string Query::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (bytes == nullptr) return {};
  return std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

void Query::check(int result) const {
  if (result != SQLITE_OK) throw connection_.error(FLUX_E_FAILED);
}

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out.append(c == '"' ? 2U : 1U, c);
  return out + '"';
}

}  // namespace flux::sqlite
