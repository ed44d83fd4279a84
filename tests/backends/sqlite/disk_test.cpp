#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "fixture.hpp"

using namespace flux::testing;
namespace fs = std::filesystem;

namespace {

constexpr const char* filling =
    "insert into t with recursive n (i) as (select 1 union all select i + 1 from n where i < 40) select "
    "hex(randomblob(500))"
    " from n";

// From here on this process can make no file longer than `bytes`; writing more fails instead of killing it.
void limit_files(rlim_t bytes) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  setrlimit(RLIMIT_FSIZE, &limit);
}

void prepare(const fs::path& file, const std::string& mode) {
  Client client(file, {{"journal_mode", mode}});
  client.initialize();
  client.migrate("0", "create table t (a); insert into t values (1)");
}

Row row(const std::string& id) {
  Row out;
  out.id = id;
  return out;
}

// What the call that met the full disk says; T0 and a working database are required behind it.
Failure failure_on_full_disk(const fs::path& file, const std::string& script,
                             const std::function<void(bool)>& make_full) {
  const std::string before = dump(file);
  Client client(file);
  client.begin();
  make_full(true);
  const Failure failure = failure_of([&] {
    client.apply(script);
    client.register_migration(row("1"));
    client.commit();
  });
  client.rollback();
  make_full(false);
  require(dump(file) == before, "T0 behind the failure");
  require(Database(file).ask("pragma integrity_check") == "ok", "the file is sound");
  client.migrate("1", script);
  require(client.list_history().size() == 2, "the next run applies it");
  return failure;
}

}  // namespace

TEST_SUITE("sqlite disk") {
  TEST_CASE("a file that cannot grow leaves everything as before") {
    for (const char* mode : {"delete", "truncate", "persist", "wal"}) {
      CAPTURE(std::string(mode));
      TempFolder folder;
      prepare(folder / "app.db", mode);
      Process process([&] {
        const Failure failure = failure_on_full_disk(folder / "app.db", filling, [&](bool full) {
          limit_files(full ? fs::file_size(folder / "app.db") : RLIM_INFINITY);
        });
        require(failure.code == FLUX_E_FAILED || failure.code == FLUX_E_SCRIPT, failure.what());
        require(failure.sqlstate.rfind("SQLITE_IOERR", 0) == 0 || failure.sqlstate == "SQLITE_FULL", failure.sqlstate);
        // SQLite does not keep the system's code of what it wrote to a write-ahead log.
        const bool says_why = failure.detail.find(std::strerror(EFBIG)) != std::string::npos;
        require(says_why || std::string(mode) == "wal", failure.what());
        require(!failure.hint.empty(), "a hint");
      });
      CHECK(process.result() == "");
    }
  }

  TEST_CASE("a database at its max_page_count leaves everything as before") {
    TempFolder folder;
    prepare(folder / "app.db", "delete");
    const std::string before = dump(folder / "app.db");
    Client client(folder / "app.db");
    const Failure failure =
        failure_of([&] { client.migrate("1", std::string("pragma max_page_count = 5; ") + filling); });
    CHECK(failure.code == FLUX_E_SCRIPT);
    CHECK(failure.sqlstate == "SQLITE_FULL");
    CHECK(failure.hint.find("make room") != std::string::npos);
    CHECK(dump(folder / "app.db") == before);
    client.migrate("1", filling);
  }

  TEST_CASE("a full disk leaves everything as before") {
    if (geteuid() != 0) {
      MESSAGE("only root can mount a small disk; a file that cannot grow was tried instead");
      return;
    }
    for (const char* mode : {"delete", "wal"}) {
      CAPTURE(std::string(mode));
      TempFolder folder;
      Process process([&] {
        require(unshare(CLONE_NEWNS) == 0, "a mount namespace of its own");
        require(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 || errno == EINVAL, "private mounts");
        require(mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=1m") == 0, "a small disk");
        prepare(folder / "app.db", mode);
        const Failure failure = failure_on_full_disk(folder / "app.db", filling, [&](bool full) {
          const fs::path ballast = folder / "ballast";
          if (!full) {
            fs::remove(ballast);
            return;
          }
          const int file = open(ballast.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
          const std::string block(4096, 'x');
          while (write(file, block.data(), block.size()) > 0) continue;
          close(file);
        });
        require(failure.sqlstate == "SQLITE_FULL" || failure.sqlstate.rfind("SQLITE_IOERR", 0) == 0, failure.sqlstate);
      });
      CHECK(process.result() == "");
    }
  }
}
