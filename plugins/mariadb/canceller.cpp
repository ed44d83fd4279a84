#include "canceller.hpp"

#include <algorithm>
#include <thread>

namespace flux::mariadb {
namespace {

constexpr unsigned kill_timeout_s = 2;

}  // namespace

void Canceller::attach(const TargetUri& uri, unsigned long id) {
  const std::lock_guard guard(mutex_);
  uri_ = uri;
  id_ = id;
  side_.reset();
}

void Canceller::detach() {
  const std::lock_guard guard(mutex_);
  uri_.reset();
  side_.reset();
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

void Canceller::pause(std::chrono::milliseconds time, const std::string& doing) const {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds step{25};
  for (const Clock::time_point end = Clock::now() + time; Clock::now() < end;
       std::this_thread::sleep_for(std::min(step, time)))
    if (requested_ || (!stopping_before_ && host_.is_cancelled()))
      throw BackendError(FLUX_E_CANCELLED, "stopped while " + doing);
}

void Canceller::send() noexcept {
  if (!uri_) return;
  try {
    if (!side_) {
      TargetUri uri = *uri_;
      uri.database.clear();  // it may be gone
      Opened opened = open_connection(uri, kill_timeout_s);
      if (!opened.connected) return;
      side_ = std::move(opened.handle);
    }
    const std::string sql = "KILL QUERY " + std::to_string(id_);
    residue_ = true;
    if (mysql_real_query(side_.get(), sql.c_str(), sql.size()) != 0) side_.reset();
  } catch (const std::exception&) {
    // Out of memory, or not the TLS that is wanted: the next reminder tries again.
  }
}

Canceller::Call::Call(Canceller& canceller) : canceller_(canceller) {
  const std::lock_guard guard(canceller_.mutex_);
  canceller_.in_call_ = true;
  canceller_.requested_ = false;
  canceller_.stopping_before_ = canceller_.host_.is_cancelled();
}

Canceller::Call::~Call() {
  const std::lock_guard guard(canceller_.mutex_);
  canceller_.in_call_ = false;
  canceller_.side_.reset();
}

}  // namespace flux::mariadb
