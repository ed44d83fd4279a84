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

  // What a call is for. Work is not begun any more once the host has been asked to stop; records are also read and
  // written while cleaning up behind it, and end only where the request comes while they run.
  enum class Call { work, record };

  // The calling function can be cancelled as long as this lives.
  class Scope {
   public:
    explicit Scope(Cancellation& cancellation, Call call = Call::work);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Cancellation& cancellation_;
  };

  // From any thread.
  void cancel() noexcept;
  // Has the running call been cancelled, or the whole run? Never outside of a Scope. From the thread of the call.
  bool requested() const { return running_ && (requested_ || (!stopping_before_ && host_.is_cancelled())); }
  // Throws FLUX_E_CANCELLED if so.
  void check() const;
  // The connection to interrupt, or null. It must be replaced before it is closed.
  void watch(sqlite3* connection);

 private:
  Host host_;
  std::mutex mutex_;
  sqlite3* connection_ = nullptr;
  bool running_ = false;
  bool stopping_before_ = false;  // the host was asked to stop before a call of records began
  std::atomic<bool> requested_ = false;
};

}  // namespace flux::sqlite
