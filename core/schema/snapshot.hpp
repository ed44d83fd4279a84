// A schema as JSON, to be kept and compared later.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include <flux/core/schema/schema.hpp>

namespace flux {

// Equal schemas inspected in the same order have equal bytes. `backend` is kept beside it. Throws what require_utf8 throws.
std::string snapshot_text(const Schema& schema, std::string_view backend);
// Throws Error{backend} naming a fact with a text that JSON cannot hold.
void require_utf8(const Schema& schema);
// The same in pieces, for who writes it while it is made: all but the facts, which are null, and an element of "facts".
nlohmann::ordered_json snapshot_head(std::string_view backend);
nlohmann::ordered_json snapshot_fact(const Fact& fact);

// Reads it. Throws Error{directory}, naming `file`, where it is no snapshot, of a version that this flux does not know, or
// of another backend.
Schema read_snapshot(std::string_view text, std::string_view backend, const std::string& file);

}  // namespace flux
