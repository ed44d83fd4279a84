// Where backends are looked for, in which order, and what is said where there is none.
#include <doctest/doctest.h>

#include "fixture.hpp"

using namespace flux::testing;
namespace fs = std::filesystem;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

fs::path user_folder(const LoadingFixture& fixture) { return fixture.home() / ".local/share/flux/backends"; }

}  // namespace

TEST_SUITE_BEGIN("discovery");

TEST_CASE("a missing backend is answered with every place that was looked at and with what is installed") {
  const LoadingFixture fixture;
  fixture.put("good");
  const ProcessResult result = fixture.status("mysql");
  CAPTURE(result.err);
  CHECK(result.exit_code == 2);
  CHECK(contains(result.err, "backend \"mysql\" not found"));
  CHECK(contains(result.err, "libflux_backend_mysql.so"));
  CHECK(contains(result.err, fixture.backends().string()));
  CHECK(contains(result.err, "flux/backends  (does not exist)"));
  CHECK(contains(result.err, "installed: "));
  CHECK(contains(result.err, "good"));
}

TEST_CASE("a variable that is not set is said to be so") {
  const LoadingFixture fixture;
  const ProcessResult result = fixture.status("mysql", {{"FLUX_BACKEND_PATH", std::nullopt}});
  CAPTURE(result.err);
  CHECK(contains(result.err, "FLUX_BACKEND_PATH (not set)"));
}

TEST_CASE("a backend in the user's folder is found") {
  const LoadingFixture fixture;
  fixture.put("good", "good", user_folder(fixture));
  CHECK(fixture.status("good", {{"FLUX_BACKEND_PATH", std::nullopt}}).exit_code == 0);

  const fs::path data = fixture.home() / "data";
  fixture.put("newer_sdk", "newer_sdk", data / "flux/backends");
  CHECK(fixture.status("newer_sdk", {{"XDG_DATA_HOME", data.string()}}).exit_code == 0);
}

TEST_CASE("FLUX_BACKEND_PATH is a list of folders") {
  const LoadingFixture fixture;
  fixture.put("good", "good", fixture.home() / "one");
  fixture.put("newer_sdk", "newer_sdk", fixture.home() / "two");
  const std::string path = (fixture.home() / "one").string() + ":" + (fixture.home() / "two").string();
  CHECK(fixture.status("good", {{"FLUX_BACKEND_PATH", path}}).exit_code == 0);
  CHECK(fixture.status("newer_sdk", {{"FLUX_BACKEND_PATH", path}}).exit_code == 0);
}

TEST_CASE("--backend-dir comes before FLUX_BACKEND_PATH, that before the user's folder") {
  const LoadingFixture fixture;
  fixture.put("create_fails", "good", user_folder(fixture));
  fixture.put("good");
  CHECK(fixture.status("good").exit_code == 0);

  const fs::path first = fixture.home() / "first";
  const fs::path file = fixture.put("without_commit", "good", first);
  const ProcessResult result =
      fixture.flux({"--backend-dir", first.string(), "status"}, {{"FLUX_BACKEND_PATH", fixture.backends().string()}});
  CAPTURE(result.err);
  CHECK(result.exit_code == 2);
  CHECK(contains(result.err, file.string()));
}

TEST_CASE("a file that cannot be loaded ends the search, though a good one comes later") {
  const LoadingFixture fixture;
  fixture.put("good", "good", user_folder(fixture));
  const fs::path broken = fixture.backends() / LoadingFixture::file_name("good");
  write_file(broken, "no library");
  const ProcessResult result = fixture.status("good");
  CAPTURE(result.err);
  CHECK(result.exit_code == 2);
  CHECK(contains(result.err, broken.string()));
}

TEST_CASE("relative folders are refused") {
  const LoadingFixture fixture;
  fixture.put("good", "good", fixture.project() / "own");
  const ProcessResult by_variable = fixture.status("good", {{"FLUX_BACKEND_PATH", "own"}});
  CAPTURE(by_variable.err);
  CHECK(by_variable.exit_code == 2);
  CHECK(contains(by_variable.err, "own"));
  CHECK(contains(by_variable.err, "absolute"));

  const ProcessResult by_option = fixture.flux({"--backend-dir", "own", "status"});
  CAPTURE(by_option.err);
  CHECK(by_option.exit_code == 2);
  CHECK(contains(by_option.err, "absolute"));
}

TEST_CASE("a name that no backend can have is refused as such") {
  const LoadingFixture fixture;
  for (const std::string name : {"../good", "Good", "9lives", ""}) {
    CAPTURE(name);
    const ProcessResult result = fixture.status(name);
    CAPTURE(result.err);
    CHECK(result.exit_code == 2);
    CHECK(contains(result.err, "backend"));
  }
}

TEST_CASE("a backend that is spelled almost right is suggested") {
  const LoadingFixture fixture;
  fixture.put("good");
  const ProcessResult result = fixture.status("god");
  CAPTURE(result.err);
  CHECK(result.exit_code == 2);
  CHECK(contains(result.err, "good"));
}

TEST_CASE("listing backends runs none of their code") {
  const LoadingFixture fixture;
  fixture.put("prints");
  const ProcessResult listed = fixture.list();
  CAPTURE(listed.out);
  CHECK(listed.exit_code == 0);
  CHECK(contains(listed.out, "prints"));
  CHECK_FALSE(contains(listed.out, "code of the backend has run"));

  fixture.put("good");
  const ProcessResult other = fixture.status("good");
  CHECK_FALSE(contains(other.out, "code of the backend has run"));
}

TEST_CASE("a second backend of one name is listed as hidden") {
  const LoadingFixture fixture;
  fixture.put("good");
  fixture.put("good", "good", user_folder(fixture));
  const ProcessResult listed = fixture.list();
  CAPTURE(listed.out);
  CHECK(listed.exit_code == 0);
  CHECK(contains(listed.out, "hidden by an earlier folder"));
}

TEST_CASE("one backend is shown with its keys and capabilities") {
  const LoadingFixture fixture;
  fixture.put("good");
  const ProcessResult shown = fixture.flux({"backends", "good"}, {{"FLUX_BACKEND_PATH", fixture.backends().string()}});
  CAPTURE(shown.out);
  CAPTURE(shown.err);
  CHECK(shown.exit_code == 0);
  CHECK(contains(shown.out, "nowhere"));
  const ProcessResult refused =
      fixture.flux({"backends", "mysql"}, {{"FLUX_BACKEND_PATH", fixture.backends().string()}});
  CHECK(refused.exit_code == 2);
}

TEST_CASE("a folder that is asked for must be there") {
  const LoadingFixture fixture;
  fixture.put("good");
  fixture.status("good");  // writes flux.toml
  const std::string gone = (fixture.home() / "gone").string();
  const ProcessResult result =
      fixture.flux({"--backend-dir", gone, "status"}, {{"FLUX_BACKEND_PATH", fixture.backends().string()}});
  CHECK(result.exit_code == 2);
  CHECK(result.err.find("the backend folder " + gone + " (--backend-dir) does not exist") != std::string::npos);
}

TEST_CASE("what URIs of a backend begin with leads to its name") {
  const LoadingFixture fixture;
  fixture.put("good");
  const ProcessResult result = fixture.status("nowhere");
  CAPTURE(result.err);
  CHECK(result.err.find("did you mean \"good\"?") != std::string::npos);
}

TEST_CASE("a URI of another backend is told apart before it is asked for") {
  const LoadingFixture fixture;
  fixture.put("good");
  fixture.status("good");  // writes flux.toml
  const ProcessResult result = fixture.flux({"status", "mariadb://me:secret@localhost/app"},
                                            {{"FLUX_BACKEND_PATH", fixture.backends().string()}});
  CAPTURE(result.err);
  CHECK(result.exit_code == 2);
  CHECK(result.err.find("the database URI begins with mariadb://, and the backend good takes nowhere:") !=
        std::string::npos);
  CHECK(result.err.find("secret") == std::string::npos);
}

TEST_SUITE_END();
