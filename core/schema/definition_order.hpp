// What the statements of definition files say of each other by their names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <flux/core/schema/resources.hpp>

namespace flux {

// What stands behind the last dot: "orders" of "public.orders".
std::string last_part(std::string_view name);

// "public.orders" and "orders" may be the same; "a.orders" and "b.orders" are not.
bool may_be_same(std::string_view a, std::string_view b);

// A failure for each thing that is defined a second time, naming the first place.
std::vector<Failure> defined_twice(const std::vector<Definition>& definitions);

// Whether it acts on what is made behind it, so that all else must be there before: it uses the name "*".
bool uses_all(const Definition& definition);

// What is used comes before what uses it; else, and in circles, the order stays.
std::vector<Definition> in_load_order(std::vector<Definition> definitions);

// What to do about the definition `index` where one of `waiting`, which cannot be loaded either, needs it and is needed by
// it; nullopt: there is none.
std::optional<std::string> needed_back(const std::vector<Definition>& definitions, std::size_t index, const std::vector<std::size_t>& waiting);

// The failure of a fact that was loaded, at the statement that defines it.
Failure problem_of(const std::vector<Definition>& definitions, const FactRef& name, const std::string& message);

}  // namespace flux
