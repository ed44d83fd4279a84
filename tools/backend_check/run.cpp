#include "run.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "snapshot.hpp"

namespace flux::check {
namespace {

using Clock = std::chrono::steady_clock;

// What the process of a check says at its end: a letter, and two texts.
struct Said {
  char kind = 0;  // p: passed, n: not declared, q: no quirk, f: failed, u: refused; 0: it has said nothing
  std::string first, second;
};

struct Ended {
  Said said;
  bool in_time = true;
  int status = 0;  // as of waitpid
  std::string output;
};

std::string errno_text(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

void write_all(int fd, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = write(fd, text.data() + at, text.size() - at);
    if (n < 0 && errno != EINTR) return;
    if (n > 0) at += static_cast<std::size_t>(n);
  }
}

Said guarded(const std::function<void()>& work) {
  try {
    work();
    return {'p', "", ""};
  } catch (const Failed& failed) {
    return {'f', failed.expected, failed.came};
  } catch (const NotDeclared& missing) {
    return {'n', missing.why, ""};
  } catch (const NoQuirk& missing) {
    return {'q', missing.why, ""};
  } catch (const std::invalid_argument& refused) {
    return {'u', refused.what(), ""};
  } catch (const std::exception& error) {
    return {'f', "no failure of the checker itself", error.what()};
  } catch (...) {
    return {'f', "nothing thrown across the table", "an exception of the backend's has left one of its functions"};
  }
}

[[noreturn]] void be_child(int said, int output, const std::function<void()>& work) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(null, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  const Said result = guarded(work);
  write_all(said, std::string(1, result.kind) + result.first + '\0' + result.second);
  _exit(0);  // nothing of the parent's is to be ended a second time
}

Said parsed(const std::string& text) {
  if (text.empty()) return {};
  const std::size_t middle = std::min(text.find('\0'), text.size());
  return {text[0], text.substr(1, middle - 1), middle < text.size() ? text.substr(middle + 1) : ""};
}

// What the process says until it closes the pipe; false where it has not done so in time.
bool read_to_end(int fd, Clock::time_point deadline, std::string& into) {
  char buffer[4096];
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd polled{fd, POLLIN, 0};
    if (left <= 0) return false;
    if (poll(&polled, 1, static_cast<int>(left)) <= 0) continue;
    const ssize_t n = read(fd, buffer, sizeof buffer);
    if (n == 0) return true;
    if (n > 0) into.append(buffer, static_cast<std::size_t>(n));
  }
}

std::string content_of(int fd) {
  std::string out(static_cast<std::size_t>(lseek(fd, 0, SEEK_END)), '\0');
  const ssize_t n = pread(fd, out.data(), out.size(), 0);
  out.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return out;
}

// Runs `work` in a new process and all that it starts in one group, which is gone when this returns.
Ended in_process(const std::function<void()>& work, std::chrono::milliseconds limit) {
  int said[2];
  const int output = memfd_create("flux-check-output", MFD_CLOEXEC);
  if (output < 0 || pipe2(said, O_CLOEXEC) != 0) throw std::runtime_error(errno_text("pipe"));
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error(errno_text("fork"));
  if (pid == 0) {
    close(said[0]);
    be_child(said[1], output, work);
  }
  setpgid(pid, pid);  // whoever of the two comes first
  close(said[1]);
  Ended ended;
  std::string text;
  // A helper has the pipe, too; the first one's end is what counts, and it kills its helpers.
  ended.in_time = read_to_end(said[0], Clock::now() + limit, text);
  kill(-pid, SIGKILL);
  waitpid(pid, &ended.status, 0);
  ended.said = parsed(text);
  ended.output = content_of(output);
  close(said[0]);
  close(output);
  return ended;
}

std::string end_of(const Ended& ended) {
  if (WIFSIGNALED(ended.status))
    return fmt::format("the process was ended by signal {} ({})", WTERMSIG(ended.status),
                       strsignal(WTERMSIG(ended.status)));
  return fmt::format("the process was ended by exit({})", WEXITSTATUS(ended.status));
}

// What was expected of a process that has failed, and what came.
Failed failure_of(const Ended& ended, std::chrono::milliseconds limit) {
  if (!ended.in_time) return {fmt::format("an end within {} s", limit.count() / 1000), "the backend was still at it"};
  if (ended.said.kind == 'f') return {ended.said.first, ended.said.second};
  return {"a backend that leaves its process alive", end_of(ended)};
}

std::chrono::milliseconds limit_of(int seconds, const Job& job) {
  return std::chrono::milliseconds(seconds * 10 * job.limit_percent);
}

std::string uri_of(const Job& job, std::size_t number) { return filled(job.uri, {{"n", std::to_string(number)}}); }

bool is_shared(const Job& job) { return uri_of(job, 1) == uri_of(job, 2); }

Scene scene_of(const Job& job, std::size_t number) {
  Subject subject = load_subject(job.file);
  for (const std::string& setting : job.settings) subject.settings.push_back(parse_setting(setting, subject.api));
  Scene scene(std::move(subject), job.quirks, uri_of(job, number));
  scene.set_listing_wrote(job.listing_wrote);
  return scene;
}

void clean(const Job& job, std::size_t number) {
  in_process([&] { scene_of(job, number).clean(); }, limit_of(30, job));
}

// What is in the target; where that cannot be seen, it is for the check that is about it to say so.
std::string seen(const Scene& scene) {
  try {
    return snapshot(scene);
  } catch (const Failed&) {
    return "";
  } catch (const NoQuirk&) {
    return "";
  }
}

// Ends with NotDeclared where the listing has changed the target.
void look_at_history(const Scene& scene) {
  const std::unique_ptr<Instance> instance = scene.connected();
  // What is there once the target has been opened, which may make it.
  const std::string before = seen(scene);
  for (const Row& row : scene.rows(*instance, "", 0))
    if (row.id.rfind("flux-check", 0) != 0)
      throw std::invalid_argument(
          fmt::format("the target has a history ({} is applied): the checks want an empty one "
                      "that nobody needs",
                      shown(row.id)));
  instance->disconnect();
  if (seen(scene) != before) throw NotDeclared{"the listing has changed the target"};
}

// What a first look at a target has found: whether that wrote to it, or why there is nothing to be seen.
struct Look {
  bool wrote;
  std::string problem;
};

// Looks at the target of that number, and takes away what an earlier run has left in it.
Look look(const Job& job, std::size_t number) {
  const auto limit = limit_of(60, job);
  const Ended ended = in_process([&] { look_at_history(scene_of(job, number)); }, limit);
  if (ended.said.kind == 'u') throw std::invalid_argument(ended.said.first);
  if (ended.said.kind != 'p' && ended.said.kind != 'n') {
    const Failed failed = failure_of(ended, limit);
    return {false, fmt::format("nothing is written to a target whose history cannot be listed: expected {}; came {}",
                               failed.expected, failed.came)};
  }
  clean(job, number);
  return {ended.said.kind == 'n', ""};
}

}  // namespace

Result run_check(const Check& check, std::size_t number, const Job& job) {
  if (check.connects) {
    const std::string problem = is_shared(job) ? job.problem : look(job, number).problem;
    if (!problem.empty()) throw std::invalid_argument(problem);
  }
  const Clock::time_point start = Clock::now();
  const auto limit = limit_of(check.limit_s, job);
  const Ended ended = in_process(
      [&] {
        Scene scene = scene_of(job, number);
        scene.require_needs(check.needs);
        check.run(scene);
      },
      limit);
  Result result;
  result.check = &check;
  result.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
  result.output = ended.output;
  if (ended.said.kind == 'p') {
    result.verdict = Verdict::passed;
  } else if (ended.said.kind == 'n' || ended.said.kind == 'q') {
    result.verdict = ended.said.kind == 'n' ? Verdict::not_declared : Verdict::no_quirk;
    result.came = ended.said.first;
  } else {
    const Failed failed = failure_of(ended, limit);
    result.expected = failed.expected;
    result.came = failed.came;
  }
  if (check.connects) clean(job, number);
  return result;
}

void prepare_target(Job& job) {
  const Look found = look(job, 0);
  job.listing_wrote = found.wrote;
  // What is wrong with the backend's file and table is for the checks of those to say.
  job.problem = found.problem;
}

}  // namespace flux::check
