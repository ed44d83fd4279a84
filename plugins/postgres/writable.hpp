// Transactions that must be able to write.
#pragma once

#include <libpq-fe.h>

#include <string>

namespace flux::postgres {

// Begins a transaction, one that can write whatever the session's defaults are where `anyhow` and the server lets it.
std::string begin_sql(bool anyhow);

// Columns for check_writable(), to be selected inside the transaction.
inline constexpr const char* writable_columns =
    "pg_catalog.current_setting('transaction_read_only'), pg_catalog.pg_is_in_recovery()";

// Throws BackendError(FLUX_E_FAILED) where the first two columns of `row` say that the transaction cannot write.
void check_writable(const PGresult* row);

}  // namespace flux::postgres
