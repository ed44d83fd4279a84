#include "connection.hpp"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

#include "secrets.hpp"

namespace flux::postgres {
namespace {

constexpr int oldest_server = 130000;

flux_log_level level_of(const std::string& severity) {
  if (severity == "WARNING") return FLUX_LOG_WARN;
  if (severity == "NOTICE" || severity == "INFO") return FLUX_LOG_INFO;
  return FLUX_LOG_DEBUG;
}

bool failed(const PGresult* result) {
  switch (PQresultStatus(result)) {
    case PGRES_BAD_RESPONSE:
    case PGRES_FATAL_ERROR:
      return true;
    default:
      return false;
  }
}

}  // namespace

Connection::Connection(const Conninfo& conninfo, Host host, Canceller* canceller) : host_(host), canceller_(canceller) {
  connection_.reset(PQconnectdbParams(conninfo.names().data(), conninfo.values().data(), 1));
  if (!connection_) throw std::bad_alloc();
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    std::string message = conninfo.scrubbed(PQerrorMessage(connection_.get()));
    if (const char* password = PQpass(connection_.get())) message = without(password, std::move(message));
    throw connect_error(message, PQconnectionNeedsPassword(connection_.get()) == 1);
  }
  if (server_version() < oldest_server)
    throw BackendError(FLUX_E_CONNECTION,
                       "the server is PostgreSQL " + setting("server_version") + ", too old for Flux")
        .hint("PostgreSQL 13 or newer is needed");
  PQsetNoticeReceiver(connection_.get(), &Connection::on_notice, this);
  if (canceller_ != nullptr) canceller_->attach(connection_.get());
}

Connection::~Connection() {
  if (canceller_ != nullptr) canceller_->attach(nullptr);
}

void Connection::on_notice(void* self, const PGresult* notice) noexcept {
  try {
    std::string text = field(notice, PG_DIAG_MESSAGE_PRIMARY);
    for (const int more : {PG_DIAG_MESSAGE_DETAIL, PG_DIAG_MESSAGE_HINT})
      if (const std::string extra = field(notice, more); !extra.empty()) text += " | " + extra;
    if (text.empty()) text = trimmed(PQresultErrorMessage(notice));
    static_cast<Connection*>(self)->host_.log(level_of(field(notice, PG_DIAG_SEVERITY_NONLOCALIZED)),
                                              clean_text(mask_passwords(text)));
  } catch (...) {
    // A notice that finds no memory is lost; libpq, a C library, must not see the exception.
  }
}

void Connection::fail(const PGresult* result, flux_status_code code) const {
  if (result == nullptr || PQstatus(connection_.get()) != CONNECTION_OK)
    throw lost_connection(connection_.get(), result);
  const bool cancelled = canceller_ != nullptr && canceller_->requested() && field(result, PG_DIAG_SQLSTATE) == "57014";
  throw server_error(cancelled ? FLUX_E_CANCELLED : code_of(result, code), result);
}

bool Connection::ask(const std::string& sql, const void* asker) {
  if (asked_) return false;
  answer_.reset();
  asker_ = asker;
  return asked_ = PQsendQuery(connection_.get(), sql.c_str()) == 1;
}

Result Connection::answer(const void* asker) {
  if (!asked_ || PQconsumeInput(connection_.get()) != 1) return nullptr;
  while (PQisBusy(connection_.get()) == 0) {
    Result result(PQgetResult(connection_.get()));
    if (!result) {
      asked_ = false;
      return asker == asker_ ? std::move(answer_) : nullptr;
    }
    answer_ = std::move(result);
  }
  return nullptr;
}

void Connection::drop_answer() {
  while (asked_ && next()) {
  }
  asked_ = false;
}

void Connection::abandon() noexcept { shutdown(PQsocket(connection_.get()), SHUT_RDWR); }

void Connection::send(const std::string& sql) {
  drop_answer();
  if (PQsendQuery(connection_.get(), sql.c_str()) != 1) throw lost_connection(connection_.get(), nullptr);
}

void Connection::send_row_by_row(const std::string& sql) {
  send(sql);
  PQsetSingleRowMode(connection_.get());
}

void Connection::rows_of(const std::string& sql, const std::function<void(const PGresult*)>& take) {
  send_row_by_row(sql);
  Result end;
  try {
    while (Result result = next()) {
      if (PQresultStatus(result.get()) == PGRES_SINGLE_TUPLE)
        take(result.get());
      else
        end = std::move(result);
    }
  } catch (...) {
    // The rest has been asked for and comes: the connection is of no use before.
    while (next()) continue;
    throw;
  }
  if (!end || failed(end.get())) fail(end.get(), FLUX_E_FAILED);
}

// Waits as PQgetResult does, but wakes up to repeat a request to cancel, and for the watch.
void Connection::wait_for_result() {
  using std::chrono::milliseconds;
  using Clock = std::chrono::steady_clock;
  constexpr milliseconds calm{500}, cancelling{100};
  if ((canceller_ == nullptr && watch_ == nullptr) || PQisBusy(connection_.get()) == 0) return;
  const Clock::time_point start = Clock::now();
  Clock::time_point next_look = start + (watch_ == nullptr ? milliseconds(0) : watch_->look(milliseconds(0)));
  while (PQisBusy(connection_.get()) == 1) {
    milliseconds wait = canceller_ != nullptr && canceller_->requested() ? cancelling : calm;
    if (watch_ != nullptr)
      wait = std::clamp(std::chrono::ceil<milliseconds>(next_look - Clock::now()), milliseconds(0), wait);
    const bool unsent = PQflush(connection_.get()) == 1;  // of a pipeline
    pollfd socket{PQsocket(connection_.get()), static_cast<short>(unsent ? POLLIN | POLLOUT : POLLIN), 0};
    if (poll(&socket, 1, static_cast<int>(wait.count())) != 0) {
      if (PQconsumeInput(connection_.get()) != 1) return;  // PQgetResult tells what happened
      continue;
    }
    if (canceller_ != nullptr) canceller_->remind();
    const Clock::time_point now = Clock::now();
    if (watch_ != nullptr && now >= next_look)
      next_look = now + watch_->look(std::chrono::duration_cast<milliseconds>(now - start));
  }
}

Result Connection::next() {
  wait_for_result();
  return Result(PQgetResult(connection_.get()));
}

Result Connection::last_result() {
  Result kept;
  while (Result result = next()) {
    if (PQresultStatus(result.get()) == PGRES_COPY_IN) feed("", "COPY FROM STDIN has no data here");
    if (PQresultStatus(result.get()) == PGRES_COPY_OUT) drop_copied();
    if (!kept || !failed(kept.get())) kept = std::move(result);
  }
  if (!kept || failed(kept.get())) fail(kept.get(), FLUX_E_FAILED);
  return kept;
}

Result Connection::run(const std::string& sql) {
  send(sql);
  return last_result();
}

int Connection::send_parameters(const std::string& sql, const Parameters& parameters) {
  std::vector<const char*> values;
  for (const auto& parameter : parameters) values.push_back(parameter ? parameter->c_str() : nullptr);
  const int count = static_cast<int>(values.size());
  return PQsendQueryParams(connection_.get(), sql.c_str(), count, nullptr, values.data(), nullptr, nullptr, 0);
}

Result Connection::run(const std::string& sql, const Parameters& parameters) {
  drop_answer();
  if (send_parameters(sql, parameters) != 1) throw lost_connection(connection_.get(), nullptr);
  return last_result();
}

void Connection::feed(std::string_view data, const char* error) {
  constexpr std::size_t piece = std::size_t{1} << 16;
  for (std::size_t at = 0; at < data.size(); at += piece) {
    const std::string_view part = data.substr(at, piece);
    if (PQputCopyData(connection_.get(), part.data(), static_cast<int>(part.size())) != 1) break;
  }
  // What failed here, or at the server meanwhile, is the next result.
  PQputCopyEnd(connection_.get(), error);
}

void Connection::drop_copied() {
  char* row = nullptr;
  while (PQgetCopyData(connection_.get(), &row, 0) > 0) PQfreemem(row);
}

bool Connection::alive() {
  // The first may read a farewell, only the second then sees the end.
  if (PQconsumeInput(connection_.get()) != 1 || PQconsumeInput(connection_.get()) != 1) return false;
  return PQstatus(connection_.get()) == CONNECTION_OK;
}

int Connection::unsent() const {
  int bytes = 0;
  ioctl(PQsocket(connection_.get()), SIOCOUTQ, &bytes);
  return bytes;
}

std::string Connection::setting(const char* name) const {
  const char* value = PQparameterStatus(connection_.get(), name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string Connection::description() const {
  const PGconn* c = connection_.get();
  const std::string host = PQhost(c);
  std::string out = "postgresql " + std::string(PQuser(c)) + '@' + host;
  if (host.empty() || host.front() != '/') out += ':' + std::string(PQport(c));
  std::string version = setting("server_version");
  version = version.substr(0, version.find(' '));
  return out + '/' + PQdb(c) + " (server " + version + ')';
}

std::string Connection::escaped(char* (*escape)(PGconn*, const char*, std::size_t), const std::string& text) const {
  const std::unique_ptr<char, void (*)(void*)> out(escape(connection_.get(), text.data(), text.size()), &PQfreemem);
  if (!out) throw BackendError(FLUX_E_FAILED, "cannot quote a name: " + trimmed(PQerrorMessage(connection_.get())));
  return out.get();
}

std::string Connection::quoted_name(const std::string& name) const { return escaped(&PQescapeIdentifier, name); }

std::string Connection::quoted_text(const std::string& text) const { return escaped(&PQescapeLiteral, text); }

}  // namespace flux::postgres
