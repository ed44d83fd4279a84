// Statements that make, change and drop tables.
#pragma once

#include <flux/fact.hpp>
#include <optional>
#include <string>
#include <vector>

namespace flux::sqlite {

using Steps = std::optional<std::vector<SchemaStep>>;

// CREATE TABLE `name` with what `parts` hold.
std::string create_table(const std::string& name, const Fact& table, const std::vector<const Fact*>& parts);

// A table, virtual or not.
Steps rename_table(const SchemaChange& change);
SchemaStep drop_table(const Fact& table);
// What is said of an unmodelled part where `owner` is dropped to be made again.
std::string lost_with(const Fact& unread, const std::string& owner);

// As change_schema, for a table, a column and a virtual table; constraints and options cannot be changed alone.
Steps change_table(const SchemaChange& change);
Steps change_column(const SchemaChange& change);
Steps change_virtual_table(const SchemaChange& change);

}  // namespace flux::sqlite
