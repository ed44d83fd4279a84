#include "writable.hpp"

#include <cstring>
#include <flux/backend.hpp>

namespace flux::postgres {

std::string begin_sql(bool anyhow) {
  return std::string("BEGIN ISOLATION LEVEL READ COMMITTED") + (anyhow ? " READ WRITE; " : "; ");
}

void check_writable(const PGresult* row) {
  if (std::strcmp(PQgetvalue(row, 0, 0), "off") == 0) return;
  const bool standby = *PQgetvalue(row, 0, 1) == 't';
  throw BackendError(FLUX_E_FAILED, standby ? "the server is read-only: it is a hot standby"
                                            : "the server is read-only: default_transaction_read_only is on")
      .hint(standby ? "connect to the primary" : "connect to the primary, or have the setting turned off")
      .sqlstate("25006");
}

}  // namespace flux::postgres
