// What comments in files of definitions tell flux.
#pragma once

#include <vector>

#include <flux/core/error.hpp>
#include <flux/core/script.hpp>

namespace flux {

// A failure for each comment that is meant for flux and would not be understood: what it says must be known, and it must
// stand on a line of its own.
std::vector<Failure> annotation_problems(const Script& file);

}  // namespace flux
