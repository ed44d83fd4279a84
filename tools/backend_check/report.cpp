#include "report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace flux::check {
namespace {

std::string reproduce(const Result& result, const Report& report) {
  return fmt::format("{} --only {}", report.reproduce, result.check->name);
}

const char* name(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::failed:
      return "failed";
    case Verdict::not_declared:
      return "not declared";
    case Verdict::no_quirk:
      break;
  }
  return "no quirk";
}

// Neither passed nor failed.
bool is_left_out(const Result& result) {
  return result.verdict == Verdict::not_declared || result.verdict == Verdict::no_quirk;
}

double seconds(const Result& result) { return static_cast<double>(result.took.count()) / 1000; }

// The lines of `text`, each behind `margin`.
std::string indented(const std::string& text, const std::string& margin) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out += margin + text.substr(at, end - at) + '\n';
    at = end + 1;
  }
  return out;
}

// XML has no way to write most control characters, and nothing that is not UTF-8.
std::string xml(const std::string& text) {
  const std::string valid = nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::string out;
  for (const char c : nlohmann::json::parse(valid).get<std::string>()) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 && c != '\t' ? '?' : c;
    }
  }
  return out;
}

std::string junit_case(const Result& result, const Report& report) {
  std::string out = fmt::format("  <testcase classname=\"flux-backend-check\" name=\"{}\" time=\"{:.3f}\"",
                                result.check->name, seconds(result));
  if (result.verdict == Verdict::passed) return out + "/>\n";
  out += ">\n";
  if (is_left_out(result)) {
    out += fmt::format("    <skipped message=\"{}: {}\"/>\n", name(result.verdict), xml(result.came));
  } else {
    out += fmt::format("    <failure message=\"expected: {}; came: {}\">{}</failure>\n", xml(result.expected),
                       xml(result.came), xml(std::string(result.check->promise) + "\n" + reproduce(result, report)));
    if (!result.output.empty()) out += fmt::format("    <system-out>{}</system-out>\n", xml(result.output));
  }
  return out + "  </testcase>\n";
}

}  // namespace

std::size_t Report::count(Verdict verdict) const {
  return static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(), [&](const Result& result) { return result.verdict == verdict; }));
}

std::string result_text(const Result& result, const Report& report) {
  if (result.verdict == Verdict::passed) return fmt::format("pass  {}\n", result.check->name);
  if (is_left_out(result))
    return fmt::format("--    {}: {}: {}\n", result.check->name, name(result.verdict), result.came);
  std::string out = fmt::format("FAIL  {}\n", result.check->name);
  out += fmt::format("      promise   {}\n      expected  {}\n      came      {}\n      again     {}\n",
                     result.check->promise, result.expected, result.came, reproduce(result, report));
  if (!result.output.empty()) out += "      it wrote to stdout or stderr:\n" + indented(result.output, "        ");
  return out;
}

std::string summary_text(const Report& report) {
  return fmt::format("{}: {} passed, {} failed, {} not declared, {} no quirk\n", report.file,
                     report.count(Verdict::passed), report.count(Verdict::failed), report.count(Verdict::not_declared),
                     report.count(Verdict::no_quirk));
}

std::string json_text(const Report& report) {
  nlohmann::ordered_json checks = nlohmann::ordered_json::array();
  for (const Result& result : report.results) {
    nlohmann::ordered_json one{{"name", result.check->name},
                               {"promise", result.check->promise},
                               {"result", name(result.verdict)},
                               {"seconds", seconds(result)}};
    if (result.verdict == Verdict::not_declared) one["not_declared"] = result.came;
    if (result.verdict == Verdict::no_quirk) one["no_quirk"] = result.came;
    if (result.verdict == Verdict::failed) {
      one["expected"] = result.expected;
      one["came"] = result.came;
      one["output"] = result.output;
      one["reproduce"] = reproduce(result, report);
    }
    checks.push_back(std::move(one));
  }
  const nlohmann::ordered_json document{{"file", report.file},
                                        {"passed", report.count(Verdict::passed)},
                                        {"failed", report.count(Verdict::failed)},
                                        {"not_declared", report.count(Verdict::not_declared)},
                                        {"no_quirk", report.count(Verdict::no_quirk)},
                                        {"checks", std::move(checks)}};
  return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

std::string junit_text(const Report& report) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">\n", xml(report.file),
                     report.results.size(), report.count(Verdict::failed),
                     report.count(Verdict::not_declared) + report.count(Verdict::no_quirk));
  for (const Result& result : report.results) out += junit_case(result, report);
  return out + "</testsuite>\n";
}

}  // namespace flux::check
