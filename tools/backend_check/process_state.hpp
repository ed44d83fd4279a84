// What a backend could do to the process that it runs in.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace flux::check {

std::vector<int> open_descriptors();
std::size_t thread_count();
std::size_t resident_bytes();

// Folder, umask, locale, and what SIGINT and the like do.
struct ProcessState {
  std::string folder, locale;
  unsigned umask = 0;
  std::vector<const void*> handlers;
  static ProcessState now();
  // What is not the same in `later`, in words; "" where all is.
  std::string difference(const ProcessState& later) const;
};

}  // namespace flux::check
