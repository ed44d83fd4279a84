// What a person sees of a running batch.
#pragma once

#include <chrono>
#include <condition_variable>
#include <flux/core/report.hpp>
#include <mutex>
#include <string>
#include <thread>

#include "console.hpp"

namespace flux::cli {

// Writes a line on stdout for each step that has ended (unless `quiet`), and keeps a progress line with the running
// step, k/n and the elapsed time on a terminal.
class Progress : public Observer {
 public:
  Progress(Console& console, bool quiet);
  ~Progress() override;
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void started(const Step& step, std::size_t index, std::size_t count) override;
  void finished(const StepResult& result, std::size_t index, std::size_t count) override;

 private:
  using Clock = std::chrono::steady_clock;
  void repaint_until_stopped();
  void repaint() const;

  Console& console_;
  const bool quiet_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::string running_;      // "[2/7] apply 20260101_002_x"; empty: nothing runs
  Clock::time_point since_;  // when the running step was started
  std::thread ticker_;       // only where the progress line is shown
};

// "apply" as what was done: "applied".
const char* done_word(StepKind kind) noexcept;

}  // namespace flux::cli
