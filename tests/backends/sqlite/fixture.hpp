// What the tests of the SQLite backend share: a folder, a second look into a database, other processes.
#pragma once

#include <sqlite3.h>
#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "table_client.hpp"

namespace flux::testing {

// An instance of the backend under test.
class Client : public TableClient {
 public:
  explicit Client(const Config& config = {}) : TableClient(FLUX_TEST_BACKEND_FILE, config) {}
  // Connected to `file`.
  explicit Client(const std::filesystem::path& file, const Config& config = {}) : Client(config) {
    connect(file.string());
  }
};

// A folder that everyone can enter, removed with what is in it.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  // The names of the files in it, sorted.
  std::vector<std::string> names() const;

 private:
  std::filesystem::path path_;
};

// A connection of its own, past the backend.
class Database {
 public:
  explicit Database(const std::filesystem::path& file);
  sqlite3* handle() const { return handle_.get(); }
  void run(const std::string& sql);
  // The rows, columns joined by "|", rows by a line feed.
  std::string ask(const std::string& sql);

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

// The schema and the rows of all tables but those named sqlite_…, as text.
std::string dump(const std::filesystem::path& file);

// A forked process that runs `work` and ends; killed with the object.
class Process {
 public:
  explicit Process(const std::function<void()>& work);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  pid_t pid() const { return pid_; }
  // Waits for its end: "" where `work` returned, else what it threw.
  std::string result();
  // Waits until it calls report().
  void await_report();
  // From `work`: tells the parent that it got this far.
  static void report();
  void kill();

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

// Runs `work` in a process of a user who owns nothing; returns as Process::result(). `work` cannot write to the
// fixture's folders where they belong to another user and are closed to others.
std::string as_nobody(const std::function<void()>& work);

// Throws where it does not hold; for processes that doctest does not watch.
void require(bool condition, const std::string& what);

}  // namespace flux::testing
