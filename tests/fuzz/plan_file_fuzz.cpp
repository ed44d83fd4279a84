// Plan files: read, or refused with one error that names the file; what was read is written and read again as the same.
#include <flux/core/error.hpp>
#include <string>

#include "../../tools/flux/plan_file.hpp"
#include "fuzz.hpp"

using flux::fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const flux::cli::PlanFile file = flux::cli::parse_plan_file(flux::fuzz::text_of(data, size), "plan.json");
    flux::Plan plan;
    plan.request = file.request;
    plan.history_fingerprint = file.history_fingerprint;
    const flux::cli::PlanFile again =
        flux::cli::parse_plan_file(flux::cli::plan_file_text(plan, file.made_for), "plan.json");
    require(again.made_for == file.made_for, "it is for the same target");
    require(again.request == file.request, "it asks for the same");
    require(again.history_fingerprint == file.history_fingerprint, "it was made from the same history");
    require(flux::cli::differences(again, plan, file.made_for).empty(), "a plan does not differ from itself");
  } catch (const flux::Error& error) {
    require(error.code() == flux::ErrorCode::usage, "what is wrong is what the user gave");
    require(error.failures().front().where.has_value(), "the file is named");
    require(!error.failures().front().message.empty(), "the error says what it is");
  }
  return 0;
}
