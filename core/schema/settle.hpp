// Equality to a fixpoint: what a database says of a definition is not always what it says once that is run again.
#pragma once

#include <functional>

#include <flux/core/schema/schema.hpp>

namespace flux {

// Makes the facts in an empty database and inspects what has become of them.
using Replay = std::function<Schema(const Schema& facts)>;

// `from` without those differences to `to` that vanish when both definitions are replayed until they stay as they are: what
// is the same then stands as in `to`. Nothing is replayed where no fact is on both sides with different texts.
Schema settled(const Schema& from, const Schema& to, const Replay& replay);

}  // namespace flux
