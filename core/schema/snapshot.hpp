// A schema as JSON, to be kept and compared later.
#pragma once

#include <string>
#include <string_view>

#include <flux/core/schema/schema.hpp>

namespace flux {

// Equal schemas inspected in the same order have equal bytes. `backend` is kept beside it.
std::string snapshot_text(const Schema& schema, std::string_view backend);

// Reads it. Throws Error{directory}, naming `file`, where it is no snapshot, of a version that this flux does not know, or
// of another backend.
Schema read_snapshot(std::string_view text, std::string_view backend, const std::string& file);

}  // namespace flux
