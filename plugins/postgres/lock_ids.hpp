// The numbers of the advisory locks.
#pragma once

#include <cstdint>

namespace flux::postgres {

// The lock of the whole run, and beside it those of a single migration's transaction and of what runs outside of one:
// the same number, with "flux" and "part" in its upper half.
struct LockIds {
  std::int64_t run, transaction, script;

  explicit LockIds(std::int64_t id)
      : run(id), transaction(with_mark(id, 0x666c757800000000)), script(with_mark(id, 0x7061727400000000)) {}

 private:
  static std::int64_t with_mark(std::int64_t id, std::uint64_t mark) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(id) ^ mark);
  }
};

}  // namespace flux::postgres
