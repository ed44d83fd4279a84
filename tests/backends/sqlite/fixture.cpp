#include "fixture.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace fs = std::filesystem;

namespace flux::testing {
namespace {

constexpr uid_t nobody = 65534;
int report_pipe = -1;

void write_all(int descriptor, const std::string& text) {
  if (write(descriptor, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
}

}  // namespace

TempFolder::TempFolder() {
  std::string pattern = (fs::temp_directory_path() / "flux-sqlite-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = fs::canonical(pattern);
  fs::permissions(path_, fs::perms(0755));
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::permissions(path_, fs::perms(0755), ignored);
  fs::remove_all(path_, ignored);
}

std::vector<std::string> TempFolder::names() const {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(path_)) out.push_back(entry.path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}

Database::Database(const fs::path& file) {
  sqlite3* handle = nullptr;
  const int result = sqlite3_open(file.c_str(), &handle);
  handle_.reset(handle);
  if (result != SQLITE_OK) throw std::runtime_error("cannot open " + file.string());
}

void Database::run(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    throw std::runtime_error(std::string(sqlite3_errmsg(handle_.get())) + ": " + sql);
}

std::string Database::ask(const std::string& sql) {
  std::string out;
  const auto row = [](void* to, int count, char** values, char**) {
    auto& text = *static_cast<std::string*>(to);
    if (!text.empty()) text += '\n';
    for (int i = 0; i < count; ++i) (text += i > 0 ? "|" : "") += values[i] == nullptr ? "NULL" : values[i];
    return 0;
  };
  if (sqlite3_exec(handle_.get(), sql.c_str(), row, &out, nullptr) != SQLITE_OK)
    throw std::runtime_error(std::string(sqlite3_errmsg(handle_.get())) + ": " + sql);
  return out;
}

std::string dump(const fs::path& file) {
  Database database(file);
  std::string out = database.ask(
      "select type, name, sql from sqlite_schema where name not like 'sqlite~_%' escape '~' order by 1, 2");
  const std::string tables = database.ask(
      "select name from sqlite_schema where type = 'table' and name not like 'sqlite~_%' escape '~' order by 1");
  for (std::size_t at = 0; at < tables.size();) {
    const std::size_t end = std::min(tables.find('\n', at), tables.size());
    out += "\n" + database.ask("select * from \"" + tables.substr(at, end - at) + "\"");
    at = end + 1;
  }
  return out;
}

Process::Process(const std::function<void()>& work) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("pipe failed");
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ > 0) {
    close(ends[1]);
    output_ = ends[0];
    return;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  close(ends[0]);
  report_pipe = ends[1];
  try {
    work();
  } catch (const std::exception& e) {
    write_all(report_pipe, e.what());
  }
  _exit(0);
}

Process::~Process() {
  kill();
  close(output_);
}

std::string Process::result() {
  std::string out;
  char buffer[256];
  for (ssize_t size; (size = read(output_, buffer, sizeof buffer)) > 0;)
    out.append(buffer, static_cast<std::size_t>(size));
  int status = 0;
  if (pid_ > 0) waitpid(pid_, &status, 0);
  pid_ = -1;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) out += " (status " + std::to_string(status) + ")";
  return out;
}

void Process::await_report() {
  char c = '\0';
  if (read(output_, &c, 1) == 1 && c == '!') return;
  throw std::runtime_error("the process ended before it reported: " + std::string(1, c) + result());
}

void Process::report() { write_all(report_pipe, "!"); }

void Process::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string as_nobody(const std::function<void()>& work) {
  load_table(FLUX_TEST_BACKEND_FILE);  // the file may lie where nobody cannot read
  Process process([&] {
    if (geteuid() == 0 && (setgid(nobody) != 0 || setuid(nobody) != 0))
      throw std::runtime_error("cannot become nobody");
    work();
  });
  return process.result();
}

void require(bool condition, const std::string& what) {
  if (!condition) throw std::runtime_error("does not hold: " + what);
}

}  // namespace flux::testing
