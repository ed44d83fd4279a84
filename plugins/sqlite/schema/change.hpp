// The statements of a difference between two schemas.
#pragma once

#include <flux/fact.hpp>
#include <optional>
#include <vector>

namespace flux::sqlite {

// As SchemaEditor::change.
std::optional<std::vector<SchemaStep>> change_schema(const SchemaChange& change);

}  // namespace flux::sqlite
