#include "signals.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <system_error>

namespace flux::cli {
namespace {

bool is_ignored(int signal) {
  struct sigaction action {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

SignalWatch::SignalWatch(std::function<void(int)> leave, std::function<void(int)> stopping)
    : leave_(std::move(leave)), stopping_(std::move(stopping)) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM})
    if (!is_ignored(signal)) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  end_ = eventfd(0, EFD_CLOEXEC);
  if (signals_ < 0 || end_ < 0) throw std::system_error(errno, std::generic_category(), "cannot wait for signals");
  watcher_ = std::thread([this] { wait(); });
}

SignalWatch::~SignalWatch() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_all();
  const std::uint64_t one = 1;
  while (write(end_, &one, sizeof one) < 0 && errno == EINTR) {
  }
  watcher_.join();
  if (canceller_.joinable()) canceller_.join();
  close(signals_);
  close(end_);
}

void SignalWatch::wait() {
  std::array<pollfd, 2> polled{pollfd{signals_, POLLIN, 0}, pollfd{end_, POLLIN, 0}};
  while (true) {
    if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) return;
    if ((polled[1].revents & POLLIN) != 0) return;
    signalfd_siginfo info{};
    if (read(signals_, &info, sizeof info) == sizeof info) on_signal(static_cast<int>(info.ssi_signo));
  }
}

void SignalWatch::on_signal(int signal) {
  const std::lock_guard phase_lock(phase_mutex_);
  const bool second = received_ != 0;
  if (!second) received_ = signal;
  if (second || phase_ == Phase::before) return leave_(signal);
  if (phase_ == Phase::behind) return;
  stopping_(signal);
  try {
    canceller_ = std::thread([this] { cancel_until_ended(); });
  } catch (const std::system_error&) {  // no more threads are to be had: it is asked once
    const std::lock_guard lock(mutex_);
    if (cancel_) cancel_();
  }
}

// A request to stop can come where nothing is running for a moment: it is repeated until the work has ended.
void SignalWatch::cancel_until_ended() {
  constexpr std::chrono::milliseconds between_requests{100};
  std::unique_lock lock(mutex_);
  while (!ended_) {
    // The lock is held: what is cancelled must not end meanwhile.
    if (cancel_) cancel_();
    wake_.wait_for(lock, between_requests, [this] { return ended_; });
  }
}

SignalWatch::Running::Running(SignalWatch& watch, std::function<void()> cancel) : watch_(watch) {
  {
    const std::lock_guard lock(watch.mutex_);
    watch.cancel_ = std::move(cancel);
  }
  const std::lock_guard lock(watch.phase_mutex_);
  watch.phase_ = Phase::running;
}

SignalWatch::Running::~Running() {
  {
    const std::lock_guard lock(watch_.mutex_);
    watch_.cancel_ = nullptr;
  }
  const std::lock_guard lock(watch_.phase_mutex_);
  watch_.phase_ = Phase::behind;
}

}  // namespace flux::cli
