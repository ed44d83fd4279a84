#include <flux/core/text_store.hpp>

#include <cstring>

namespace flux {
namespace {

constexpr std::size_t block_size = std::size_t{256} << 10;

}  // namespace

char* TextStore::allocate(std::size_t size) {
  last_is_large_ = size > block_size / 4;
  if (last_is_large_) return large_blocks_.emplace_back(new char[size]).get();
  if (size > left_ || blocks_.empty()) {
    blocks_.emplace_back(new char[block_size]);
    left_ = block_size;
  }
  char* const at = blocks_.back().get() + (block_size - left_);
  left_ -= size;
  return at;
}

void TextStore::give_back(std::size_t size, std::size_t used) {
  if (!last_is_large_) left_ += size - used;
  else if (used == 0) large_blocks_.pop_back();
}

std::string_view TextStore::keep(std::string_view text) {
  char* const at = allocate(text.size());
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return {at, text.size()};
}

}  // namespace flux
