// The "database" of the example: documents and the migration history, together in one file.
#pragma once

#include <flux/backend.hpp>
#include <map>
#include <string>
#include <utility>

namespace memo {

// Everything that the file holds. One file, so that one rename() commits documents and history together.
struct Store {
  std::map<std::string, std::string> documents;
  std::map<std::pair<std::string, std::string>, flux::HistoryRow> history;  // by namespace and id
};

// Reads `file`; an empty store where there is none. Throws flux::BackendError: FLUX_E_CONNECTION where it cannot be
// read or is something else.
Store read_store(const std::string& file);

// Replaces `file` by `store` as a whole or, throwing flux::BackendError, not at all. With `sync` it outlives a power
// cut.
void write_store(const std::string& file, const Store& store, bool sync);

}  // namespace memo
