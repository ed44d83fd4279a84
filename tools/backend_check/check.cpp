#include "check.hpp"

namespace flux::check {

const std::vector<Check>& all_checks() {
  static const std::vector<Check> all = [] {
    std::vector<Check> out;
    for (const auto group : {file_checks, table_checks})
      for (Check check : group()) {
        check.connects = false;
        out.push_back(check);
      }
    for (const auto group :
         {history_list_checks, config_checks,       connection_checks, error_checks,       struct_checks,
          history_checks,      history_time_checks, lock_checks,       transaction_checks, script_checks,
          script_error_checks, session_checks,      cancel_checks,     recovery_checks,    statements_checks,
          batch_checks,        shadow_checks,       inspect_checks,    change_checks,      definition_checks,
          process_checks})
      for (const Check& check : group()) out.push_back(check);
    return out;
  }();
  return all;
}

}  // namespace flux::check
