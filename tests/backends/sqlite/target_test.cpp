#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "fixture.hpp"

using namespace flux::testing;
namespace fs = std::filesystem;

namespace {

// The current folder for the life of this.
class CurrentFolder {
 public:
  explicit CurrentFolder(const fs::path& folder) : before_(fs::current_path()) { fs::current_path(folder); }
  ~CurrentFolder() { fs::current_path(before_); }

 private:
  fs::path before_;
};

std::string described(const std::string& uri) {
  Client client;
  client.connect(uri);
  return client.describe_target();
}

Failure refusal(const std::string& uri) {
  Client client;
  return failure_of([&] { client.connect(uri); });
}

}  // namespace

TEST_SUITE("sqlite target") {
  TEST_CASE("a URI names a file or memory") {
    TempFolder folder;
    const CurrentFolder here(folder.path());
    fs::create_directory(folder / "sub");
    const std::string base = folder.path().string();
    const std::pair<std::string, std::string> cases[] = {
        {"sqlite:app.db", base + "/app.db"},
        {"sqlite:./sub/../app.db", base + "/app.db"},
        {"sqlite:sub/app.db", base + "/sub/app.db"},
        {"sqlite:" + base + "/app.db", base + "/app.db"},
        {"sqlite://" + base + "/app.db", base + "/app.db"},
        {"sqlite:///" + base + "/app.db", base + "/app.db"},
        {base + "/app.db", base + "/app.db"},
        {"app.db", base + "/app.db"},
        {"./app.db", base + "/app.db"},
        {"sqlite:my%20file%3f%23%25.db", base + "/my file?#%.db"},
        {"sqlite:größe.db", base + "/größe.db"},
        {"plain %20?x.db", base + "/plain %20?x.db"},
        {"sqlite:app.db?mode=rwc", base + "/app.db"},
        {"sqlite::memory:", ":memory:"},
        {"sqlite://:memory:", ":memory:"},
        {"sqlite:///:memory:", ":memory:"},
        {":memory:", ":memory:"},
        {"sqlite::memory:?shared=one-2", ":memory:"},
    };
    for (const auto& [uri, target] : cases) {
      CAPTURE(std::string(uri));
      CHECK(described(uri) == "sqlite " + target);
    }
    CHECK(folder.names() == std::vector<std::string>{"sub"});
  }

  TEST_CASE("a URI that names no SQLite database is refused") {
    for (const char* uri :
         {"", "sqlite:", "sqlite://", "sqlite://app.db", "sqlite://server/app.db", "postgresql://localhost/app",
          "file:app.db", "sqlite:app.db?mode=memory", "sqlite:app.db?cache=shared", "sqlite::memory:?mode=ro", "sqlite::memory:?shared=", "sqlite::memory:?shared=a/b",
          "sqlite:a%zz.db", "sqlite:a%00.db", "sqlite:a%2", "sqlite:a%"}) {
      CAPTURE(std::string(uri));
      const Failure failure = refusal(uri);
      CHECK(failure.code == FLUX_E_CONNECTION);
      CHECK_FALSE(failure.message.empty());
    }
    CHECK(refusal("sqlite://app.db").hint == "write sqlite:FILE, sqlite:///ABSOLUTE/FILE or sqlite::memory:");
  }

  TEST_CASE("a folder that does not exist is named") {
    TempFolder folder;
    const Failure failure = refusal("sqlite:" + (folder / "missing/app.db").string());
    CHECK(failure.code == FLUX_E_CONNECTION);
    CHECK(failure.message ==
          "the folder " + (folder / "missing").string() + " cannot be used: No such file or directory");
  }

  TEST_CASE("what is not a database file is refused") {
    TempFolder folder;
    fs::create_directory(folder / "folder");
    std::ofstream(folder / "text") << std::string(2000, 'x');
    REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
    const auto message = [&](const char* name) { return refusal("sqlite:" + (folder / name).string()).message; };
    CHECK(message("folder") == (folder / "folder").string() + " is a folder, not a SQLite database");
    CHECK(message("folder/") == (folder / "folder").string() + " is a folder, not a SQLite database");
    CHECK(message("text") == (folder / "text").string() + " is not a SQLite database");
    CHECK(message("fifo") == (folder / "fifo").string() + " is neither a file nor absent");
  }

  TEST_CASE("what is not a database file is not blamed on init_sql") {
    TempFolder folder;
    std::ofstream(folder / "text") << std::string(2000, 'x');
    Client client(Config{{"init_sql", std::vector<std::string>{"select * from sqlite_schema"}}});
    CHECK(failure_of([&] { client.connect("sqlite:" + (folder / "text").string()); }).code == FLUX_E_CONNECTION);
  }

  TEST_CASE("reading a database that does not exist creates nothing, the first write does") {
    TempFolder folder;
    Client client(folder / "app.db");
    CHECK(client.list_history().empty());
    client.describe_target();
    client.rollback();
    client.disconnect();
    CHECK(folder.names().empty());
    client.connect("sqlite:" + (folder / "app.db").string());
    client.initialize();
    client.disconnect();
    CHECK(folder.names() == std::vector<std::string>{"app.db"});
  }

  TEST_CASE("a database that another process creates meanwhile is seen") {
    TempFolder folder;
    Client first(folder / "app.db"), second(folder / "app.db");
    CHECK(first.list_history().empty());
    second.initialize();
    second.migrate("1", "create table t (a)");
    CHECK(first.list_history().size() == 1);
  }

  TEST_CASE("an empty file is an empty database") {
    TempFolder folder;
    std::ofstream(folder / "app.db").close();
    Client client(folder / "app.db");
    CHECK(client.list_history().empty());
    client.initialize();
  }

  TEST_CASE("mode=rw and mode=ro ask for a database that exists, mode=ro never writes") {
    TempFolder folder;
    const std::string uri = "sqlite:" + (folder / "app.db").string();
    CHECK(refusal(uri + "?mode=rw").message == (folder / "app.db").string() + " does not exist");
    CHECK(refusal(uri + "?mode=ro").code == FLUX_E_CONNECTION);
    CHECK(folder.names().empty());
    Client(folder / "app.db").initialize();
    Client reader;
    reader.connect(uri + "?mode=ro");
    CHECK(reader.list_history().empty());
    for (const auto& call : {&Client::initialize, &Client::begin}) {
      const Failure failure = failure_of([&] { (reader.*call)(); });
      CHECK(failure.message == (folder / "app.db").string() + " cannot be written");
      CHECK(failure.hint == "the URI says mode=ro");
    }
    CHECK(failure_of([&] { reader.lock(0); }).code == FLUX_E_FAILED);
    Client writer;
    writer.connect(uri + "?mode=rw");
    writer.migrate("1", "create table t (a)");
    writer.disconnect();
    CHECK(folder.names() == std::vector<std::string>{"app.db"});
  }

  TEST_CASE("a file reached by symbolic links is named as what it is") {
    TempFolder folder;
    fs::create_directory(folder / "real");
    fs::create_directory_symlink(folder / "real", folder / "linked");
    fs::create_symlink("linked/app.db", folder / "link.db");
    fs::create_symlink("loop", folder / "loop");
    const std::string real = "sqlite " + (folder / "real/app.db").string();
    CHECK(described("sqlite:" + (folder / "link.db").string()) == real);
    CHECK(described("sqlite:" + (folder / "linked/app.db").string()) == real);
    CHECK(refusal("sqlite:" + (folder / "loop").string()).code == FLUX_E_CONNECTION);
    Client(folder / "link.db").initialize();
    CHECK(fs::exists(folder / "real/app.db"));
    CHECK(described("sqlite:" + (folder / "link.db").string()) == real);
  }

  TEST_CASE("the history is read from a file and a folder that cannot be written, in every journal mode") {
    for (const char* mode : {"delete", "wal"}) {
      CAPTURE(std::string(mode));
      TempFolder folder;
      const fs::path file = folder / "app 100%20?#.db";
      {
        Client client(file, {{"journal_mode", std::string(mode)}});
        client.initialize();
        client.migrate("1", "create table t (a)");
      }
      fs::permissions(file, fs::perms(0444));
      fs::permissions(folder.path(), fs::perms(0555));
      const std::string result = as_nobody([&] {
        Client client(file);
        require(client.list_history().size() == 1, "one row");
        const Failure write = failure_of([&] { client.begin(); });
        require(write.code == FLUX_E_FAILED && write.message == file.string() + " cannot be written", write.what());
        require(client.read_script("", "1").empty(), "no script is kept");
        require(client.describe_lock().empty() && client.list_leftovers().empty(), "nothing else to be seen");
        for (const auto& call : {failure_of([&] { client.lock(0); }), failure_of([&] { client.initialize(); })})
          require(call.code == FLUX_E_FAILED && call.message == file.string() + " cannot be written" &&
                      call.hint == "the file is read-only for this user, or lies on a read-only disk",
                  call.what());
      });
      CHECK(result == "");
      CHECK(folder.names() == std::vector<std::string>{file.filename().string()});
    }
  }

  TEST_CASE("a file that could be written in a folder that cannot says so before anything is run") {
    TempFolder folder;
    Client(folder / "app.db").initialize();
    fs::permissions(folder / "app.db", fs::perms(0666));
    fs::permissions(folder.path(), fs::perms(0555));
    CHECK(as_nobody([&] {
            Client client(folder / "app.db");
            require(client.list_history().empty(), "no rows");
            const Failure failure = failure_of([&] { client.lock(0); });
            require(failure.code == FLUX_E_FAILED, failure.what());
            require(failure.message.find("app.db-flux.lock cannot be made: Permission denied") != std::string::npos,
                    failure.what());
            require(failure.hint == "Flux needs to write files in the database's folder", failure.what());
          }) == "");
    CHECK(folder.names() == std::vector<std::string>{"app.db"});
  }

  TEST_CASE("a database that cannot be created says why") {
    TempFolder folder;
    fs::permissions(folder.path(), fs::perms(0555));
    CHECK(as_nobody([&] {
            Client client(folder / "app.db");
            require(client.list_history().empty(), "no rows");
            const Failure failure = failure_of([&] { client.begin(); });
            require(failure.code == FLUX_E_CONNECTION, failure.what());
            require(failure.hint == "Flux needs to write files in the database's folder", failure.what());
          }) == "");
  }

  TEST_CASE("a file that cannot be read says why") {
    TempFolder folder;
    Client(folder / "app.db").initialize();
    fs::permissions(folder / "app.db", geteuid() == 0 ? fs::perms(0600) : fs::perms(0));
    CHECK(as_nobody([&] {
            Client client;
            const Failure failure = failure_of([&] { client.connect("sqlite:" + (folder / "app.db").string()); });
            require(failure.code == FLUX_E_CONNECTION && failure.sqlstate.rfind("SQLITE_CANTOPEN", 0) == 0,
                    failure.what());
          }) == "");
  }
}
