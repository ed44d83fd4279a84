// What a check is, and all of them.
#pragma once

#include <cstdint>
#include <vector>

namespace flux::check {

class Scene;

// What a backend declares, and what it has only if it does. Without one of a check's needs the check is not declared.
enum Need : std::uint32_t {
  needs_transactional_ddl = 1,  // the first four are the bits of flux_capability
  needs_lock = 2,
  needs_cancel = 4,
  needs_statement_offsets = 8,
  needs_statements = 16,  // flux.statements.v1
  needs_batch = 32,       // flux.batch.v1
  needs_schema = 64       // flux.schema.v1
};

// One promise of the ABI and its proof. `run` returns where the promise is kept; it throws Failed, NotDeclared or
// NoQuirk.
struct Check {
  const char* name;     // stable
  const char* promise;  // the words of backend_abi.h, behind the function or struct that they stand at
  std::uint32_t needs;  // of enum Need
  void (*run)(Scene& scene);
  int limit_s = 60;      // then it has failed
  bool connects = true;  // to the target; not so what looks at the file and the table alone
};

// Every check, in the order in which they run: what looks at the file alone first, then what wants a target without a
// history.
const std::vector<Check>& all_checks();

// The groups, one file each.
std::vector<Check> file_checks();
std::vector<Check> table_checks();
std::vector<Check> config_checks();
std::vector<Check> connection_checks();
std::vector<Check> error_checks();
std::vector<Check> struct_checks();
std::vector<Check> history_list_checks();
std::vector<Check> history_checks();
std::vector<Check> history_time_checks();
std::vector<Check> lock_checks();
std::vector<Check> transaction_checks();
std::vector<Check> script_checks();
std::vector<Check> script_error_checks();
std::vector<Check> session_checks();
std::vector<Check> cancel_checks();
std::vector<Check> recovery_checks();
std::vector<Check> statements_checks();
std::vector<Check> batch_checks();
std::vector<Check> shadow_checks();
std::vector<Check> inspect_checks();
std::vector<Check> change_checks();
std::vector<Check> definition_checks();
std::vector<Check> process_checks();

}  // namespace flux::check
