// What the server said went wrong, as a BackendError.
#pragma once

#include <mysql.h>

#include <flux/backend.hpp>
#include <string>
#include <string_view>

#include "target_uri.hpp"

namespace flux::mariadb {

// An error as the library gives it.
struct ServerError {
  unsigned number = 0;
  std::string sqlstate, message;

  explicit ServerError(MYSQL* handle)
      : number(mysql_errno(handle)), sqlstate(mysql_sqlstate(handle)), message(mysql_error(handle)) {}
};

// Is the connection gone with this error?
bool is_lost(unsigned number) noexcept;
// Was the statement ended by KILL QUERY?
bool is_killed(unsigned number) noexcept;

// What is thrown where the server refuses something. `number` says more than the SQLSTATE, which many errors share.
class Refused : public BackendError {
 public:
  Refused(flux_status_code code, const std::string& message, unsigned number)
      : BackendError(code, message), number_(number) {}
  unsigned number() const noexcept { return number_; }

 private:
  unsigned number_;
};

// The error of `sql`, without the passwords that stand in it: FLUX_E_CONNECTION, FLUX_E_BUSY where the same can succeed
// later, else `otherwise`.
Refused server_error(const ServerError& error, flux_status_code otherwise, std::string_view sql);

// A failure to connect: FLUX_E_AUTH where the server refused the credentials.
BackendError connect_error(const ServerError& error, const TargetUri& uri);

// `error` with one more line of detail, which may be empty.
void add_detail(BackendError& error, const std::string& line);

}  // namespace flux::mariadb
