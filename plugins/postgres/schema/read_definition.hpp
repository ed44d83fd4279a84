// What the text of a definition says of names.
#pragma once

#include <flux/schema.hpp>
#include <string_view>
#include <vector>

namespace flux::postgres::schema {

// As flux::SchemaEditor::read_definition().
std::vector<Mention> read_definition(std::string_view sql);

}  // namespace flux::postgres::schema
