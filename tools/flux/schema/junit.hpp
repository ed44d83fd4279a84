// The outcome of `flux verify` for a CI server.
#pragma once

#include <flux/core/schema/verify_migrations.hpp>
#include <string>
#include <vector>

namespace flux::cli {

// A JUnit report: a test case for each migration.
std::string junit_text(const std::vector<Proof>& proofs);

}  // namespace flux::cli
