// Proof of undo scripts: up, undo, compare; up again, compare.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include <flux/core/schema/schema_project.hpp>

namespace flux {

enum class ProofOutcome {
  proven,          // the undo restores what was there, and the script then leads to the same again
  no_undo,         // there is none
  irreversible,    // the script says that it is never undone
  undo_failed,     // it failed
  not_restored,    // it left something, or took too much
  not_repeatable,  // after it the script fails, or leads elsewhere
  up_failed,       // the script itself failed: those behind it were not looked at
};
const char* name(ProofOutcome outcome) noexcept;  // "not_restored"
bool is_good(ProofOutcome outcome) noexcept;      // proven, no_undo, irreversible

struct Proof {
  std::string id;
  ProofOutcome outcome = ProofOutcome::proven;
  std::vector<Failure> failures;             // of a script that failed
  std::optional<SchemaChanges> difference;   // from what is there to what should be
  std::chrono::milliseconds duration{0};
};

struct VerifyRequest {
  std::vector<std::string> ids;  // empty: all
  // Told of each proof as it is there: it, how many are done, of how many.
  std::function<void(const Proof& proof, std::size_t done, std::size_t count)> observer = {};
  std::function<bool()> cancelled = {};
};

// Proves the migrations of the directory in a throw-away database; the target is not touched. Throws Error{usage} for an id
// that is not there, and what the directory's own problems throw.
std::vector<Proof> verify_migrations(SchemaProject& project, const VerifyRequest& request);

}  // namespace flux
