// A schema as files: what `flux inspect --out` writes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <flux/core/schema/change_plan.hpp>

namespace flux {

// Each object with all that belongs to it is a file of its own, by schema and kind: "public/tables/orders.sql". Path to text;
// loaded, they make an equal schema. What is not modelled is left out.
std::map<std::string, std::string> schema_files(const Schema& schema, const ChangeFunction& change, const std::string& extension);

// The statements one after the other, each ended by ";" and with an empty line between.
std::string statements_text(const std::vector<PlannedStep>& steps);

}  // namespace flux
