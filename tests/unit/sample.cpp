#include "sample.hpp"

#include <set>
#include <string_view>

#include <flux/core/directives.hpp>
#include <flux/core/error.hpp>
#include <flux/core/hash.hpp>

namespace flux::testing {

namespace {

// The text for as long as the tests run.
std::string_view kept(const std::string& text) {
  static std::set<std::string> texts;
  return *texts.insert(text).first;
}

}  // namespace

ScriptPtr script(const std::string& name, const std::string& text) {
  const auto made = Script::make("migrations/" + name, text);
  std::vector<DirectiveProblem> problems;
  made->edit().directives = parse_directives(text, problems);
  return made;
}

MigrationSet set_of(const std::vector<std::string>& ids) {
  MigrationSet set;
  set.directory = "migrations";
  for (std::string id : ids) {
    const bool without_undo = id.ends_with('!');
    if (without_undo) id.pop_back();
    set.migrations.push_back({kept(id), script(id + ".sql", "create " + id), without_undo ? nullptr : script(id + ".undo.sql", "drop " + id)});
  }
  return set;
}

History history_of(const MigrationSet& set, const std::vector<std::string>& ids) {
  std::vector<HistoryRow> rows;
  for (const std::string& id : ids) {
    HistoryRow row;
    row.id = id;
    row.hash = script_hash("create " + id);
    const Migration* migration = set.find(id);
    if (migration != nullptr && migration->undo != nullptr) row.undo = std::string(migration->undo->text());
    row.applied_at = Timestamp(std::chrono::seconds(1'700'000'000));
    rows.push_back(row);
  }
  return History(rows);
}

void add_repeatable(MigrationSet& set, Phase phase, const std::string& name, const std::string& text) {
  const std::string folder = phase == Phase::pre_apply ? "pre-apply/" : "post-apply/";
  set.repeatables.push_back({kept(folder + name), phase, script(folder + name + ".sql", text)});
}

std::string steps(const Plan& plan) {
  std::string out;
  for (const Step& step : plan.steps) out.append(out.empty() ? "" : ", ").append(name(step.kind)).append(" ").append(step.id);
  return out;
}

std::string refusal(const MigrationSet& set, const History& history, const Request& request) {
  try {
    make_plan(set, history, request, {});
    return "no error";
  } catch (const Error& error) {
    std::string out = name(error.code());
    for (const Failure& f : error.failures()) out += (&f == error.failures().data() ? ": " : "; ") + f.message;
    return out;
  }
}

}  // namespace flux::testing
