// The files that say what a schema is to be.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <flux/core/backend.hpp>
#include <flux/core/config.hpp>
#include <flux/core/script.hpp>

namespace flux {

// One statement of them.
struct Definition {
  ScriptPtr file;
  TextSpan statement;  // with the comments above it
  std::vector<Mention> mentions;
};

// The definitions of a file, or of the files with the backend's extension in a folder and those below, in any layout. In
// the order in which they can be loaded, as far as their texts show it. Throws Error{directory|script} with everything that
// is wrong: what defines nothing, and what is defined twice, with both places.
std::vector<Definition> read_definitions(const std::filesystem::path& path, Backend& backend);

// The same of what [schema] says: its resources, or what its command writes.
std::vector<Definition> read_definitions(const Config& config, Backend& backend);

// Loads them into an empty throw-away database. One that fails is tried again when others have been loaded. Throws
// Error{script} with the first thing that is wrong in each chain, at its place.
void load_definitions(const std::vector<Definition>& definitions, Backend& shadow);

}  // namespace flux
