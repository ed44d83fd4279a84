// What a call is given: strings and structs with something behind their end.
#pragma once

#include <flux/backend_abi.h>

#include <cstring>
#include <memory>
#include <string_view>

namespace flux::check {

// A string of the host's, with something behind its end that is not of it.
class Borrowed {
 public:
  explicit Borrowed(std::string_view text) : size_(text.size()), buffer_(new char[text.size() + sizeof tail]) {
    std::memcpy(buffer_.get(), text.data(), text.size());
    std::memcpy(buffer_.get() + text.size(), tail, sizeof tail);
  }
  flux_str str() const noexcept { return {buffer_.get(), size_}; }

 private:
  // Wrong in every language, and ended, so that a backend which reads on reads no memory that is not there.
  static constexpr char tail[] = "'); flux-check: this lies behind the end of a string";
  std::size_t size_;
  std::unique_ptr<char[]> buffer_;
};

// A struct with something behind it that only a newer version would know.
template <class T>
struct Grown {
  T value{};
  unsigned char more[64];
  Grown() { std::memset(more, 0xff, sizeof more); }
};

}  // namespace flux::check
