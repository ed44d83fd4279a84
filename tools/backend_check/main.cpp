// flux-backend-check: proves that a backend keeps the promises of the backend ABI.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "command_line.hpp"
#include "report.hpp"

namespace {

using namespace flux::check;

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

std::string list_of_checks() {
  std::string out;
  for (const Check& check : all_checks()) out += fmt::format("{:32} {}\n", check.name, check.promise);
  return out;
}

// The checks that were asked for, with their numbers.
std::vector<std::size_t> chosen(const std::vector<std::string>& only) {
  const std::vector<Check>& all = all_checks();
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (only.empty() || std::find(only.begin(), only.end(), all[i].name) != only.end()) out.push_back(i);
  for (const std::string& name : only)
    if (std::none_of(all.begin(), all.end(), [&](const Check& check) { return name == check.name; }))
      throw std::invalid_argument(fmt::format("there is no check \"{}\"; --list names them", name));
  return out;
}

// What a check has printed is the failure of the one that is about it, whichever it was.
void blame_output(Report& report) {
  const auto silent = std::find_if(report.results.begin(), report.results.end(), [](const Result& result) {
    return std::string_view(result.check->name) == "no-output";
  });
  if (silent == report.results.end()) return;
  const auto loud = std::find_if(report.results.begin(), report.results.end(), [](const Result& result) {
    return !result.output.empty() && result.verdict == Verdict::passed;
  });
  if (loud == report.results.end()) return;
  silent->verdict = Verdict::failed;
  silent->expected = "nothing on stdout and stderr";
  silent->came = fmt::format("during {}: {}", loud->check->name, shown(loud->output));
}

// Runs the checks of these numbers; why that ended before the last of them, "" where it did not.
std::string run_checks(const std::vector<std::size_t>& numbers, const Job& job, Format format, Report& report) {
  for (const std::size_t number : numbers) {
    try {
      report.results.push_back(run_check(all_checks()[number], number + 1, job));
    } catch (const std::invalid_argument& refused) {
      return refused.what();
    }
    // The last one is told when all is known.
    if (number + 1 == all_checks().size()) blame_output(report);
    if (format == Format::text) print(result_text(report.results.back(), report));
  }
  return "";
}

void print_end(const Report& report, Format format) {
  switch (format) {
    case Format::text:
      return print(summary_text(report));
    case Format::json:
      return print(json_text(report));
    case Format::junit:
      return print(junit_text(report));
  }
}

int run(const Options& options) {
  if (options.list) return print(list_of_checks()), 0;
  Job job;
  job.file = std::filesystem::absolute(options.file);
  job.uri = options.uri;
  job.settings = options.settings;
  job.limit_percent = options.limit_percent;
  if (!std::filesystem::exists(job.file)) throw std::invalid_argument(fmt::format("there is no {}", job.file.string()));
  if (options.quirks) job.quirks = read_quirks(*options.quirks);
  const std::vector<std::size_t> numbers = chosen(options.only);
  prepare_target(job);

  Report report{options.file.string(), command_again(options), {}};
  const std::string stopped = run_checks(numbers, job, options.format, report);
  if (!stopped.empty() && report.results.empty()) throw std::invalid_argument(stopped);
  print_end(report, options.format);
  if (!stopped.empty()) throw std::invalid_argument(stopped);
  return report.count(Verdict::failed) == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (const auto answer = parse_command_line(argc, argv, options)) {
    std::fputs(answer->text.c_str(), answer->exit_code == 0 ? stdout : stderr);
    return answer->exit_code;
  }
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::fputs(fmt::format("flux-backend-check: {}\n", error.what()).c_str(), stderr);
    return 2;
  }
}
