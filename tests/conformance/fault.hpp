// Ways of breaking one promise each. A fault changes functions of a copy of the toy's table.
#pragma once

#include <flux/backend_abi.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace toy {

struct Fault {
  const char* check;  // the one that must find it, by which it is chosen as well
  void (*put_in)(flux_backend_api& table);
};

// All faults that a table can have.
std::vector<Fault> table_faults();
std::vector<Fault> instance_faults();
std::vector<Fault> history_faults();
std::vector<Fault> lock_faults();
std::vector<Fault> script_faults();
std::vector<Fault> feature_faults();
std::vector<Fault> schema_faults();

// The toy's own functions.
const flux_backend_api& good();
// What the last create was given, and the last connect, as a folder.
const flux_host* host();
std::string folder();

std::string text(flux_str given);
inline flux_str str(std::string_view text) { return {text.data(), text.size()}; }
// Reports `code` with a message and returns it.
flux_status report(flux_err* err, flux_status code, const char* message);
// `status`, but `code` for `wrong`: an answer as another one. The call must have been made without an err.
flux_status as(flux_status status, flux_status wrong, flux_status code, flux_err* err);

// Whether a transaction is open, as the calls of begin, commit and rollback have it; to be kept by `track`.
bool in_transaction();
void track_transactions(flux_backend_api& table);

// A row of the listing, changed before it goes on.
using ChangeRow = void (*)(flux_history_row& row);
flux_status list_changed(flux_backend* self, flux_str name_space, std::uint32_t flags, flux_history_fn emit, void* ctx,
                         flux_err* err, ChangeRow change);
// A script of another text or with other flags.
flux_status apply_text(flux_backend* self, const flux_script* script, const std::string& text, flux_err* err);

}  // namespace toy
