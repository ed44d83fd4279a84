// The file of one script: read, and looked into as far as that needs no backend.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <flux/core/script.hpp>
#include <flux/core/text_store.hpp>

namespace flux {

enum class ScriptRole { up, undo, repeatable };

// The normalised text of a regular file, the last that `store` has allocated; nullopt, and `why` as in "FILE WHY", where
// it cannot be read.
std::optional<std::string_view> read_script_file(const std::string& file, TextStore& store, std::string& why);

// Takes the directives out of the script, and what is wrong inside it.
void look_inside(Script& script, ScriptRole role);

// A script whose text was left out, read again. Throws Error{directory} where the file is no longer the same.
std::shared_ptr<Script> read_again(const ScriptPtr& script);

}  // namespace flux
