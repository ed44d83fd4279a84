#include "in_parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace flux {

std::size_t thread_count(std::size_t items) noexcept {
  constexpr std::size_t worth_a_thread = 500, most = 8;  // more only wait for the file system
  const std::size_t processors = std::max(1U, std::thread::hardware_concurrency());
  return std::clamp<std::size_t>(items / worth_a_thread, 1, std::min(processors, most));
}

void in_parallel(std::size_t items, std::size_t threads, const std::function<void(std::size_t thread, std::size_t item)>& work) {
  constexpr std::size_t at_once = 64;
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr thrown;
  const auto run = [&](std::size_t thread) {
    try {
      for (std::size_t from; (from = next.fetch_add(at_once)) < items;)
        for (std::size_t i = from; i < std::min(from + at_once, items); ++i) work(thread, i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!thrown) thrown = std::current_exception();
      next = items;
    }
  };
  {
    std::vector<std::jthread> others;
    try {
      for (std::size_t thread = 1; thread < threads; ++thread) others.emplace_back(run, thread);
    } catch (const std::system_error&) {  // no more threads are to be had: those that there are do all of it
    }
    run(0);
  }
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace flux
