#include "cancellation.hpp"

namespace flux::sqlite {

Cancellation::Scope::Scope(Cancellation& cancellation, Call call) : cancellation_(cancellation) {
  const std::lock_guard<std::mutex> guard(cancellation_.mutex_);
  cancellation_.running_ = true;
  cancellation_.stopping_before_ = call == Call::record && cancellation_.host_.is_cancelled();
  cancellation_.requested_ = false;
}

Cancellation::Scope::~Scope() {
  const std::lock_guard<std::mutex> guard(cancellation_.mutex_);
  cancellation_.running_ = false;
  cancellation_.requested_ = false;
}

void Cancellation::cancel() noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!running_) return;
  // SQLite forgets an interrupt that comes between two statements; the flag stays, and is looked at while they run.
  requested_ = true;
  if (connection_ != nullptr) sqlite3_interrupt(connection_);
}

void Cancellation::check() const {
  if (requested()) throw BackendError(FLUX_E_CANCELLED, "cancelled");
}

void Cancellation::watch(sqlite3* connection) {
  const std::lock_guard<std::mutex> guard(mutex_);
  connection_ = connection;
}

}  // namespace flux::sqlite
