#include "plan_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <flux/core/error.hpp>
#include <flux/core/source_text.hpp>
#include <flux/core/version.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace flux::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int format_version = 1;

Error wrong(const std::string& name, std::string message, std::string hint = "make it again with `flux plan --out FILE`") {
  Failure f{ErrorCode::usage, std::move(message)};
  f.where = SourcePosition{name, 0, 0, ""};
  f.hint = std::move(hint);
  return Error(f);
}

Json to_json(const Request& request) {
  const auto range = [](const auto& r) {
    Json json;
    json["count"] = r.count ? Json(*r.count) : Json();
    json["to"] = r.to ? Json(*r.to) : Json();
    return json;
  };
  if (const auto* rollback = std::get_if<RollbackRequest>(&request)) {
    Json json = range(*rollback);
    json["all"] = rollback->all;
    json["no_repeatable"] = rollback->no_repeatable;
    json["forget_missing_undo"] = rollback->forget_missing_undo;
    return json;
  }
  const auto& apply = std::get<ApplyRequest>(request);
  Json json = range(apply);
  json["single_transaction"] = apply.single_transaction;
  json["allow_out_of_order"] = apply.allow_out_of_order;
  return json;
}

template <class R>
R with_range(const Json& json) {
  R request;
  if (!json.at("count").is_null()) request.count = json.at("count").get<std::size_t>();
  if (!json.at("to").is_null()) request.to = json.at("to").get<std::string>();
  return request;
}

Request request_of(const std::string& action, const Json& json) {
  if (action == "rollback") {
    auto request = with_range<RollbackRequest>(json);
    request.all = json.at("all").get<bool>();
    request.no_repeatable = json.at("no_repeatable").get<bool>();
    request.forget_missing_undo = json.at("forget_missing_undo").get<bool>();
    return request;
  }
  auto request = with_range<ApplyRequest>(json);
  request.single_transaction = json.at("single_transaction").get<bool>();
  request.allow_out_of_order = json.at("allow_out_of_order").get<bool>();
  return request;
}

std::vector<PlanFile::Step> steps_of(const Plan& plan) {
  std::vector<PlanFile::Step> steps;
  for (const Step& step : plan.steps)
    steps.push_back({name(step.kind), std::string(step.id), step.script ? step.script->hash() : "", step.undo ? step.undo->hash() : ""});
  return steps;
}

PlanFile plan_of(const Json& json) {
  PlanFile plan;
  plan.made_for = {json.at("backend").get<std::string>(), json.at("target").get<std::string>(), json.at("namespace").get<std::string>()};
  const auto action = json.at("action").get<std::string>();
  if (action != "apply" && action != "rollback") throw std::runtime_error("its action is neither apply nor rollback");
  plan.request = request_of(action, json.at("request"));
  plan.history_fingerprint = json.at("history").get<std::string>();
  for (const Json& step : json.at("steps"))
    plan.steps.push_back({step.at("kind").get<std::string>(), step.at("id").get<std::string>(), step.at("hash").get<std::string>(),
                          step.at("undo_hash").get<std::string>()});
  return plan;
}

// json.exception's own text begins with its number in brackets.
std::string plain(const std::exception& e) {
  const std::string text = e.what();
  const std::size_t bracket = text.find("] ");
  return text.starts_with('[') && bracket != std::string::npos ? text.substr(bracket + 2) : text;
}

std::string step_text(const PlanFile::Step& step) { return step.kind + " " + step.id; }

}  // namespace

std::string plan_file_text(const Plan& plan, const PlanFor& made_for) {
  Json json;
  json["flux_plan"] = format_version;
  json["made_by"] = fmt::format("flux {}", version());
  json["made_at"] = iso8601(std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()));
  json["backend"] = made_for.backend;
  json["target"] = made_for.target;
  json["namespace"] = made_for.name_space;
  json["action"] = plan.is_rollback() ? "rollback" : "apply";
  json["request"] = to_json(plan.request);
  json["history"] = plan.history_fingerprint;
  json["steps"] = Json::array();
  for (const PlanFile::Step& step : steps_of(plan))
    json["steps"].push_back(Json{{"kind", step.kind}, {"id", step.id}, {"hash", step.hash}, {"undo_hash", step.undo_hash}});
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

PlanFile parse_plan_file(std::string_view text, const std::string& name) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& e) {
    Failure f{ErrorCode::usage, "this is no JSON: " + plain(e)};
    f.where = position_at(name, text, e.byte > 0 ? e.byte - 1 : 0);
    f.where->line_text.clear();
    f.hint = "make it again with `flux plan --out FILE`";
    throw Error(f);
  }
  if (!json.is_object() || !json.contains("flux_plan")) throw wrong(name, "this is no plan file of flux");
  if (json["flux_plan"] != format_version)
    throw wrong(name, fmt::format("this flux reads plan files of version {} alone, and this one is of version {}", format_version, json["flux_plan"].dump()));
  try {
    return plan_of(json);
  } catch (const std::exception& e) {
    throw wrong(name, "the plan file is not complete: " + plain(e));
  }
}

PlanFile read_plan_file(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status {};
  const bool regular = descriptor >= 0 && ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  const std::string why = descriptor < 0 ? std::strerror(errno) : "it is no regular file";
  if (descriptor >= 0) ::close(descriptor);
  if (!regular) throw wrong(file, "the plan file cannot be read: " + why, "name a file that `flux plan --out FILE` wrote");
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return parse_plan_file(text.str(), file);
}

void write_plan_file(const std::string& file, const std::string& text) {
  const std::string fresh = file + ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (out && std::rename(fresh.c_str(), file.c_str()) == 0) return;
  const std::string why = std::strerror(errno);
  std::remove(fresh.c_str());
  throw wrong(file, "the plan file cannot be written: " + why, "");
}

std::vector<std::string> differences(const PlanFile& approved, const Plan& now, const PlanFor& now_for) {
  std::vector<std::string> out;
  const auto compare = [&](const char* what, const std::string& then, const std::string& today) {
    if (then != today) out.push_back(fmt::format("the {} is {}; the plan was made for {}", what, today.empty() ? "empty" : today, then.empty() ? "none" : then));
  };
  compare("backend", approved.made_for.backend, now_for.backend);
  compare("target", approved.made_for.target, now_for.target);
  compare("namespace", approved.made_for.name_space, now_for.name_space);
  if (!out.empty()) return out;  // another database: what differs in it says nothing
  if (approved.history_fingerprint != now.history_fingerprint) out.push_back("the history has changed since the plan was made");
  const std::vector<PlanFile::Step> steps = steps_of(now);
  for (const PlanFile::Step& step : approved.steps) {
    const auto same_step = std::find_if(steps.begin(), steps.end(), [&](const PlanFile::Step& s) { return s.kind == step.kind && s.id == step.id; });
    if (same_step == steps.end()) out.push_back(step_text(step) + " is in the plan, but would not run now");
    else if (same_step->hash != step.hash) out.push_back(step_text(step) + ": its script has changed since the plan was made");
    else if (same_step->undo_hash != step.undo_hash) out.push_back(step_text(step) + ": its undo script has changed since the plan was made");
  }
  for (const PlanFile::Step& step : steps)
    if (std::none_of(approved.steps.begin(), approved.steps.end(), [&](const PlanFile::Step& s) { return s.kind == step.kind && s.id == step.id; }))
      out.push_back(step_text(step) + " would run now, but is not in the plan");
  if (out.empty() && steps != approved.steps) out.push_back("the steps would run in another order");
  return out;
}

}  // namespace flux::cli
