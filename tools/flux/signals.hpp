// SIGINT and SIGTERM: the first stops what is running in good order, a second one at once.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace flux::cli {

// Waits for the two signals in a thread of its own. They are blocked in the thread that makes this and in all that it
// starts; so make it before any backend is loaded. One that the process was started to ignore stays ignored.
class SignalWatch {
 public:
  // `leave` is called for a signal before anything runs and for a second one, and must end the process without waiting for
  // other threads; `stopping` for the first one while something runs. Both in the watch's thread, with the signal's
  // number. Behind what ran a first signal does nothing: the result is about to be written.
  SignalWatch(std::function<void(int)> leave, std::function<void(int)> stopping);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  // The first signal that came; 0: none.
  int received() const noexcept { return received_; }
  // Something has run: a result is there to be written.
  bool has_run() const noexcept { return phase_ != Phase::before; }

  // Something that can be stopped by `cancel` runs as long as this lives. `cancel` is called from another thread, again
  // and again once it is to stop.
  class Running {
   public:
    Running(SignalWatch& watch, std::function<void()> cancel);
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    SignalWatch& watch_;
  };

 private:
  void wait();
  void on_signal(int signal);
  void cancel_until_ended();

  enum class Phase { before, running, behind };

  std::function<void(int)> leave_, stopping_;
  std::mutex phase_mutex_;  // nothing begins to run while a signal is answered
  std::atomic<Phase> phase_ = Phase::before;
  std::atomic<int> received_ = 0;
  int signals_ = -1, end_ = -1;  // descriptors

  // Cancelling may take as long as a network that is dead lets it; so it has a thread of its own.
  std::mutex mutex_;
  std::condition_variable wake_;
  std::function<void()> cancel_;  // set: something runs
  bool ended_ = false;
  std::thread watcher_, canceller_;  // the second only once something is to stop
};

}  // namespace flux::cli
