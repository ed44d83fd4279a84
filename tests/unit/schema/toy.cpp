#include "schema/toy.hpp"

namespace flux::testing {
namespace {

FactRef ref_of(const std::string& words) {
  const std::size_t blank = words.find(' ');
  return {words.substr(0, blank), words.substr(blank + 1)};
}

}  // namespace

Schema toy_schema(const std::vector<ToyFact>& facts) {
  Schema schema;
  for (const ToyFact& toy : facts) {
    Fact fact;
    fact.name = ref_of(toy.name);
    fact.object = fact.name.identity;
    if (!toy.parent.empty()) fact.parent = ref_of(toy.parent);
    fact.definition = toy.definition;
    fact.part = toy.part;
    for (const std::string& need : toy.needs) {
      const bool survives = need.front() == '~';
      fact.dependencies.push_back({ref_of(survives ? need.substr(1) : need), survives});
    }
    schema.add(std::move(fact));
  }
  return schema;
}

ChangeFunction ToyDatabase::change() const {
  return [*this](const SchemaChange& c) -> std::optional<std::vector<SchemaStep>> {
    const std::string about = words(c.to != nullptr ? c.to->name : c.from->name);
    const bool alters = c.from != nullptr && c.to != nullptr;
    if (alters && fixed.count(about) != 0) return std::nullopt;
    if (!alters && inseparable.count(about) != 0) return std::nullopt;
    SchemaStep step;
    step.sql = (c.from == nullptr ? "make " : c.to == nullptr ? "drop " : c.with_parts ? "remake " : "alter ") + about;
    if (c.from == nullptr && !c.to_parts.empty()) {
      step.sql += '(';
      for (const Fact* part : c.to_parts) step.sql += (part == c.to_parts.front() ? "" : ", ") + words(part->name);
      step.sql += ')';
    }
    step.rebuilds_dependents = alters && (c.with_parts || rebuilding.count(about) != 0);
    return std::vector<SchemaStep>{step};
  };
}

std::vector<std::string> toy_plan(const Schema& from, const Schema& to, const ToyDatabase& database) {
  std::vector<std::string> out;
  for (const PlannedStep& step : plan_change(from, to, database.change())) out.push_back(step.step.sql);
  return out;
}

}  // namespace flux::testing
