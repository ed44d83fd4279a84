// A program that runs beside the test.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "run_process.hpp"
#include "temp_dir.hpp"

namespace flux::testing {

class Child {
 public:
  // Starts argv[0] (looked up in PATH unless it holds a slash) without a shell. It is killed with the thread that made
  // it. Of `options`, stdin_text and timeout count for nothing: it reads nothing. Throws std::system_error; where
  // argv[0] cannot be run it ends with 127.
  explicit Child(const std::vector<std::string>& argv, const ProcessOptions& options = {});
  // Kills it if it still runs.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const noexcept { return pid_; }
  // From any thread; nothing where it has been waited for.
  void signal(int number) const noexcept;
  // Waits for its end and returns its exit code, 128 + the signal where one ended it. Throws std::runtime_error with
  // what it wrote where that takes longer than `limit`. May be called again.
  int wait(std::chrono::seconds limit = std::chrono::seconds(120));
  bool running();

  // What it wrote so far.
  std::string out() const { return read_file(folder_ / "out"); }
  std::string err() const { return read_file(folder_ / "err"); }
  // Both, stdout first.
  std::string text() const { return out() + err(); }
  // The most memory it had at a time, in KiB; once it has been waited for.
  long peak_memory() const noexcept { return peak_memory_; }

 private:
  TempDir folder_;
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
  long peak_memory_ = 0;
};

}  // namespace flux::testing
