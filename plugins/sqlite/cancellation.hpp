// Ends the running call from another thread.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <flux/backend.hpp>
#include <mutex>

namespace flux::sqlite {

// A request counts for the call that runs when it is made, never for a later one.
class Cancellation {
 public:
  explicit Cancellation(Host host) : host_(host) {}

  // The calling function can be cancelled as long as this lives.
  class Scope {
   public:
    explicit Scope(Cancellation& cancellation);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Cancellation& cancellation_;
  };

  // From any thread.
  void cancel() noexcept;
  // Has the running call been cancelled, or the whole run?
  bool requested() const { return requested_ || host_.is_cancelled(); }
  // Throws FLUX_E_CANCELLED if so.
  void check() const;
  // The connection to interrupt, or null. It must be replaced before it is closed.
  void watch(sqlite3* connection);

 private:
  Host host_;
  std::mutex mutex_;
  sqlite3* connection_ = nullptr;
  bool running_ = false;
  std::atomic<bool> requested_ = false;
};

}  // namespace flux::sqlite
