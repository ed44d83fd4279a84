// The way from one schema to another: what is dropped, altered and made, and in which order.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <flux/core/schema/schema.hpp>

namespace flux {

enum class ChangeKind { drop, alter, make };
const char* name(ChangeKind kind) noexcept;  // "drop", "alter", "make"

// A statement, and the fact that it is about.
struct PlannedStep {
  ChangeKind kind = ChangeKind::make;
  FactRef about;
  SchemaStep step;
};

// What a backend says of one difference; Backend::change.
using ChangeFunction = std::function<std::optional<std::vector<SchemaStep>>(const SchemaChange&)>;

// The statements that make `to` of `from`. The same input gives the same output. What is not modelled stays as it is. Throws
// Error{backend} where the backend cannot make or drop something, or where facts need each other in a circle that cannot be
// opened.
std::vector<PlannedStep> plan_change(const Schema& from, const Schema& to, const ChangeFunction& change, bool online = false);

}  // namespace flux
