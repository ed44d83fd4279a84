// Failures for people.
#pragma once

#include <flux/core/error.hpp>
#include <optional>
#include <string>

#include "result.hpp"
#include "terminal.hpp"

namespace flux::cli {

// The failure with its place in the source, detail and hint, ended by a line break. `step`: the kind of the step of a
// batch that it ended.
std::string failure_text(const Failure& failure, const std::optional<StepKind>& step, const Stream& stream);

// What a failed batch has done and what to do next, to follow the text of its first failure.
std::string batch_text(const StoppedBatch& batch, const Failure& failure, const Stream& stream);

}  // namespace flux::cli
