// cancel, from another thread.
#include <random>
#include <thread>

#include "check.hpp"
#include "helper.hpp"
#include "scene.hpp"

namespace flux::check {
namespace {

using namespace std::chrono_literals;

// Calls cancel after `delay`, in a thread of its own, which has ended when this is destroyed.
class LateCancel {
 public:
  LateCancel(Instance& instance, std::chrono::microseconds delay)
      : thread_([this, &instance, delay] {
          std::this_thread::sleep_for(delay);
          called_ = std::chrono::steady_clock::now();
          instance.set_cancelled(true);
          instance.cancel();
        }) {}
  ~LateCancel() {
    if (thread_.joinable()) thread_.join();
  }
  // How long ago it was called; waits for that.
  std::chrono::milliseconds ago() {
    thread_.join();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - called_);
  }

 private:
  std::chrono::steady_clock::time_point called_;
  std::thread thread_;
};

void must_end(const Outcome& outcome, LateCancel& late, const std::string& what) {
  const auto ago = late.ago();
  must_be(FLUX_E_CANCELLED, outcome, what);
  expect(ago < 2s, "an end within 2 s of cancel", fmt::format("{} ms", ago.count()));
}

void ends_script(Scene& scene) {
  const auto instance = scene.ready();
  LateCancel late(*instance, 300ms);
  must_end(instance->apply(scene.script({scene.quirks().slow})), late, "apply that was cancelled");
}

void usable_behind(Scene& scene) {
  const auto instance = scene.ready();
  must(instance->begin(), "begin");
  {
    LateCancel late(*instance, 200ms);
    instance->apply(scene.script({scene.quirks().slow}));
  }
  // The host asks for order although the user wants to stop.
  must(instance->rollback(), "rollback behind a script that was cancelled");
  instance->set_cancelled(false);
  scene.in_transaction(*instance, [&] {
    must(instance->apply(scene.script({scene.create(1)})), "apply behind one that was cancelled");
    must(instance->register_row(Scene::row("behind")), "register_migration behind a script that was cancelled");
  });
  expect(scene.has(*instance, 1), "what the next script has made", "it is not there");
}

void ends_lock(Scene& scene) {
  Helper holder([&](const Helper::Line& line) {
    const auto instance = scene.ready();
    must(instance->lock(20000), "lock");
    line.say("ready");
    line.wait();
  });
  holder.ready();
  const auto instance = scene.connected();
  LateCancel late(*instance, 300ms);
  must_end(instance->lock(25000), late, "lock that was cancelled while it waited");
}

void idle(Scene& scene) {
  const auto instance = scene.created();
  instance->cancel();
  must(instance->connect(scene.uri()), "connect behind a cancel of nothing");
  instance->cancel();
  scene.initialize(*instance);
  for (int i = 0; i < 3; ++i) {
    instance->cancel();
    must(instance->begin(), "begin behind a cancel of nothing");
    instance->cancel();
    must(instance->apply(scene.script({scene.create(1), scene.drop(1)})), "apply behind a cancel of nothing");
    instance->cancel();
    must(instance->commit(), "commit behind a cancel of nothing");
  }
  instance->disconnect();
  instance->cancel();
}

void raced(Scene& scene) {
  const auto instance = scene.ready();
  std::minstd_rand random(4711);
  for (int i = 0; i < 200; ++i) {
    {
      const LateCancel late(*instance, std::chrono::microseconds(random() % 1500));
      const Outcome begun = instance->begin();
      const Outcome outcome = begun.ok() ? instance->apply(scene.script({scene.create(1), scene.drop(1)})) : begun;
      if (!outcome.ok()) must_be(FLUX_E_CANCELLED, outcome, "a call that may have been cancelled");
      must(instance->rollback(), "rollback while cancel may come");
    }
    instance->set_cancelled(false);
    // What could not be rolled back may be there, and fails the next one if it stays.
    if (!scene.subject().can(FLUX_CAP_TRANSACTIONAL_DDL)) instance->apply(scene.script({scene.drop(1)}));
  }
  must(instance->apply(scene.script({scene.create(2)})), "apply behind 200 races");
}

}  // namespace

std::vector<Check> cancel_checks() {
  return {
      {"cancel-ends-script", "FLUX_CAP_CANCEL: cancel ends a running call within 2 s with FLUX_E_CANCELLED",
       needs_cancel, ends_script},
      {"cancel-ends-lock", "FLUX_CAP_CANCEL: and one that waits for the lock", needs_cancel | needs_lock, ends_lock},
      {"cancel-usable", "cancel: ends the call, not the instance", needs_cancel, usable_behind},
      {"cancel-idle", "cancel: where nothing runs it does nothing", needs_cancel, idle},
      {"cancel-raced", "cancel: may overlap another call, at any moment", needs_cancel, raced, 120},
  };
}

}  // namespace flux::check
