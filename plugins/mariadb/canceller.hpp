// Ends the running call of a connection, from another thread.
#pragma once

#include <atomic>
#include <chrono>
#include <flux/backend.hpp>
#include <mutex>
#include <optional>
#include <string>

#include "open_connection.hpp"

namespace flux::mariadb {

// Lives as long as the backend, while connections come and go. A request counts for the call that runs when it is
// made and for no later one: nothing that runs outside a Call is ever cancelled, the COMMIT and ROLLBACK of a migration
// above all.
class Canceller {
 public:
  explicit Canceller(Host host) : host_(host) {}

  // The session `id` of `uri`'s server is the one to cancel from now on.
  void attach(const TargetUri& uri, unsigned long id);
  void detach();

  // Asks the server to end what it runs for the current Call, if there is one: KILL QUERY over a connection of its own.
  // From any thread, never throws.
  void cancel() noexcept;

  // Is the current Call to end? From any thread.
  bool requested() const noexcept { return requested_; }

  // Sleeps. Throws BackendError(FLUX_E_CANCELLED, "stopped while DOING") as soon as the current Call is to end.
  void pause(std::chrono::milliseconds time, const std::string& doing) const;

  // Called again and again by whoever waits for the server during a Call: repeats the request, which is lost where
  // it reached the server between two commands, and makes one where the host says that the user wants to stop.
  void remind() noexcept;

  // True once after requests were sent to the server: the next command may be hit by one that came late.
  bool take_residue() noexcept { return residue_.exchange(false); }

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
  void send() noexcept;

  Host host_;
  std::mutex mutex_;
  std::optional<TargetUri> uri_;
  unsigned long id_ = 0;
  Handle side_;  // the connection that kills, as long as a Call is being cancelled
  bool in_call_ = false;
  bool stopping_before_ = false;  // the host wanted to stop before the call began: it is part of cleaning up
  std::atomic<bool> requested_ = false, residue_ = false;
};

}  // namespace flux::mariadb
