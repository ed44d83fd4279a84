// Whose files are loaded, and through which folders and links: as root, and as an ordinary user where root runs the
// tests.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fixture.hpp"

using namespace flux::testing;
namespace fs = std::filesystem;

namespace {

constexpr unsigned user = 54321, stranger = 54322;

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

bool is_root() { return geteuid() == 0; }

// Who runs flux: whoever runs the tests, and an ordinary user.
std::vector<std::optional<unsigned>> people() {
  if (is_root()) return {std::nullopt, user};
  return {std::nullopt};
}

void check_refused(const ProcessResult& result, const std::string& path, const std::string& reason) {
  CAPTURE(result.err);
  CHECK(result.exit_code == 2);
  CHECK(contains(result.err, path));
  CHECK(contains(result.err, reason));
  CHECK(result.out.empty());
}

void check_loaded(const ProcessResult& result) {
  CAPTURE(result.err);
  CHECK(result.exit_code == 0);
}

std::string link_name() { return LoadingFixture::file_name("good"); }

// A folder with the backend "good", which is writable by everyone.
fs::path open_folder(const LoadingFixture& fixture) {
  const fs::path folder = fixture.home() / "open";
  fixture.put("good", "good", folder);
  fs::permissions(folder, fs::perms(0777));
  return folder;
}

// A folder with the backend "good" that is as it should be.
fs::path good_folder(const LoadingFixture& fixture) {
  const fs::path folder = fixture.home() / "fine";
  fixture.put("good", "good", folder);
  return folder;
}

// How a backend is offered, and what must be said of it: of which path, for which reason.
struct Case {
  std::string what;
  std::function<fs::path(const LoadingFixture&)> offer;  // the path that is named
  std::string reason;
};

const Case writable[] = {
    {"the file",
     [](const LoadingFixture& f) {
       const fs::path file = f.put("good");
       fs::permissions(file, fs::perms(0646));
       return file;
     },
     "writable by everyone"},
    {"its folder",
     [](const LoadingFixture& f) {
       f.put("good");
       fs::permissions(f.backends(), fs::perms(0777));
       return f.backends();
     },
     "writable by everyone"},
    {"its folder, and sticky",
     [](const LoadingFixture& f) {
       f.put("good");
       fs::permissions(f.backends(), fs::perms(01777));
       return f.backends();
     },
     "writable by everyone"},
    {"the folder of its folder",
     [](const LoadingFixture& f) {
       f.put("good");
       fs::permissions(f.backends().parent_path(), fs::perms(0777));
       return f.backends().parent_path();
     },
     "writable by everyone"},
};

const Case links[] = {
    {"to a file that everyone may write",
     [](const LoadingFixture& f) {
       const fs::path file = good_folder(f) / link_name();
       fs::permissions(file, fs::perms(0666));
       fs::create_symlink(file, f.backends() / link_name());
       return file;
     },
     "writable by everyone"},
    {"into a folder that everyone may write",
     [](const LoadingFixture& f) {
       const fs::path folder = open_folder(f);
       fs::create_symlink(folder / link_name(), f.backends() / link_name());
       return folder;
     },
     "writable by everyone"},
    {"to a good file, by a link in a folder that everyone may write",
     [](const LoadingFixture& f) {
       const fs::path folder = f.home() / "between";
       fs::create_directory(folder);
       fs::create_symlink(good_folder(f) / link_name(), folder / link_name());
       fs::create_symlink(folder / link_name(), f.backends() / link_name());
       fs::permissions(folder, fs::perms(0777));
       return folder;
     },
     "writable by everyone"},
    {"to a good folder, by a link in a folder that everyone may write",
     [](const LoadingFixture& f) {
       const fs::path folder = f.home() / "between";
       fs::create_directory(folder);
       fs::create_symlink(good_folder(f), folder / "backends");
       fs::permissions(folder, fs::perms(0777));
       fs::remove(f.backends());
       fs::create_symlink(folder / "backends", f.backends());
       return folder;
     },
     "writable by everyone"},
    {"to a folder that everyone may write",
     [](const LoadingFixture& f) {
       const fs::path folder = open_folder(f);
       fs::remove(f.backends());
       fs::create_directory_symlink(folder, f.backends());
       return folder;
     },
     "writable by everyone"},
    {"to nothing",
     [](const LoadingFixture& f) {
       fs::create_symlink(f.home() / "gone.so", f.backends() / link_name());
       return f.home() / "gone.so";
     },
     "cannot be examined"},
    {"to itself",
     [](const LoadingFixture& f) {
       fs::create_symlink(link_name(), f.backends() / link_name());
       return f.backends() / link_name();
     },
     "too many symbolic links"},
};

}  // namespace

TEST_SUITE_BEGIN("safety");

TEST_CASE("what everyone may write is refused, whoever runs flux") {
  for (const auto& who : people())
    for (const Case& offered : writable) {
      CAPTURE(who.value_or(geteuid()));
      CAPTURE(offered.what);
      const LoadingFixture fixture;
      const std::string path = offered.offer(fixture).string();
      check_refused(fixture.status("good", {}, who), path, offered.reason);
    }
}

TEST_CASE("a link is refused where anything that it leads through is, whoever runs flux") {
  for (const auto& who : people())
    for (const Case& offered : links) {
      CAPTURE(who.value_or(geteuid()));
      CAPTURE(offered.what);
      const LoadingFixture fixture;
      const std::string path = offered.offer(fixture).string();
      check_refused(fixture.status("good", {}, who), path, offered.reason);
    }
}

TEST_CASE("a refused link ends the search, though a good file comes later") {
  const LoadingFixture fixture;
  const std::string later = good_folder(fixture).string();
  fs::create_symlink(fixture.home() / "gone.so", fixture.backends() / link_name());
  check_refused(fixture.status("good", {{"FLUX_BACKEND_PATH", fixture.backends().string() + ":" + later}}),
                (fixture.backends() / link_name()).string(), "cannot be examined");
}

TEST_CASE("links among good folders are followed, relative ones and those with dots too") {
  for (const auto& who : people()) {
    CAPTURE(who.value_or(geteuid()));
    const LoadingFixture fixture;
    good_folder(fixture);
    fs::create_symlink("../home/./fine/../fine/" + link_name(), fixture.backends() / link_name());
    check_loaded(fixture.status("good", {}, who));
    fs::create_directory_symlink("backends", fixture.home() / "../again");
    check_loaded(fixture.status("good", {{"FLUX_BACKEND_PATH", (fixture.home() / "../again").string()}}, who));
  }
}

TEST_CASE("a sticky folder above those of the backend, like /tmp, is passed through") {
  for (const auto& who : people()) {
    CAPTURE(who.value_or(geteuid()));
    const LoadingFixture fixture;
    const fs::path sticky = fixture.home() / "sticky";
    fixture.put("good", "good", sticky / "own/backends");
    fs::permissions(sticky, fs::perms(01777));
    check_loaded(fixture.status("good", {{"FLUX_BACKEND_PATH", (sticky / "own/backends").string()}}, who));
  }
}

TEST_CASE("what cannot be looked at is an error, not a reason to look further") {
  const std::optional<unsigned> who = is_root() ? std::optional<unsigned>(user) : std::nullopt;
  const LoadingFixture fixture;
  const std::string path = fixture.backends().string() + ":" + good_folder(fixture).string();
  const fs::path file = fixture.put("good");
  fs::permissions(file, fs::perms(0));
  check_refused(fixture.status("good", {{"FLUX_BACKEND_PATH", path}}, who), file.string(), "");

  fs::permissions(fixture.backends(), fs::perms(0));
  check_refused(fixture.status("good", {{"FLUX_BACKEND_PATH", path}}, who), fixture.backends().string(),
                "Permission denied");
  fs::permissions(fixture.backends(), fs::perms(0755));
}

TEST_CASE("a folder that is refused is listed with the reason") {
  const LoadingFixture fixture;
  fixture.put("good");
  fs::permissions(fixture.backends(), fs::perms(0777));
  const ProcessResult listed = fixture.list();
  CHECK(listed.exit_code == 0);
  CHECK(contains(listed.out, "refused: " + fixture.backends().string() + " is writable by everyone"));
}

TEST_CASE("backend_dirs is a list of absolute, safe folders, in a file that is safe itself") {
  const LoadingFixture fixture;
  const fs::path folder = good_folder(fixture), config = fixture.home() / ".config/flux/config.toml";
  const Environment environment = {{"FLUX_BACKEND_PATH", std::nullopt}};
  const auto status = [&](const std::string& dirs) {
    write_file(config, "backend_dirs = [" + dirs + "]\n");
    return fixture.status("good", environment);
  };
  check_loaded(status("\"" + folder.string() + "\""));
  check_refused(status("\"fine\""), "fine", "the path is not absolute");

  fs::permissions(folder, fs::perms(0777));
  check_refused(status("\"" + folder.string() + "\""), folder.string(), "writable by everyone");
  fs::permissions(folder, fs::perms(0755));

  fs::permissions(config, fs::perms(0666));
  check_refused(status("\"" + folder.string() + "\""), config.string(), "writable by everyone");
}

TEST_CASE("an empty --backend-dir is no folder") {
  const LoadingFixture fixture;
  fixture.put("good");
  fixture.status("good");
  const ProcessResult result =
      fixture.flux({"--backend-dir", "", "status"}, {{"FLUX_BACKEND_PATH", fixture.backends().string()}});
  CAPTURE(result.err);
  CHECK(result.exit_code == 2);
}

TEST_CASE("a home folder that cannot be looked into is passed over") {
  const LoadingFixture fixture;
  const fs::path prefix = fixture.home() / "prefix", locked = fixture.home() / "locked";
  fixture.put("good", "good", prefix / FLUX_LIBDIR / "flux/backends");
  fs::create_directories(prefix / "bin");
  fs::copy_file(FLUX_PROGRAM, prefix / "bin/flux");
  fixture.status("good");  // writes flux.toml
  fs::create_directory(locked);
  fs::permissions(locked, fs::perms(0));
  ProcessOptions options;
  options.cwd = fixture.project();
  if (is_root()) options.uid = user;
  options.env = {{"HOME", locked.string()}};
  for (const char* name : {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "FLUX_BACKEND_PATH"}) options.env[name] = std::nullopt;
  check_loaded(run_process({prefix / "bin/flux", "status"}, options));
  fs::permissions(locked, fs::perms(0755));
}

TEST_CASE("a refused folder below the home folder counts where it holds the backend") {
  for (const char* name : {"good", "other"}) {
    CAPTURE(name);
    const LoadingFixture fixture;
    const fs::path own = fixture.home() / ".local/share/flux/backends";
    fixture.put("good", "good", own);
    fs::permissions(own, fs::perms(0777));
    const ProcessResult result = fixture.status(name, {{"FLUX_BACKEND_PATH", std::nullopt}});
    check_refused(result, own.string(), name == std::string("good") ? "writable by everyone" : "\"other\" not found");
  }
}

TEST_CASE("a build tree is held to the same") {
  const LoadingFixture fixture;
  const fs::path build = fixture.home() / "build";
  fixture.put("good", "good", build / "backends");
  fs::create_directories(build / "bin");
  fs::copy_file(FLUX_PROGRAM, build / "bin/flux");
  write_file(build / "CMakeCache.txt", "");
  fixture.status("good");  // writes flux.toml
  ProcessOptions options;
  options.cwd = fixture.project();
  options.env = {{"HOME", fixture.home().string()}};
  for (const char* name : {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "FLUX_BACKEND_PATH"}) options.env[name] = std::nullopt;
  check_loaded(run_process({build / "bin/flux", "status"}, options));
  fs::permissions(build / "backends", fs::perms(0777));
  check_refused(run_process({build / "bin/flux", "status"}, options), (build / "backends").string(),
                "writable by everyone");
}

TEST_SUITE_END();

// Only root can give files away.
TEST_SUITE_BEGIN("safety as root");

TEST_CASE("what belongs to neither root nor the user is refused") {
  const struct {
    std::string what;
    std::optional<unsigned> runs;
    unsigned owns;
    bool loaded;
  } owners[] = {{"root's, run by root", std::nullopt, 0, true},
                {"root's, run by a user", user, 0, true},
                {"the user's own", user, user, true},
                {"a user's, run by root", std::nullopt, user, false},
                {"another user's", user, stranger, false}};
  for (const auto& owner : owners)
    for (const bool folder_too : {false, true}) {
      CAPTURE(owner.what);
      CAPTURE(folder_too);
      const LoadingFixture fixture;
      const fs::path given = folder_too ? fixture.put("good").parent_path() : fixture.put("good");
      REQUIRE(lchown(given.c_str(), owner.owns, owner.owns) == 0);
      const ProcessResult result = fixture.status("good", {}, owner.runs);
      if (owner.loaded)
        check_loaded(result);
      else
        check_refused(result, given.string(), "is owned by neither root nor you");
    }
}

TEST_CASE("another user's link is refused, though it leads to a good file") {
  for (const auto& who : people()) {
    const LoadingFixture fixture;
    const fs::path link = fixture.backends() / link_name();
    fs::create_symlink(good_folder(fixture) / link_name(), link);
    REQUIRE(lchown(link.c_str(), stranger, stranger) == 0);
    check_refused(fixture.status("good", {}, who), link.string(), "is owned by neither root nor you");
  }
}

TEST_CASE("with more rights than its user flux looks into the folder that it was installed with and nowhere else") {
  struct statvfs file_system {};
#ifdef __SANITIZE_ADDRESS__  // its search for leaks cannot look into a program with another group's rights
  const std::vector<mode_t> bits = {S_ISUID};
#else
  const std::vector<mode_t> bits = {S_ISUID, S_ISGID};
#endif
  for (const mode_t bit : bits) {
    CAPTURE(bit);
    const LoadingFixture fixture;
    // In a prefix of its own, which counts as long as flux has no rights but the user's.
    const fs::path prefix = fixture.home() / "prefix", program = prefix / "bin/flux";
    fs::create_directories(program.parent_path());
    fs::copy_file(FLUX_PROGRAM, program);
    const fs::path beside = prefix / FLUX_LIBDIR / "flux/backends";
    fixture.put("good", "good", beside);
    fixture.put("good");
    fixture.put("good", "good", fixture.home() / ".local/share/flux/backends");
    write_file(fixture.home() / ".config/flux/config.toml", "backend_dirs = [\"" + beside.string() + "\"]\n");
    fixture.status("good");  // writes flux.toml

    ProcessOptions options;
    options.cwd = fixture.project();
    options.uid = user;
    options.env = {{"HOME", fixture.home().string()}, {"FLUX_BACKEND_PATH", fixture.backends().string()}};
    for (const char* name : {"XDG_DATA_HOME", "XDG_CONFIG_HOME"}) options.env[name] = std::nullopt;
    const std::vector<std::string> command = {program, "--backend-dir", fixture.backends(), "status"};
    check_loaded(run_process(command, options));

    REQUIRE(statvfs(program.c_str(), &file_system) == 0);
    REQUIRE_MESSAGE((file_system.f_flag & ST_NOSUID) == 0, "the temporary folder is mounted with nosuid: set TMPDIR");
    REQUIRE(chown(program.c_str(), 0, stranger) == 0);
    REQUIRE(chmod(program.c_str(), 0755 | bit) == 0);
    const ProcessResult result = run_process(command, options);
    CAPTURE(result.err);
    CHECK(result.exit_code == 2);
    CHECK(contains(result.err, "backend \"good\" not found"));
    CHECK(contains(result.err, FLUX_SYSTEM_BACKEND_DIR));
    for (const fs::path& folder : {fixture.backends(), fixture.home(), prefix})
      CHECK_FALSE(contains(result.err, folder.string()));
  }
}

TEST_SUITE_END();
