// What the server said went wrong, as a BackendError.
#pragma once

#include <libpq-fe.h>

#include <flux/backend.hpp>
#include <memory>
#include <string>

namespace flux::postgres {

struct ClearResult {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
// Owns a PGresult; NULL: none.
using Result = std::unique_ptr<PGresult, ClearResult>;

// A field of a failed result or a notice, "" where it has none. `code` is one of libpq's PG_DIAG_... .
std::string field(const PGresult* result, int code);

// The error of a failed result: message, detail with the context of functions, hint and SQLSTATE, all
// without passwords. `code` is what it means to the host.
BackendError server_error(flux_status_code code, const PGresult* result);

// The connection is gone; `result` may be NULL.
BackendError lost_connection(PGconn* connection, const PGresult* result);

// A failure to connect, from libpq's text: FLUX_E_AUTH where the server refused the credentials.
BackendError connect_error(const std::string& message, bool needs_password);

// The text without white space at its end.
std::string trimmed(std::string text);

}  // namespace flux::postgres
