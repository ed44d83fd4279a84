#include "schema_text.hpp"

#include <fmt/core.h>
#include <fmt/format.h>

#include "text.hpp"
#include "text_diff.hpp"

namespace flux::cli {
namespace {

constexpr std::pair<unsigned, const char*> hazard_table[] = {
    {FLUX_HAZARD_DATA_LOSS, "data loss"},        {FLUX_HAZARD_REWRITE, "rewrite"},
    {FLUX_HAZARD_LOCK, "lock"},                  {FLUX_HAZARD_SCAN, "scan"},
    {FLUX_HAZARD_NO_TRANSACTION, "no transaction"}, {FLUX_HAZARD_MAY_FAIL, "may fail"},
    {FLUX_HAZARD_BREAKS_CLIENTS, "breaks clients"},
};

std::string_view side(const Difference& d, const SideNames& names) {
  return d.from == nullptr ? names.added : d.to == nullptr ? names.removed : names.changed;
}

bool has_lines(const std::string& text) { return text.find('\n') != std::string::npos; }

// One or more lines about what is not the same.
std::string detail_text(const Detail& detail, Actual actual) {
  const std::string &is = actual == Actual::from ? detail.from : detail.to, &other = actual == Actual::from ? detail.to : detail.from;
  if (has_lines(is) || has_lines(other)) {
    std::string out = fmt::format("the {} differs:", detail.name.empty() ? "body" : detail.name);
    const std::string lines = text_diff(other, is, Stream{});
    for (std::size_t at = 0; at < lines.size();) {
      const std::size_t end = lines.find('\n', at);
      if (lines.compare(at, 2, "@@") != 0) out += "\n  " + lines.substr(at, end - at);
      at = end + 1;
    }
    return out;
  }
  if (actual == Actual::neither) return (detail.name.empty() ? "" : detail.name + ": ") + fmt::format("{}, not {}", is, other);
  return (detail.name.empty() ? "" : detail.name + " ") + fmt::format("is {}, should be {}", is, other);
}

std::vector<std::string> detail_texts(const Difference& difference, Actual actual) {
  std::vector<std::string> out;
  for (const Detail& detail : details(difference)) out.push_back(detail_text(detail, actual));
  return out;
}

std::string indented_lines(const std::string& text, std::size_t width) {
  std::string out(width, ' ');
  for (const char c : visible_lines(text)) out += c == '\n' ? '\n' + std::string(width, ' ') : std::string(1, c);
  return out + '\n';
}

// A comment that cannot be ended by what it says.
std::string comment_line(const std::string& text) { return "-- " + visible(text) + "\n"; }

}  // namespace

std::vector<std::string> hazard_names(unsigned hazards) {
  std::vector<std::string> out;
  for (const auto& [bit, word] : hazard_table)
    if ((hazards & bit) != 0) out.emplace_back(word);
  return out;
}

std::string steps_text(const std::vector<PlannedStep>& steps) {
  std::string out;
  for (const PlannedStep& step : steps) {
    if (!out.empty()) out += '\n';
    const std::vector<std::string> hazards = hazard_names(step.step.hazards);
    const std::string& remark = step.step.remark;
    if (!hazards.empty()) out += comment_line(fmt::format("{}{}{}", fmt::join(hazards, ", "), remark.empty() ? "" : ": ", remark));
    else if (!remark.empty()) out += comment_line(remark);
    out += step.step.sql + ";\n";
  }
  return out;
}

Json steps_json(const std::vector<PlannedStep>& steps) {
  Json out = Json::array();
  for (const PlannedStep& step : steps)
    out.push_back(Json{{"action", name(step.kind)},
                       {"kind", step.about.kind},
                       {"identity", step.about.identity},
                       {"sql", step.step.sql},
                       {"hazards", hazard_names(step.step.hazards)},
                       {"remark", step.step.remark.empty() ? Json() : Json(step.step.remark)},
                       {"transaction", (step.step.hazards & FLUX_HAZARD_NO_TRANSACTION) == 0}});
  return out;
}

std::string differences_text(const std::vector<Difference>& differences, const SideNames& names) {
  std::size_t width = 0;
  for (const Difference& d : differences) width = std::max(width, side(d, names).size());
  std::string out;
  for (const Difference& d : differences) {
    out += fmt::format("{:<{}}  {}", side(d, names), width, visible(words(d.fact().name)));
    const std::vector<std::string> texts = detail_texts(d, names.actual);
    if (texts.size() == 1 && !has_lines(texts.front())) {
      out += ": " + visible(texts.front()) + '\n';
      continue;
    }
    out += '\n';
    for (const std::string& text : texts) out += indented_lines(text, width + 4);
  }
  return out;
}

Json differences_json(const std::vector<Difference>& differences, const SideNames& names) {
  Json out = Json::array();
  for (const Difference& d : differences)
    out.push_back(Json{{"difference", side(d, names)}, {"kind", d.fact().name.kind}, {"identity", d.fact().name.identity}, {"details", detail_texts(d, names.actual)}});
  return out;
}

std::vector<std::string> unmodelled_warnings(const Schema& schema) {
  std::vector<std::string> out;
  for (const FactRef& name : unmodelled(schema)) out.push_back(fmt::format("the {} is left alone: flux cannot make it from a definition", words(name)));
  return out;
}

void add_idle_annotations(const std::vector<Definition>& definitions, const SchemaChanges& changes, Result& result) {
  for (std::string& line : idle_annotations(definitions, changes.from, changes.to)) result.warnings.push_back(std::move(line));
}

void require_no_data_loss(const std::vector<PlannedStep>& steps, bool allowed) {
  if (allowed) return;
  std::vector<Failure> failures;
  for (const PlannedStep& step : steps) {
    if ((step.step.hazards & FLUX_HAZARD_DATA_LOSS) == 0) continue;
    Failure failure{ErrorCode::usage, step.step.remark.empty() ? fmt::format("data of the {} would be lost", words(step.about)) : step.step.remark};
    failure.detail = step.step.sql;
    failures.push_back(std::move(failure));
  }
  if (failures.empty()) return;
  failures.back().hint = "nothing was done; where that is what you want, add --allow data-loss";
  throw Error(ErrorCode::usage, std::move(failures));
}

}  // namespace flux::cli
