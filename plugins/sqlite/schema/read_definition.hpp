// What a statement of a definition file defines and uses.
#pragma once

#include <flux/fact.hpp>
#include <string_view>
#include <vector>

namespace flux::sqlite {

// As SchemaEditor::read_definition: one CREATE TABLE, INDEX, VIEW, TRIGGER or VIRTUAL TABLE.
std::vector<Mention> read_definition(std::string_view sql);

}  // namespace flux::sqlite
