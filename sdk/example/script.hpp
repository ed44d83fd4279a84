// The language of the example: lines `put KEY VALUE…`, `delete KEY`, `require KEY`. Lines that begin with # or -- are
// comments. A ";" may stand at the end of a line, where flux writes one.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "store.hpp"

namespace memo {

struct Line {
  std::size_t offset;  // of its first word in the script, in bytes
  std::string_view text;
};

// The lines of a script that do something.
std::vector<Line> statements(std::string_view script);

// Takes the next word off `rest`; empty where there is none.
std::string_view next_word(std::string_view& rest);

// Does what `line` says, or throws what is wrong with which byte of it: FLUX_E_SCRIPT. `index`: its own in the script.
void run(const Line& line, std::int64_t index, Store& store);

}  // namespace memo
