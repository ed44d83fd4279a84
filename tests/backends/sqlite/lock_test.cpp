#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "fixture.hpp"

using namespace flux::testing;
namespace fs = std::filesystem;
using std::chrono::milliseconds, std::chrono::seconds, std::chrono::steady_clock;

namespace {

// A process that holds the lock of `file` until it is killed.
std::unique_ptr<Process> holder_of(const fs::path& file) {
  auto process = std::make_unique<Process>([=] {
    Client client(file);
    client.lock(0);
    Process::report();
    pause();
  });
  process->await_report();
  return process;
}

bool is_free(const fs::path& file) {
  Client client(file);
  try {
    client.lock(0);
    return true;
  } catch (const Failure& failure) {
    if (failure.code != FLUX_E_LOCKED) throw;
    return false;
  }
}

}  // namespace

TEST_SUITE("sqlite lock") {
  TEST_CASE("it keeps another process out and says who holds it") {
    TempFolder folder;
    const auto holder = holder_of(folder / "app.db");
    Client client(folder / "app.db");
    const Failure failure = failure_of([&] { client.lock(0); });
    CHECK(failure.code == FLUX_E_LOCKED);
    const std::string start = "the migration lock " + (folder / "app.db-flux.lock").string() + " is held by pid " +
                              std::to_string(holder->pid()) + " (flux 0.0.0-test, user ";
    CHECK(failure.message.substr(0, start.size()) == start);
    CHECK(failure.message.find(" UTC") != std::string::npos);
    CHECK(failure.message.find('\n') == std::string::npos);
    CHECK(failure.hint.find("lock_timeout") != std::string::npos);
  }

  TEST_CASE("who holds it is told without it, and nothing is made") {
    TempFolder folder;
    Client client(folder / "app.db");
    CHECK(client.describe_lock() == "");
    CHECK(folder.names().empty());
    const auto holder = holder_of(folder / "app.db");
    const std::string start = "pid " + std::to_string(holder->pid()) + " (flux 0.0.0-test, user ";
    CHECK(client.describe_lock().substr(0, start.size()) == start);
    CHECK(client.describe_lock().find(" since ") != std::string::npos);
    CHECK_FALSE(is_free(folder / "app.db"));
    fs::permissions(folder.path(), fs::perms(0555));
    CHECK(as_nobody([&] {
            require(Client(folder / "app.db").describe_lock().substr(0, start.size()) == start, "the holder is named");
          }) == "");
    fs::permissions(folder.path(), fs::perms(0755));
    // What a killed process has left is not a lock.
    holder->kill();
    CHECK(client.describe_lock() == "");
    CHECK(folder.names() == std::vector<std::string>{"app.db-flux.lock"});
    client.lock(0);
    CHECK(client.describe_lock().find("pid " + std::to_string(getpid())) == 0);
    client.unlock();
    CHECK(client.describe_lock() == "");
  }

  TEST_CASE("a lock file that this user cannot read is not taken for a free lock") {
    TempFolder folder;
    const auto holder = holder_of(folder / "app.db");
    fs::permissions(folder / "app.db-flux.lock", fs::perms(0600));
    CHECK(as_nobody([&] {
            const Failure failure = failure_of([&] { Client(folder / "app.db").describe_lock(); });
            require(failure.message.find("cannot be looked at") != std::string::npos, failure.what());
          }) == (geteuid() == 0 ? "" : "the call was expected to fail, and succeeded"));
  }

  TEST_CASE("it is not taken from its process, which is named instead") {
    TempFolder folder;
    Client client(folder / "app.db");
    CHECK_NOTHROW(client.break_lock());
    const auto holder = holder_of(folder / "app.db");
    const Failure failure = failure_of([&] { client.break_lock(); });
    CHECK(failure.code == FLUX_E_UNSUPPORTED);
    CHECK(failure.hint.find("end that process: pid " + std::to_string(holder->pid()) + " ") == 0);
    CHECK_FALSE(is_free(folder / "app.db"));
    holder->kill();
    CHECK_NOTHROW(client.break_lock());
    Client memory;
    memory.connect(":memory:");
    memory.lock(0);
    CHECK(memory.describe_lock() == "");
    CHECK(memory.list_leftovers().empty());
  }

  TEST_CASE("it dies with a process that is killed") {
    TempFolder folder;
    const auto holder = holder_of(folder / "app.db");
    CHECK_FALSE(is_free(folder / "app.db"));
    holder->kill();
    CHECK(folder.names() == std::vector<std::string>{"app.db-flux.lock"});
    CHECK(is_free(folder / "app.db"));
    CHECK(folder.names().empty());
  }

  TEST_CASE("a waiting process gets it as soon as it is free") {
    TempFolder folder;
    const auto holder = holder_of(folder / "app.db");
    std::thread killer([&] {
      std::this_thread::sleep_for(milliseconds(300));
      holder->kill();
    });
    Client client(folder / "app.db");
    const auto start = steady_clock::now();
    client.lock(10'000);
    const auto waited = steady_clock::now() - start;
    killer.join();
    CHECK(waited >= milliseconds(250));
    CHECK(waited < seconds(5));
  }

  TEST_CASE("waiting ends with its timeout") {
    TempFolder folder;
    const auto holder = holder_of(folder / "app.db");
    Client client(folder / "app.db");
    for (const int timeout : {-5, 0, 100, 400}) {
      CAPTURE(timeout);
      const auto start = steady_clock::now();
      CHECK(failure_of([&] { client.lock(timeout); }).code == FLUX_E_LOCKED);
      const auto waited = steady_clock::now() - start;
      CHECK(waited >= milliseconds(timeout));
      CHECK(waited < milliseconds(timeout + 2000));
    }
  }

  TEST_CASE("unlock, disconnect and the end of the instance free it, for the same process too") {
    TempFolder folder;
    Client client(folder / "app.db");
    CHECK_NOTHROW(client.unlock());
    client.lock(0);
    CHECK_FALSE(is_free(folder / "app.db"));
    CHECK(failure_of([&] { client.lock(0); }).code == FLUX_E_STATE);
    client.unlock();
    CHECK(is_free(folder / "app.db"));
    client.lock(0);
    client.disconnect();
    CHECK(is_free(folder / "app.db"));
    {
      Client other(folder / "app.db");
      other.lock(0);
    }
    CHECK(is_free(folder / "app.db"));
    CHECK(folder.names().empty());
  }

  TEST_CASE("it is one lock by whatever path the database is reached") {
    TempFolder folder;
    fs::create_symlink("app.db", folder / "link.db");
    fs::create_directory_symlink(".", folder / "here");
    const auto holder = holder_of(folder / "link.db");
    CHECK_FALSE(is_free(folder / "app.db"));
    CHECK_FALSE(is_free(folder / "here/app.db"));
    CHECK(is_free(folder / "other.db"));
  }

  TEST_CASE("readers and other writers of the database are not held up by it") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.lock(0);
    client.migrate("1", "create table t (a)");
    Database other(folder / "app.db");
    other.run("insert into t values (1)");
    CHECK(other.ask("select * from t") == "1");
    client.migrate("2", "insert into t values (2)");
    CHECK(Client(folder / "app.db").list_history().size() == 2);
    client.unlock();
  }

  TEST_CASE("a lock file that was left behind does no harm, whatever is in it") {
    TempFolder folder;
    std::ofstream(folder / "app.db-flux.lock") << std::string(100'000, '\xff');
    Client client(folder / "app.db");
    client.lock(0);
    CHECK(failure_of([&] { Client(folder / "app.db").lock(0); }).message.find("held by pid") != std::string::npos);
  }

  TEST_CASE("what is not a plain file in its place is refused and not touched") {
    TempFolder folder;
    std::ofstream(folder / "precious") << "data";
    fs::create_symlink("precious", folder / "a.db-flux.lock");
    fs::create_directory(folder / "b.db-flux.lock");
    for (const char* name : {"a.db", "b.db"}) {
      CAPTURE(std::string(name));
      Client client(folder / name);
      const Failure failure = failure_of([&] { client.lock(1000); });
      CHECK(failure.code == FLUX_E_FAILED);
      CHECK(failure.message.find(std::string(name) + "-flux.lock cannot be made") != std::string::npos);
    }
    CHECK(fs::file_size(folder / "precious") == 4);
  }

  TEST_CASE("a program that the holder started does not keep it") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.lock(0);
    const pid_t child = fork();
    if (child == 0) {
      execl("/bin/sleep", "sleep", "30", nullptr);
      _exit(1);
    }
    std::this_thread::sleep_for(milliseconds(100));
    client.disconnect();
    CHECK(is_free(folder / "app.db"));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }

  TEST_CASE("only one holds it at a time, however many come and go") {
    TempFolder folder;
    std::ofstream(folder / "count") << 0;
    std::vector<std::unique_ptr<Process>> processes;
    for (int i = 0; i < 8; ++i)
      processes.push_back(std::make_unique<Process>([&] {
        Client client(folder / "app.db");
        for (int round = 0; round < 50; ++round) {
          client.lock(60'000);
          int count = -1;
          std::ifstream(folder / "count") >> count;
          std::ofstream(folder / "count") << count + 1;
          client.unlock();
        }
      }));
    for (const auto& process : processes) CHECK(process->result() == "");
    int count = 0;
    std::ifstream(folder / "count") >> count;
    CHECK(count == 400);
    CHECK(folder.names() == std::vector<std::string>{"count"});
  }

  TEST_CASE("a database in memory has a lock of its own") {
    Client client, other;
    client.connect(":memory:");
    other.connect(":memory:");
    client.lock(0);
    CHECK_NOTHROW(other.lock(0));
    CHECK(failure_of([&] { client.lock(0); }).code == FLUX_E_STATE);
    client.unlock();
    client.lock(0);
  }

  TEST_CASE("eight starters apply each migration once") {
    for (int round = 0; round < 50; ++round) {
      CAPTURE(round);
      TempFolder folder;
      std::vector<std::unique_ptr<Process>> starters;
      for (int i = 0; i < 8; ++i)
        starters.push_back(std::make_unique<Process>([&] {
          Client client(folder / "app.db");
          client.list_history();
          client.lock(60'000);
          const std::size_t done = client.list_history().size();
          client.initialize();
          for (std::size_t n = done; n < 3; ++n)
            client.migrate(std::to_string(n), n == 0 ? "create table t (a); insert into t values (0)"
                                                     : "insert into t select max(a) + 1 from t");
          client.unlock();
        }));
      for (const auto& starter : starters) CHECK(starter->result() == "");
      CHECK(Database(folder / "app.db").ask("select a from t") == "0\n1\n2");
      CHECK(folder.names() == std::vector<std::string>{"app.db"});
    }
  }
}
