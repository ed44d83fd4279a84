#include "helper.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

#include "outcome.hpp"

namespace flux::check {
namespace {

constexpr const char* failed_mark = "\x01";

void close_if_open(int& fd) {
  if (fd >= 0) close(fd);
  fd = -1;
}

}  // namespace

void Helper::Line::say(const std::string& text) const {
  const std::string line = text + '\0';
  if (write(out_, line.data(), line.size()) < 0) _exit(1);
}

void Helper::Line::wait() const {
  char c = 0;
  if (read(in_, &c, 1) != 1) _exit(1);
}

Helper::Helper(const std::function<void(const Line&)>& work) {
  int out[2], in[2];
  if (pipe(out) != 0 || pipe(in) != 0) throw std::runtime_error("pipe: " + std::string(std::strerror(errno)));
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork: " + std::string(std::strerror(errno)));
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    close(out[0]);
    close(in[1]);
    const Line line(out[1], in[0]);
    try {
      work(line);
    } catch (const Failed& failed) {
      line.say(failed_mark + failed.expected + failed_mark + failed.came);
    } catch (const std::exception& error) {
      line.say(failed_mark + std::string("no failure of the checker itself") + failed_mark + error.what());
    }
    _exit(0);  // nothing of the parent's is to be ended a second time
  }
  close(out[1]);
  close(in[0]);
  in_ = out[0];
  out_ = in[1];
}

Helper::~Helper() {
  if (pid_ > 0) kill();
  close_if_open(in_);
  close_if_open(out_);
}

std::string Helper::hear(std::chrono::seconds limit) {
  std::string line;
  pollfd polled{in_, POLLIN, 0};
  for (char c = 0;;) {
    if (poll(&polled, 1, static_cast<int>(limit.count() * 1000)) != 1)
      fail("a second process that goes on", fmt::format("nothing from it within {} s", limit.count()));
    if (read(in_, &c, 1) != 1) fail("a second process that goes on", "it has ended");
    if (c == '\0') break;
    line += c;
  }
  if (line.rfind(failed_mark, 0) != 0) return line;
  const std::size_t middle = line.find(failed_mark, 1);
  fail(line.substr(1, middle - 1) + " (in a second process)", line.substr(middle + 1));
}

void Helper::ready() {
  const std::string heard = hear();
  if (heard != "ready") throw std::logic_error("a helper said " + heard);
}

void Helper::go() {
  if (write(out_, "g", 1) != 1) fail("a second process that goes on", "it has ended");
}

void Helper::kill() {
  ::kill(pid_, SIGKILL);
  join();
}

void Helper::join() {
  if (pid_ > 0) waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace flux::check
