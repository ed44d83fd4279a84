#include "progress.hpp"

#include <fmt/core.h>

#include "text.hpp"

namespace flux::cli {
namespace {

constexpr std::chrono::milliseconds tick{100};

const char* doing_word(StepKind kind) noexcept {
  switch (kind) {
    case StepKind::apply:
      return "applying";
    case StepKind::undo:
      return "undoing";
    case StepKind::forget:
      return "forgetting";
    case StepKind::pre_apply:
    case StepKind::post_apply:
      return "running";
  }
  return "";
}

}  // namespace

const char* done_word(StepKind kind) noexcept {
  switch (kind) {
    case StepKind::apply:
      return "applied";
    case StepKind::undo:
      return "undone";
    case StepKind::forget:
      return "forgotten";
    case StepKind::pre_apply:
    case StepKind::post_apply:
      return "ran";
  }
  return "";
}

Progress::Progress(Console& console, bool quiet) : console_(console), quiet_(quiet) {
  if (console_.terminal().err.moves) ticker_ = std::thread([this] { repaint_until_stopped(); });
}

Progress::~Progress() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  if (ticker_.joinable()) ticker_.join();
  console_.progress("");
}

void Progress::started(const Step& step, std::size_t index, std::size_t count) {
  const std::lock_guard lock(mutex_);
  running_ = fmt::format("[{}/{}] {} {}", index + 1, count, doing_word(step.kind), visible(step.id));
  since_ = Clock::now();
  repaint();
}

void Progress::finished(const StepResult& result, std::size_t, std::size_t) {
  const std::lock_guard lock(mutex_);
  running_.clear();
  const Stream& out = console_.terminal().out;
  const std::string id = visible(result.step.id);
  if (quiet_) {
    console_.progress("");
  } else if (result.outcome == StepOutcome::done) {
    console_.out(fmt::format("  {} {}  {}\n", out.green(fmt::format("{:<9}", done_word(result.step.kind))), id,
                             out.dim(duration_text(result.duration))));
  } else if (result.outcome == StepOutcome::failed || result.outcome == StepOutcome::unknown || result.outcome == StepOutcome::interrupted) {
    console_.out(fmt::format("  {} {}\n", out.red(fmt::format("{:<9}", name(result.outcome))), id));
  }
}

void Progress::repaint_until_stopped() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, tick, [this] { return stop_; })) repaint();
}

void Progress::repaint() const {
  if (running_.empty()) return;
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - since_);
  const std::string time = fmt::format("  {}.{} s", elapsed.count() / 1000, elapsed.count() % 1000 / 100);
  // The elapsed time stays in sight where the id is long.
  const std::size_t columns = console_.terminal().err.columns;
  const std::size_t room = columns > time.size() + 1 ? columns - time.size() - 1 : 0;
  console_.progress(fit_middle(running_, room) + time);
}

}  // namespace flux::cli
