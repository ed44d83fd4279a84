#include "server_error.hpp"

#include <algorithm>
#include <iterator>

#include "secrets.hpp"

namespace flux::mariadb {
namespace {

// What an error means, where it is not just a failure, and what can be done about it.
struct Meaning {
  unsigned number;
  flux_status_code code;  // FLUX_E_FAILED: as the caller says
  const char* hint;
};
constexpr const char* no_connection_left = "the server has no connection left; Flux needs two";
constexpr const char* read_only = "this server or session is read-only: connect to the primary";
constexpr Meaning meanings[] = {
    {1020, FLUX_E_BUSY, ""},  // record has changed since it was read
    {1205, FLUX_E_BUSY, ""},  // lock wait timeout
    {1213, FLUX_E_BUSY, ""},  // deadlock
    {1044, FLUX_E_FAILED, "the user that Flux connects as lacks this right"},
    {1142, FLUX_E_FAILED, "the user that Flux connects as lacks this right"},
    {1227, FLUX_E_FAILED, "the user that Flux connects as lacks this right"},
    {1040, FLUX_E_FAILED, no_connection_left},
    {1203, FLUX_E_FAILED, no_connection_left},
    {1290, FLUX_E_FAILED, read_only},
    {1792, FLUX_E_FAILED, read_only},
    {1836, FLUX_E_FAILED, read_only},
    {1153, FLUX_E_FAILED, "a statement is longer than the server's max_allowed_packet: cut it, or raise that"},
    {1969, FLUX_E_FAILED, "`-- flux: statement-timeout=` sets how long a statement of this script may run"},
    {3024, FLUX_E_FAILED, "`-- flux: statement-timeout=` sets how long a statement of this script may run"},
};

constexpr unsigned lost_numbers[] = {1053, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 2026, 2055, 4031};

struct ConnectFailure {
  unsigned number;
  flux_status_code code;
  const char* hint;
};
constexpr ConnectFailure connect_failures[] = {
    {1044, FLUX_E_AUTH, "this user has no right to this database, or it does not exist"},
    {1045, FLUX_E_AUTH, "check the user and the password"},
    {1130, FLUX_E_AUTH, "the server lets nobody in from this machine"},
    {1251, FLUX_E_AUTH, ""},
    {1524, FLUX_E_AUTH, ""},
    {1698, FLUX_E_AUTH, "this user may come in only as the system's user of the same name, over the socket"},
    {1820, FLUX_E_AUTH, "the password has expired: set a new one"},
    {1862, FLUX_E_AUTH, "the password has expired: set a new one"},
    {2059, FLUX_E_AUTH, "the client library lacks the plugin for how this user proves who it is"},
    {1040, FLUX_E_CONNECTION, no_connection_left},
    {1203, FLUX_E_CONNECTION, no_connection_left},
    {1049, FLUX_E_CONNECTION, "check its name; Flux never creates a database (CREATE DATABASE does)"},
    {2026, FLUX_E_CONNECTION, "see ssl-mode, ssl-ca, ssl-cert and ssl-key in the URI"},
};

}  // namespace

bool is_lost(unsigned number) noexcept {
  return std::find(std::begin(lost_numbers), std::end(lost_numbers), number) != std::end(lost_numbers);
}

bool is_killed(unsigned number) noexcept { return number == 1317 || number == 1028 || number == 1150; }

Refused server_error(const ServerError& error, flux_status_code otherwise, std::string_view sql) {
  const std::string text = clean_text(without_passwords_of(sql, error.message));
  if (is_lost(error.number)) {
    Refused lost(FLUX_E_CONNECTION, "the connection to the server was lost", error.number);
    lost.detail(text).sqlstate(error.sqlstate);
    return lost;
  }
  flux_status_code code = otherwise;
  std::string hint;
  for (const Meaning& meaning : meanings) {
    if (meaning.number != error.number) continue;
    if (meaning.code != FLUX_E_FAILED) code = meaning.code;
    hint = meaning.hint;
  }
  const std::string number = " (error " + std::to_string(error.number) + ")";
  Refused out(code, (text.empty() ? "the server's answer was not understood" : text) + number, error.number);
  out.hint(hint).sqlstate(error.sqlstate);
  return out;
}

BackendError connect_error(const ServerError& error, const TargetUri& uri) {
  const std::string text = clean_text(uri.scrubbed(error.message));
  for (const ConnectFailure& failure : connect_failures)
    if (failure.number == error.number)
      return BackendError(failure.code, text).sqlstate(error.sqlstate).hint(failure.hint);
  return BackendError(FLUX_E_CONNECTION, text).sqlstate(error.sqlstate);
}

void add_detail(BackendError& error, const std::string& line) {
  if (line.empty()) return;
  error.detail(error.detail().empty() ? line : error.detail() + '\n' + line);
}

}  // namespace flux::mariadb
