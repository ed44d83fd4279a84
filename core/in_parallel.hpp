// The same work for many items, by several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace flux {

// How many threads are worth starting for `items` that each take some microseconds. At least 1.
std::size_t thread_count(std::size_t items) noexcept;

// Calls work(thread, item) for each item, threads counting from 0, from the calling thread as well. Throws the first
// exception that one of them throws; what has not been begun then is not done.
void in_parallel(std::size_t items, std::size_t threads, const std::function<void(std::size_t thread, std::size_t item)>& work);

}  // namespace flux
