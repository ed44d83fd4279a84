#include "connection.hpp"

#include <errmsg.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "secrets.hpp"

namespace flux::mariadb {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds between_reminders{250};

struct FreeResult {
  void operator()(MYSQL_RES* result) const noexcept { mysql_free_result(result); }
};

// The system notices within half a minute that the other end is silent for good, within one that it does not take what
// is sent. Does nothing to a Unix socket.
void keep_alive(int socket) {
  const int on = 1, idle = 10, interval = 5, count = 4;
  const unsigned unacknowledged_ms = 60000;
  setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
  setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
}

std::string hexadecimal(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out = "_utf8mb4 x'";
  out.reserve(out.size() + text.size() * 2 + 1);
  for (const char c : text) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out + '\'';
}

Values values_of(MYSQL_RES* result, MYSQL_ROW row) {
  const unsigned long* lengths = mysql_fetch_lengths(result);
  Values out(mysql_num_fields(result));
  for (std::size_t i = 0; i < out.size(); ++i)
    if (row[i] != nullptr) out[i].emplace(row[i], lengths[i]);
  return out;
}

}  // namespace

Connection::Connection(const TargetUri& uri, Canceller* canceller) : uri_(uri), canceller_(canceller) {
  Opened opened = open_connection(uri, uri.connect_timeout);
  if (!opened.connected) throw connect_error(ServerError(opened.handle.get()), uri);
  handle_ = std::move(opened.handle);
  id_ = mysql_thread_id(handle_.get());
  mariadb_ = mariadb_connection(handle_.get()) != 0;
  keep_alive(mysql_get_socket(handle_.get()));
  if (canceller_ != nullptr) canceller_->attach(uri_, id_);
}

Connection::~Connection() {
  if (canceller_ != nullptr) canceller_->detach();
}

std::vector<Values> Connection::run(std::string_view sql) {
  std::vector<Values> rows;
  execute(sql, FLUX_E_FAILED, [&](const Values& row) { rows.push_back(row); });
  return rows;
}

Values Connection::row(std::string_view sql) {
  std::vector<Values> rows = run(sql);
  if (rows.empty()) throw BackendError(FLUX_E_FAILED, "the server gave no row for: " + std::string(sql));
  return std::move(rows.front());
}

std::optional<std::string> Connection::value(std::string_view sql) {
  const std::vector<Values> rows = run(sql);
  return rows.empty() ? std::nullopt : rows.front().at(0);
}

void Connection::run_and_drop(std::string_view sql, flux_status_code code) { execute(sql, code, nullptr); }

void Connection::rows_of(std::string_view sql, const Take& take) { execute(sql, FLUX_E_FAILED, take); }

void Connection::reset() {
  absorb_residue();
  if (mysql_reset_connection(handle_.get()) != 0 || mysql_set_character_set(handle_.get(), "utf8mb4") != 0)
    fail("", FLUX_E_FAILED);
}

void Connection::execute(std::string_view sql, flux_status_code code, const Take& take) {
  if (lost_) throw BackendError(FLUX_E_CONNECTION, "the connection to the server was lost");
  absorb_residue();
  if (mysql_send_query(handle_.get(), sql.data(), sql.size()) != 0) fail(sql, code);
  wait_for_answer();
  if (mysql_read_query_result(handle_.get()) != 0) fail(sql, code);
  take_results(sql, code, take);
}

// A procedure has many results, of which the last one has no rows.
void Connection::take_results(std::string_view sql, flux_status_code code, const Take& take) {
  for (int more = 0; more == 0; more = mysql_next_result(handle_.get())) {
    const std::unique_ptr<MYSQL_RES, FreeResult> result(mysql_use_result(handle_.get()));
    if (!result) {
      if (mysql_errno(handle_.get()) != 0) fail(sql, code);
      affected_ = mysql_affected_rows(handle_.get());
      continue;
    }
    while (MYSQL_ROW row = mysql_fetch_row(result.get()))
      if (take) take(values_of(result.get(), row));
    if (mysql_errno(handle_.get()) != 0) fail(sql, code);
  }
  if (mysql_errno(handle_.get()) != 0) fail(sql, code);
}

void Connection::wait_for_answer() {
  const Clock::time_point start = Clock::now();
  const auto waited = [&] { return std::chrono::duration_cast<milliseconds>(Clock::now() - start); };
  milliseconds next_look = watch_ != nullptr ? watch_->look(milliseconds(0)) : milliseconds::max();
  for (pollfd socket{mysql_get_socket(handle_.get()), POLLIN, 0};;) {
    const milliseconds until_look = next_look == milliseconds::max() ? between_reminders : next_look - waited();
    const milliseconds pause = std::clamp(until_look, milliseconds(0), between_reminders);
    const int ready = poll(&socket, 1, static_cast<int>(pause.count()));
    if (ready > 0 || (ready < 0 && errno != EINTR)) return;
    if (canceller_ != nullptr) canceller_->remind();
    if (watch_ != nullptr && waited() >= next_look) next_look = waited() + watch_->look(waited());
  }
}

// A KILL QUERY that came too late for its statement ends the next one instead.
void Connection::absorb_residue() {
  if (canceller_ == nullptr || !canceller_->take_residue()) return;
  constexpr std::string_view nothing = "DO 0";
  mysql_real_query(handle_.get(), nothing.data(), nothing.size());
}

void Connection::fail(std::string_view sql, flux_status_code code) {
  const ServerError error(handle_.get());
  lost_ = lost_ || is_lost(error.number) || error.number == CR_COMMANDS_OUT_OF_SYNC;
  if (is_killed(error.number) && canceller_ != nullptr && canceller_->requested()) code = FLUX_E_CANCELLED;
  Refused out = server_error(error, code, sql);
  static_cast<BackendError&>(out).detail(uri_.scrubbed(out.detail()));
  throw out;
}

// A server that ends a connection says why before it closes it: an idle connection has nothing else to read.
bool Connection::alive() const {
  if (lost_) return false;
  pollfd socket{mysql_get_socket(handle_.get()), POLLIN, 0};
  return poll(&socket, 1, 0) == 0;
}

void Connection::abandon() noexcept {
  lost_ = true;
  ::shutdown(mysql_get_socket(handle_.get()), SHUT_RDWR);
}

std::string Connection::description() const {
  std::string out = std::string("mariadb ") +
                    (handle_->user != nullptr && *handle_->user != '\0' ? std::string(handle_->user) + '@' : "");
  if (handle_->unix_socket != nullptr)
    out += std::string("(") + handle_->unix_socket + ')';
  else
    out += (uri_.host.empty() && handle_->host != nullptr ? std::string(handle_->host) : uri_.shown_host()) + ':' +
           std::to_string(handle_->port);
  if (handle_->db != nullptr) out += std::string("/") + handle_->db;
  return clean_text(out + " (server " + mysql_get_server_info(handle_.get()) + ')');
}

std::string quoted_name(std::string_view name) {
  std::string out = "`";
  for (const char c : name) out += c == '`' ? std::string("``") : std::string(1, c);
  return out + '`';
}

// A backslash may escape or not, as sql_mode says: it is given as a number, or all of the text is where that is short
// or would become longer otherwise.
std::string quoted_text(std::string_view text) {
  constexpr std::string_view backslash = "',_utf8mb4 x'5C',_utf8mb4'";
  const auto is_printed = [](char c) { return c >= ' ' && c <= '~'; };
  const auto backslashes = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\\'));
  constexpr std::size_t worth_it = 4096;
  if (backslashes > 0 && (text.size() < worth_it || backslashes * backslash.size() > text.size()))
    return hexadecimal(text);
  std::string inner;
  inner.reserve(text.size() + backslashes * backslash.size());
  for (const char c : text) {
    if (c == '\\')
      inner += backslash;
    else
      inner.append(c == '\'' ? 2 : 1, c);
  }
  if (backslashes > 0) return "CONCAT(_utf8mb4'" + inner + "')";
  return (std::all_of(text.begin(), text.end(), is_printed) ? "'" : "_utf8mb4'") + inner + "'";
}

}  // namespace flux::mariadb
