#include "canceller.hpp"

#include <algorithm>
#include <thread>

namespace flux::postgres {

void Canceller::attach(PGconn* connection) {
  const std::lock_guard guard(mutex_);
  handle_.reset(connection == nullptr ? nullptr : PQgetCancel(connection));
}

void Canceller::cancel() noexcept {
  // The mutex is held until the server has the request, so that it cannot hit what runs after the call.
  const std::lock_guard guard(mutex_);
  if (!in_call_) return;
  requested_ = true;
  send();
}

void Canceller::remind() noexcept {
  const std::lock_guard guard(mutex_);
  if (!in_call_) return;
  if (!stopping_before_ && host_.is_cancelled()) requested_ = true;
  if (requested_) send();
}

void Canceller::hold(bool back) {
  const std::lock_guard guard(mutex_);
  held_ = back;
  if (in_call_ && requested_) send();
}

void Canceller::pause(std::chrono::milliseconds time, const std::string& doing) const {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds step{25};
  for (const Clock::time_point end = Clock::now() + time; Clock::now() < end;
       std::this_thread::sleep_for(std::min(step, time)))
    if (requested_ || (!stopping_before_ && host_.is_cancelled()))
      throw BackendError(FLUX_E_CANCELLED, "stopped while " + doing);
}

void Canceller::send() noexcept {
  char ignored[256];
  if (handle_ && !held_) PQcancel(handle_.get(), ignored, sizeof ignored);
}

Canceller::Call::Call(Canceller& canceller) : canceller_(canceller) {
  const std::lock_guard guard(canceller_.mutex_);
  canceller_.in_call_ = true;
  canceller_.held_ = false;
  canceller_.requested_ = false;
  canceller_.stopping_before_ = canceller_.host_.is_cancelled();
}

Canceller::Call::~Call() {
  const std::lock_guard guard(canceller_.mutex_);
  canceller_.in_call_ = false;
}

}  // namespace flux::postgres
