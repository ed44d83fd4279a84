#include "cancellation.hpp"

namespace flux::sqlite {

Cancellation::Scope::Scope(Cancellation& cancellation) : cancellation_(cancellation) {
  const std::lock_guard<std::mutex> guard(cancellation_.mutex_);
  cancellation_.running_ = true;
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
  // SQLite forgets an interrupt that comes between two statements; the flag stays.
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
