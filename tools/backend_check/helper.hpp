// A second process of a check: the one that holds the lock, or dies.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>

namespace flux::check {

class Helper {
 public:
  // What the process's work talks through.
  class Line {
   public:
    explicit Line(int out, int in) : out_(out), in_(in) {}
    void say(const std::string& text) const;  // a line for Helper::hear
    void wait() const;                        // until Helper::go

   private:
    int out_, in_;
  };

  // Starts it. What `work` throws as Failed is thrown by hear(). To be called before this process has threads.
  explicit Helper(const std::function<void(const Line&)>& work);
  ~Helper();  // kills it
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;

  // The next line that it says; throws Failed where it ends or is silent instead.
  std::string hear(std::chrono::seconds limit = std::chrono::seconds(40));
  void go();    // lets it come back from wait()
  void kill();  // SIGKILL; returns when it is dead
  void join();  // waits for its end
  // The same process, once it is ready: hear() that must be "ready".
  void ready();

 private:
  pid_t pid_ = -1;
  int in_ = -1, out_ = -1;
};

}  // namespace flux::check
