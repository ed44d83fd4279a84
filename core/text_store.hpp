// Many texts, kept for as long as the store.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace flux {

// Hands out memory for texts without a cost of its own for each. Not for use by two threads at once.
class TextStore {
 public:
  TextStore() = default;
  TextStore(TextStore&&) noexcept = default;
  TextStore& operator=(TextStore&&) noexcept = default;

  // Room for `size` bytes, where they are until the store ends.
  char* allocate(std::size_t size);
  // Of the room that was allocated last, which had `size` bytes, only the first `used` are needed.
  void give_back(std::size_t size, std::size_t used);
  // A copy of `text`.
  std::string_view keep(std::string_view text);

 private:
  using Block = std::unique_ptr<char[]>;
  std::vector<Block> blocks_, large_blocks_;
  std::size_t left_ = 0;  // at the end of the last block
  bool last_is_large_ = false;
};

}  // namespace flux
