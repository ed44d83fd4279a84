// The proof of an undo script in words.
#pragma once

#include <flux/core/schema/verify_migrations.hpp>
#include <string>
#include <vector>

#include "schema/schema_text.hpp"

namespace flux::cli {

// What is there after the undo, against what should be.
inline constexpr SideNames proof_sides{"missing", "left over", "other", Actual::from};

// One sentence: "the undo script does not restore what was there".
std::string meaning(ProofOutcome outcome);
// What is wrong with a migration, with the differences as SQL; empty where nothing is.
std::string proof_text(const Proof& proof);
// "proven 11 of 12 migrations, ..."
std::string summary_text(const std::vector<Proof>& proofs);

}  // namespace flux::cli
