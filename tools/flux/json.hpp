// The types of the core as JSON. README.md describes the shapes.
#pragma once

#include <flux/core/history.hpp>
#include <flux/core/plan.hpp>
#include <flux/core/verify.hpp>
#include <optional>
#include <string>
#include <vector>

#include "result.hpp"

namespace flux::cli {

// The text, or null where it is empty.
Json text_or_null(const std::string& text);

Json to_json(const Failure& failure);
Json to_json(const std::vector<Failure>& failures);
Json to_json(const Finding& finding);
Json to_json(const std::vector<Finding>& findings);
// kind, id, file, hash; with the script's text where asked.
Json to_json(const Step& step, bool with_text);
// What the history says of a migration: hash, applied_at, ... each null where `row` is null.
void add_history(Json& to, const HistoryEntry* row);

// The whole document of a command, piece by piece.
void write_json(const std::string& command, const Result& result, const Write& write);
// The same as one text.
std::string json_document(const std::string& command, const Result& result);

}  // namespace flux::cli
