#include "connection.hpp"

#include <algorithm>
#include <thread>

#include "error.hpp"

namespace flux::sqlite {

Connection::Connection(const std::string& file, int flags, std::chrono::milliseconds busy_timeout,
                       Cancellation& cancellation)
    : cancellation_(cancellation), busy_timeout_(busy_timeout) {
  sqlite3* handle = nullptr;
  const int result = sqlite3_open_v2(file.c_str(), &handle, flags | SQLITE_OPEN_EXRESCODE, nullptr);
  handle_.reset(handle);
  if (handle == nullptr) throw BackendError(FLUX_E_NOMEM, "out of memory");
  if (result != SQLITE_OK) throw error(FLUX_E_CONNECTION);
  install_busy_handler();
  cancellation_.watch(handle);
}

Connection::~Connection() { cancellation_.watch(nullptr); }

void Connection::execute(const std::string& sql) const {
  if (sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) throw error(FLUX_E_FAILED);
}

void Connection::install_busy_handler() { sqlite3_busy_handler(handle(), &Connection::wait, this); }

int Connection::wait(void* self, int tries) {
  auto& connection = *static_cast<Connection*>(self);
  const auto now = std::chrono::steady_clock::now();
  if (tries == 0) connection.wait_ends_ = now + connection.busy_timeout_;
  if (now >= connection.wait_ends_ || connection.cancellation_.requested()) return 0;
  const auto pause = std::chrono::milliseconds(std::min(1 << std::min(tries, 6), 50));
  std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(pause, connection.wait_ends_ - now));
  return 1;
}

BackendError Connection::error(flux_status_code otherwise) const {
  const int code = sqlite3_extended_errcode(handle());
  const int primary = code & 0xff;
  // An interrupt while SQLite reads the schema comes as an error without a code of its own.
  const bool interrupted =
      primary == SQLITE_INTERRUPT || std::string_view(sqlite3_errmsg(handle())) == sqlite3_errstr(SQLITE_INTERRUPT);
  if (interrupted || (primary == SQLITE_BUSY && cancellation_.requested()))
    return BackendError(FLUX_E_CANCELLED, "cancelled").sqlstate(result_code_name(code));
  const flux_status_code status = primary == SQLITE_NOMEM ? FLUX_E_NOMEM : otherwise;
  return BackendError(status, sqlite3_errmsg(handle())).sqlstate(result_code_name(code)).hint(result_code_hint(code));
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
