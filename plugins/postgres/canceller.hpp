// Ends the running call of a connection, from another thread.
#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <flux/backend.hpp>
#include <memory>
#include <mutex>
#include <string>

namespace flux::postgres {

// Lives as long as the backend, while connections come and go. A request counts for the call that runs when it is
// made and for no later one: nothing that runs outside a Call is ever cancelled, the COMMIT and ROLLBACK of a migration
// above all. What the backend commits for itself, a history row between two parts of a script, is inside of one, and so
// are the COMMITs of a batch: see hold().
class Canceller {
 public:
  explicit Canceller(Host host) : host_(host) {}

  // `connection` is the one to cancel from now on; NULL: none.
  void attach(PGconn* connection);

  // Asks the server to end what it runs for the current Call, if there is one. From any thread, never throws.
  void cancel() noexcept;

  // Is the current Call to end? From any thread.
  bool requested() const noexcept { return requested_; }

  // Sleeps. Throws BackendError(FLUX_E_CANCELLED, "stopped while DOING") as soon as the current Call is to end.
  void pause(std::chrono::milliseconds time, const std::string& doing) const;

  // Called again and again by whoever waits for the server during a Call: repeats the request, which is lost where
  // it reached the server between two commands, and makes one where the host says that the user wants to stop.
  void remind() noexcept;

  // Keeps requests of the current Call back while a COMMIT is under way in it.
  void hold(bool back);

  // Marks a call that may be cancelled.
  class Call {
   public:
    explicit Call(Canceller& canceller);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    Canceller& canceller_;
  };

 private:
  struct Free {
    void operator()(PGcancel* handle) const noexcept { PQfreeCancel(handle); }
  };

  void send() noexcept;

  Host host_;
  std::mutex mutex_;
  std::unique_ptr<PGcancel, Free> handle_;
  bool in_call_ = false, held_ = false;
  bool stopping_before_ = false;  // the host wanted to stop before the call began: it is part of cleaning up
  std::atomic<bool> requested_ = false;
};

}  // namespace flux::postgres
