// The file's entry: the toy's table with the fault that FLUX_CHECK_FAULT names. Compiled with
//   NO_NOTE       without the note
//   EXTRA_EXPORT  with a second exported symbol
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "fault.hpp"

#ifndef NO_NOTE
FLUX_BACKEND_NOTE("toy");
#endif

#ifdef EXTRA_EXPORT
extern "C" FLUX_EXPORT int flux_toy_second_export(void) { return 0; }
#endif

namespace {

flux_backend_api faulty() {
  flux_backend_api api = toy::good();
  const char* const name = std::getenv("FLUX_CHECK_FAULT");
  if (name == nullptr) return api;
  for (const auto group : {toy::table_faults, toy::instance_faults, toy::history_faults, toy::lock_faults,
                           toy::script_faults, toy::feature_faults, toy::schema_faults})
    for (const toy::Fault& fault : group())
      if (std::string_view(fault.check) == name) fault.put_in(api);
  return api;
}

}  // namespace

extern "C" FLUX_EXPORT const flux_backend_api* flux_backend_entry_v1(void);
extern "C" FLUX_EXPORT const flux_backend_api* flux_backend_entry_v1(void) {
  static const flux_backend_api first = faulty(), second = first;
  static int calls = 0;
  const char* const name = std::getenv("FLUX_CHECK_FAULT");
  const bool changes = name != nullptr && std::string_view(name) == "table-static";
  return changes && calls++ > 0 ? &second : &first;
}
