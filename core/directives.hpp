// `-- flux: …` lines in the leading comment of a script.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <flux/core/error.hpp>

namespace flux {

struct Directives {
  bool draft = false;           // written by `flux new`; refused until the line is removed
  bool irreversible = false;    // never to be rolled back; needs no undo
  bool on_change = false;       // run=on-change: a repeatable runs only when it has changed
  bool no_transaction = false;  // run statement by statement, not as one transaction
  std::optional<std::chrono::milliseconds> lock_timeout;       // how long a statement may wait for a lock; 0: without end
  std::optional<std::chrono::milliseconds> statement_timeout;  // how long a statement may run; 0: without end
  bool operator==(const Directives&) const = default;
};

struct DirectiveProblem {
  std::size_t offset;  // of the directive in the text, in bytes
  std::string message;
  std::string hint;
};

// Reads the leading comment lines (`--`, `//` or `#`, blank lines between them) of a normalised text. A directive line is the
// comment mark, "flux:" and a list of directives separated by spaces or commas.
Directives parse_directives(std::string_view text, std::vector<DirectiveProblem>& problems);

}  // namespace flux
