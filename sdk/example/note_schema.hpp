// Schema as code for the example: what the documents of a store are to flux, and how one becomes another.
//
// A document is a fact of the kind "note": its identity is its key, `colour/primary` is `primary` of the schema
// `colour`, and its definition is the statement that puts it there. A note "see KEY" depends on the note KEY.
#pragma once

#include <flux/schema.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store.hpp"

namespace memo {

// Hands each document to `emit`, by its key.
void emit_notes(const Store& store, const std::function<void(const flux::Fact&)>& emit);

// The statements of one difference; nullopt for what is no note.
std::optional<std::vector<flux::SchemaStep>> change_note(const flux::SchemaChange& change);

// What a `put` with the comments above it defines and uses. Throws FLUX_E_SCRIPT for other statements.
std::vector<flux::Mention> read_note(std::string_view sql);

// The notes that refer to one that is not there.
std::vector<std::pair<flux::FactRef, std::string>> notes_without_end(const Store& store);

}  // namespace memo
