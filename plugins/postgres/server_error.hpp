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

// What to do where a pooler gives no server connection.
inline constexpr const char* pool_too_small =
    "Flux needs two server connections of the pool (default_pool_size, pool_size); or give a direct URI";

// A field of a failed result or a notice, "" where it has none. `code` is one of libpq's PG_DIAG_... .
std::string field(const PGresult* result, int code);

// What a failed result means: FLUX_E_BUSY where the same can succeed later, else `otherwise`.
flux_status_code code_of(const PGresult* result, flux_status_code otherwise);

// The error of a failed result: message, detail with the context of functions, hint and SQLSTATE, all
// without passwords. `code` is what it means to the host.
BackendError server_error(flux_status_code code, const PGresult* result);

// `error` with one more line of detail, which may be empty.
void add_detail(BackendError& error, const std::string& line);

// The connection is gone; `result` may be NULL.
BackendError lost_connection(PGconn* connection, const PGresult* result);

// A failure to connect, from libpq's text: FLUX_E_AUTH where the server refused the credentials.
BackendError connect_error(const std::string& message, bool needs_password);

// The text without white space at its end.
std::string trimmed(std::string text);

}  // namespace flux::postgres
