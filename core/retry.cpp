#include "retry.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <random>
#include <thread>

namespace flux {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds first_pause{250}, longest_pause{5000};

// Between half of `longest` and all of it: those who failed together do not come back together.
milliseconds jittered(milliseconds longest) {
  static thread_local std::minstd_rand random(std::random_device{}());
  return milliseconds(std::uniform_int_distribution<milliseconds::rep>(longest.count() / 2, longest.count())(random));
}

void pause(const RunContext& context, milliseconds time) {
  constexpr milliseconds step{25};
  for (const Clock::time_point end = Clock::now() + time; Clock::now() < end; std::this_thread::sleep_for(step)) stop_if_cancelled(context);
}

void explain_end(Failure& f, int retries) {
  f.message += fmt::format(" ({} tries)", retries + 1);
  if (f.hint.empty()) f.hint = "end what holds the lock, or give more time with lock_retries and statement_lock_timeout in flux.toml or with `-- flux: lock-timeout=`";
}

}  // namespace

void with_retries(const RunContext& context, const std::string& what, const std::function<void()>& work) {
  milliseconds longest = first_pause;
  for (int retry = 1;; ++retry, longest = std::min(longest * 2, longest_pause)) {
    try {
      return work();
    } catch (const Error& error) {
      std::vector<Failure> failures = error.failures();
      Failure& first = failures.front();
      if (!first.retryable) throw;
      if (retry > context.lock_retries) {
        explain_end(first, context.lock_retries);
        throw Error(error.code(), std::move(failures));
      }
      const milliseconds time = jittered(longest);
      context.log.warn(fmt::format("{}: {}{}{}; trying again in {:.1f} s ({} of {})", what, first.message, first.detail.empty() ? "" : ": ",
                                   first.detail, static_cast<double>(time.count()) / 1000, retry, context.lock_retries));
      pause(context, time);
    }
  }
}

}  // namespace flux
