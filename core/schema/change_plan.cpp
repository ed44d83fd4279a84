#include <flux/core/schema/change_plan.hpp>

#include <fmt/core.h>

#include <flux/core/error.hpp>

#include "change_fates.hpp"
#include "change_graph.hpp"

namespace flux {
namespace {

// The parts that are made along with `name`, and theirs.
void add_folded(const Schema& schema, const ChangeGraph& graph, const FactRef& name, std::vector<const Fact*>& into) {
  for (const Fact* child : schema.children(name)) {
    if (!child->part || !graph.folded(*child)) continue;
    into.push_back(child);
    add_folded(schema, graph, child->name, into);
  }
}

}  // namespace

const char* name(ChangeKind kind) noexcept {
  switch (kind) {
    case ChangeKind::drop: return "drop";
    case ChangeKind::alter: return "alter";
    case ChangeKind::make: return "make";
  }
  return "";
}

std::vector<PlannedStep> plan_change(const Schema& from, const Schema& to, const ChangeFunction& change, bool online) {
  const ChangeFates fates(from, to, change, online);
  ChangeGraph graph(from, to, fates);
  std::vector<PlannedStep> out;
  for (const ChangeNode& node : graph.ordered()) {
    const FactRef& about = node.fact->name;
    SchemaChange one;
    one.online = online;
    if (node.kind == ChangeKind::drop) {
      one.from = node.fact;
      one.from_parts = from.parts(about);
    } else if (node.kind == ChangeKind::make) {
      one.to = node.fact;
      add_folded(to, graph, about, one.to_parts);
    }
    const auto steps = node.kind == ChangeKind::alter ? std::optional(fates.steps(about)) : change(one);
    if (!steps) {
      Failure f;
      f.code = ErrorCode::backend;
      f.message = fmt::format("the backend cannot {} the {}", name(node.kind), words(about));
      throw Error(std::move(f));
    }
    for (const SchemaStep& step : *steps) out.push_back({node.kind, about, step});
  }
  return out;
}

}  // namespace flux
