// The migration lock: whom it keeps out, and who gives it back.
#include <algorithm>
#include <thread>

#include "check.hpp"
#include "helper.hpp"
#include "scene.hpp"

namespace flux::check {
namespace {

constexpr std::int64_t long_ms = 30000;

// A process that holds the lock until it is told to go on, then does `ending` with it and says "done".
template <class Ending>
std::unique_ptr<Helper> holder(const Scene& scene, Ending ending) {
  return std::make_unique<Helper>([&scene, ending](const Helper::Line& line) {
    const auto instance = scene.ready();
    must(instance->lock(long_ms), "lock");
    line.say("ready");
    line.wait();
    ending(*instance);
    line.say("done");
    line.wait();  // what it did must suffice: the end of the process gives a lock back in any case
  });
}

void must_be_locked(Instance& instance, const std::string& what) {
  must_be(FLUX_E_LOCKED, instance.lock(200), "lock of " + what);
}

// Until the server has seen what became of the holder.
void must_be_free(Instance& instance, const std::string& what) {
  must(instance.lock(5000), "lock behind the holder's " + what);
}

void excludes_instance(Scene& scene) {
  const auto first = scene.ready();
  const auto second = scene.ready();
  must(first->lock(long_ms), "lock");
  must_be_locked(*second, "another instance in the same process");
  must(first->unlock(), "unlock");
  must_be_free(*second, "unlock");
}

void excludes_process(Scene& scene) {
  const auto other = holder(scene, [](Instance&) {});
  other->ready();
  must_be_locked(*scene.connected(), "an instance in another process");
}

template <class Ending>
void freed_by(Scene& scene, const std::string& what, Ending ending) {
  const auto other = holder(scene, ending);
  other->ready();
  const auto instance = scene.connected();
  must_be_locked(*instance, "a lock that another process holds");
  other->go();
  other->hear();
  must_be_free(*instance, what);
}

void freed_by_unlock(Scene& scene) {
  freed_by(scene, "unlock", [](Instance& holder) { must(holder.unlock(), "unlock"); });
}
void freed_by_disconnect(Scene& scene) {
  freed_by(scene, "disconnect", [](Instance& holder) { holder.disconnect(); });
}
void freed_by_destroy(Scene& scene) {
  freed_by(scene, "destroy", [](Instance& holder) { holder.destroy(); });
}

void freed_by_kill(Scene& scene) {
  const auto other = holder(scene, [](Instance&) {});
  other->ready();
  const auto instance = scene.connected();
  must_be_locked(*instance, "a lock that another process holds");
  other->kill();
  must_be_free(*instance, "end by SIGKILL");
}

void timeout(Scene& scene) {
  const auto other = holder(scene, [](Instance&) {});
  other->ready();
  const auto instance = scene.connected();
  for (const std::int64_t limit : {std::int64_t{0}, std::int64_t{700}}) {
    const Outcome outcome = instance->lock(limit);
    must_be(FLUX_E_LOCKED, outcome, fmt::format("lock with a timeout of {} ms", limit));
    expect(outcome.took.count() >= limit * 8 / 10 && outcome.took.count() <= limit + 4000,
           fmt::format("an answer after about {} ms", limit), fmt::format("{} ms", outcome.took.count()));
    expect(!outcome.error.message.empty(), "a message", "none");
  }
}

void waiter_gets_it(Scene& scene) {
  const auto other = holder(scene, [](Instance& holder) {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    must(holder.unlock(), "unlock");
  });
  other->ready();
  const auto instance = scene.connected();
  other->go();
  const Outcome outcome = instance->lock(long_ms);
  must(outcome, "lock that was given back while it waited");
  expect(outcome.took < std::chrono::seconds(10), "the lock within 10 s", fmt::format("{} ms", outcome.took.count()));
}

void outlives_transactions(Scene& scene) {
  const auto first = scene.ready();
  const auto second = scene.ready();
  must(first->lock(long_ms), "lock");
  scene.in_transaction(*first, [&] { must(first->register_row(Scene::row("locked")), "register_migration"); });
  must(first->begin(), "begin");
  must(first->rollback(), "rollback");
  must_be_locked(*second, "a lock whose holder has committed and rolled back");
}

void readers_are_free(Scene& scene) {
  const auto first = scene.ready();
  const auto second = scene.connected();
  must(first->lock(long_ms), "lock");
  std::vector<Row> rows;
  const Outcome outcome = second->list(Scene::space, 0, rows);
  must(outcome, "list_history while another holds the lock");
  expect(outcome.took < std::chrono::seconds(10), "a listing that does not wait",
         fmt::format("{} ms", outcome.took.count()));
}

void taken_again(Scene& scene) {
  const auto instance = scene.ready();
  for (int i = 0; i < 5; ++i) {
    must(instance->lock(0), "lock");
    must(instance->unlock(), "unlock");
  }
  must(instance->lock(0), "lock");
  instance->disconnect();
  must(instance->connect(scene.uri()), "connect");
  must(instance->lock(10000), "lock behind disconnect and connect");
}

std::vector<std::string> described(Instance& instance) {
  std::vector<std::string> lines;
  const Outcome outcome = instance.describe_lock(lines);
  if (outcome.status == FLUX_E_UNSUPPORTED) throw NotDeclared{"describe_lock"};
  must(outcome, "describe_lock");
  return lines;
}

void describe_lock(Scene& scene) {
  const auto first = scene.ready();
  const auto second = scene.connected();
  expect(described(*second).empty(), "nothing where nobody holds the lock", "a line");
  must(first->lock(long_ms), "lock");
  const auto lines = described(*second);
  expect(lines.size() == 1 && !lines[0].empty() && lines[0].find('\n') == std::string::npos,
         "one line about the holder", lines.empty() ? "nothing" : shown(lines[0]));
  must(first->unlock(), "unlock");
  expect(described(*second).empty(), "nothing behind unlock", "a line");
}

void break_lock(Scene& scene) {
  const auto other = holder(scene, [](Instance&) {});
  other->ready();
  const auto instance = scene.connected();
  const Outcome outcome = instance->break_lock();
  if (outcome.status == FLUX_E_UNSUPPORTED) throw NotDeclared{"break_lock"};
  must(outcome, "break_lock");
  must_be_free(*instance, "session was ended by break_lock");
  must(instance->unlock(), "unlock");
  must(instance->break_lock(), "break_lock where nobody holds the lock");
}

}  // namespace

std::vector<Check> lock_checks() {
  return {
      {"lock-excludes-instance", "lock: FLUX_E_LOCKED while another instance holds it", needs_lock, excludes_instance},
      {"lock-excludes-process", "FLUX_CAP_LOCK: lock keeps other processes out", needs_lock, excludes_process},
      {"lock-timeout", "lock: waiting at most timeout_ms", needs_lock, timeout},
      {"lock-waiter", "lock: who waits has it once it is given back", needs_lock, waiter_gets_it},
      {"lock-freed-by-unlock", "unlock: gives it back", needs_lock, freed_by_unlock},
      {"lock-freed-by-disconnect", "lock: dies with its connection", needs_lock, freed_by_disconnect},
      {"lock-freed-by-destroy", "lock: dies with its instance", needs_lock, freed_by_destroy},
      {"lock-freed-by-kill", "FLUX_CAP_LOCK: dies with its process, on kill -9, too", needs_lock, freed_by_kill},
      {"lock-outlives-transactions", "lock: held until unlock, whatever is committed and rolled back", needs_lock,
       outlives_transactions},
      {"lock-lets-read", "list_history: reads while another holds the lock", needs_lock, readers_are_free},
      {"lock-again", "lock: can be taken again, also behind disconnect", needs_lock, taken_again},
      {"describe-lock", "describe_lock: who holds the lock, in one line; nothing where nobody does", needs_lock,
       describe_lock},
      {"break-lock", "break_lock: ends the session that holds the lock; FLUX_OK where nobody does", needs_lock,
       break_lock},
  };
}

}  // namespace flux::check
