// What a backend must leave alone: the process that it runs in.
#include <fcntl.h>

#include <algorithm>
#include <thread>

#include "check.hpp"
#include "process_state.hpp"
#include "scene.hpp"

namespace flux::check {
namespace {

// A bit of everything that a backend does.
void work(Scene& scene, Instance& instance) {
  scene.initialize(instance);
  std::vector<std::string> lines;
  std::vector<Row> rows;
  instance.describe_target(lines);
  instance.begin();
  instance.apply(scene.script({scene.create(1), scene.require(1)}));
  instance.register_row(Scene::row("work"));
  instance.commit();
  instance.apply(scene.script({scene.drop(1)}));
  instance.apply(scene.script({scene.quirks().fail}));
  instance.list(Scene::space, FLUX_LIST_UNDO_TEXTS, rows);
  instance.unregister(Scene::space, "work");
  instance.unregister(Scene::space, "work");
  instance.lock(100);
  instance.unlock();
}

void any_thread(Scene& scene) {
  const auto instance = scene.created();
  Outcome outcome;
  const auto elsewhere = [&](const std::string& what, const std::function<Outcome()>& call) {
    std::thread([&] { outcome = call(); }).join();
    must(outcome, what + ", in a thread of its own");
  };
  elsewhere("connect", [&] { return instance->connect(scene.uri()); });
  if (scene.subject().can(FLUX_CAP_LOCK)) elsewhere("lock", [&] { return instance->lock(10000); });
  elsewhere("initialize", [&] { return instance->initialize(); });
  elsewhere("begin", [&] { return instance->begin(); });
  elsewhere("apply", [&] { return instance->apply(scene.script({scene.create(1)})); });
  elsewhere("register_migration", [&] { return instance->register_row(Scene::row("thread")); });
  elsewhere("commit", [&] { return instance->commit(); });
  expect(scene.rows(*instance).size() == 1, "the row that was written in another thread", "none");
}

void close_on_exec(Scene& scene) {
  const std::vector<int> before = open_descriptors();
  const auto instance = scene.ready();
  if (scene.subject().can(FLUX_CAP_LOCK)) must(instance->lock(10000), "lock");
  must(instance->begin(), "begin");
  must(instance->register_row(Scene::row("open")), "register_migration");
  for (const int fd : open_descriptors()) {
    if (std::find(before.begin(), before.end(), fd) != before.end()) continue;
    const int flags = fcntl(fd, F_GETFD);
    expect(flags < 0 || (flags & FD_CLOEXEC) != 0, "every descriptor closed on exec",
           fmt::format("one that is not: {}", fd));
  }
  must(instance->rollback(), "rollback");
}

void leaves_process(Scene& scene) {
  const ProcessState before = ProcessState::now();
  {
    const auto instance = scene.connected();
    work(scene, *instance);
    instance->disconnect();
  }
  const std::string difference = before.difference(ProcessState::now());
  expect(difference.empty(), "folder, umask, locale and signals as they were", difference);
}

void log_lines(Scene& scene) {
  const auto instance = scene.connected();
  work(scene, *instance);
  for (const LogLine& line : instance->log()) {
    expect(line.level >= FLUX_LOG_TRACE && line.level <= FLUX_LOG_ERROR, "a level of flux_log_level",
           std::to_string(line.level));
    expect(!line.text.empty() && line.text.back() != '\n', "a line of text without its end",
           "\"" + shown(line.text) + "\"");
  }
}

// Whatever is written is found by who runs this.
void no_output(Scene& scene) {
  const auto instance = scene.connected();
  work(scene, *instance);
  instance->cancel();
  instance->disconnect();
}

}  // namespace

std::vector<Check> process_checks() {
  return {
      {"any-thread", "Rules: calls on an instance come from different threads", 0, any_thread},
      {"close-on-exec", "sdk/README.md: files are opened with O_CLOEXEC, for flux starts other programs", 0,
       close_on_exec},
      {"leaves-process", "sdk/README.md: no signal handlers, no setlocale, no chdir, no umask", 0, leaves_process},
      {"log-lines", "flux_host.log: a level of flux_log_level and a line", 0, log_lines},
      {"no-output", "sdk/README.md: nothing on stdout or stderr; those are flux's", 0, no_output},
  };
}

}  // namespace flux::check
