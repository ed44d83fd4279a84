#include "checker.hpp"

#include <sstream>

#include "temp_dir.hpp"

namespace flux::testing {

std::vector<std::string> CheckerRun::names(const std::string& result) const {
  std::vector<std::string> out;
  if (!report.is_object()) return out;
  for (const auto& check : report["checks"])
    if (check["result"] == result) out.push_back(check["name"]);
  return out;
}

CheckerRun run_checker(const std::string& file, const std::vector<std::string>& arguments, const std::string& fault) {
  std::vector<std::string> argv = {FLUX_BACKEND_CHECK, file, "--format", "json"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const TempDir temporary;
  ProcessOptions options;
  options.env["TMPDIR"] = temporary.path().string();  // what a wrong backend leaves there
  options.timeout = std::chrono::seconds(600);
  if (!fault.empty()) options.env["FLUX_CHECK_FAULT"] = fault;
  // Freed memory is kept by AddressSanitizer, which looks like memory that is never freed.
  options.env["ASAN_OPTIONS"] = "quarantine_size_mb=1:detect_leaks=0";
  CheckerRun run{run_process(argv, options), nullptr};
  run.report = nlohmann::json::parse(run.process.out, nullptr, false);
  return run;
}

std::vector<std::string> all_check_names() {
  std::istringstream list(run_process({FLUX_BACKEND_CHECK, "--list"}).out);
  std::vector<std::string> out;
  for (std::string line; std::getline(list, line);) out.push_back(line.substr(0, line.find(' ')));
  return out;
}

std::string toy_file(const std::string& variant) {
  return FLUX_CONFORMANCE_DIR "/" + variant + "/libflux_backend_" + (variant == "other_name" ? "toys" : "toy") + ".so";
}

std::vector<std::string> toy_arguments(const std::string& folder) {
  return {"--uri", "toy:" + folder, "--quirks", FLUX_SOURCE_DIR "/tests/conformance/toy.toml"};
}

}  // namespace flux::testing
