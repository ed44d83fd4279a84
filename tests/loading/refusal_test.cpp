// Every reason not to load a backend, each with a file that deserves it.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include "fixture.hpp"

using namespace flux::testing;
namespace fs = std::filesystem;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// `flux status` must end with 2 and say `reason` of `file` on stderr, and nothing on stdout.
void check_refused(const ProcessResult& result, const std::string& file, const std::string& reason) {
  CAPTURE(result.err);
  CAPTURE(result.out);
  CHECK(result.exit_code == 2);
  CHECK(contains(result.err, file));
  CHECK(contains(result.err, reason));
  CHECK(result.out.empty());
}

// `flux backends` must show `reason`, though it runs none of the file's code.
void check_listed(const ProcessResult& result, const std::string& reason) {
  CAPTURE(result.err);
  CAPTURE(result.out);
  CHECK(result.exit_code == 0);
  CHECK(contains(result.out, reason));
}

struct Refusal {
  std::string name, reason;
  bool listed;  // seen without loading the file
};

}  // namespace

TEST_SUITE_BEGIN("refusal");

TEST_CASE("a backend that keeps the rules is loaded") {
  const LoadingFixture fixture;
  for (const std::string name : {"good", "newer_sdk", "older_sdk"}) {
    CAPTURE(name);
    fixture.put(name);
    const ProcessResult result = fixture.status(name);
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(contains(fixture.list().out, name));
  }
}

TEST_CASE("a backend of an older SDK is used without the functions that it lacks") {
  const LoadingFixture fixture;
  fixture.put("older_sdk");
  write_file(fixture.project() / "flux.toml",
             "[flux]\nbackend = \"older_sdk\"\nmigration_directory = \"migrations\"\n");
  write_file(fixture.project() / "migrations/1.sql", "say hello\n");
  const Environment environment = {{"FLUX_BACKEND_PATH", fixture.backends().string()}};
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"status", "nowhere:"}, std::vector<std::string>{"apply", "nowhere:", "--yes"}}) {
    CAPTURE(command[0]);
    const ProcessResult result = fixture.flux(command, environment);
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
  }
}

TEST_CASE("a backend that breaks a rule of the ABI is refused with the rule") {
  const Refusal refusals[] = {
      {"abi_two", "was built for flux backend ABI 2; this flux supports 1", true},
      {"newer_host", "needs flux backend ABI 1.3; this flux provides 1.0", false},
      {"no_note", "is not a flux backend: it has no flux note", true},
      {"no_entry", "is not a flux backend: it does not export flux_backend_entry_v1", false},
      {"null_table", "gave no table of functions", false},
      {"short_table", "is incomplete: \"unregister_migration\" is missing", false},
      {"without_commit", "is incomplete: \"commit\" is missing", false},
      {"undefined", "undefined symbol: flux_test_function_that_nobody_has", false},
      {"other_table", "is the backend \"good\" inside, not \"other_table\"", false},
      {"create_fails", "the driver is not usable", false},
      {"throws_exception", "no driver for this", false},
      {"throws_number", "not a std::exception", false},
  };
  for (const Refusal& refusal : refusals) {
    CAPTURE(refusal.name);
    const LoadingFixture fixture;
    fixture.put(refusal.name);
    const ProcessResult result = fixture.status(refusal.name);
    check_refused(result, refusal.name, refusal.reason);
    if (refusal.listed) check_listed(fixture.list(), refusal.reason);
  }
}

TEST_CASE("a file whose name is not that of its note is refused") {
  const LoadingFixture fixture;
  const fs::path file = fixture.put("good", "renamed", fixture.backends());
  check_refused(fixture.status("renamed"), file.string(),
                "is the backend \"good\"; its file must be named libflux_backend_good.so");
  check_listed(fixture.list(), "is the backend \"good\"; its file must be named libflux_backend_good.so");
}

TEST_CASE("a file that is no library of this machine is refused") {
  const std::string good = read_file(LoadingFixture::built("good"));
  std::string foreign = good;
  foreign[18] = static_cast<char>(0xB7);  // e_machine: AArch64, or x86-64 where this is one
  if (good[18] == foreign[18]) foreign[18] = 0x3E;
  std::string narrow = good;
  narrow[4] = 1;  // EI_CLASS: 32 bits
  const struct {
    std::string what, content, reason;
  } files[] = {{"text", "#!/bin/sh\necho hello\n", "is not a shared library"},
               {"empty", "", "is not a shared library"},
               {"cut in its header", good.substr(0, 40), "is not a shared library"},
               {"cut in its middle", good.substr(0, good.size() / 2), "is cut off"},
               {"another machine", foreign, "was built for another kind of processor"},
               {"another word size", narrow, "was built for another kind of processor"}};
  for (const auto& file : files) {
    CAPTURE(file.what);
    const LoadingFixture fixture;
    const fs::path path = fixture.put("good");
    write_file(path, file.content);
    check_refused(fixture.status("good"), path.string(), file.reason);
    check_listed(fixture.list(), file.reason);
  }
}

TEST_CASE("something that is no regular file is refused without waiting for it") {
  const LoadingFixture fixture;
  const fs::path fifo = fixture.backends() / LoadingFixture::file_name("fifo");
  REQUIRE(mkfifo(fifo.c_str(), 0644) == 0);
  check_refused(fixture.status("fifo"), fifo.string(), "is not a regular file");

  const fs::path folder = fixture.backends() / LoadingFixture::file_name("folder");
  fs::create_directory(folder);
  check_refused(fixture.status("folder"), folder.string(), "is not a regular file");
}

TEST_SUITE_END();
