// A backend of the ABI 1.0 in the flux of today and of the next version, and newer backends in older fluxes
#include <doctest/doctest.h>

#include "run_process.hpp"
#include "temp_dir.hpp"

using namespace flux::testing;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string programs[] = {FLUX_PROGRAM, FLUX_NEXT_PROGRAM};

// A project for `backend`, with two migrations.
class Project {
 public:
  explicit Project(const std::string& backend) {
    write_file(folder_ / "flux.toml",
               "[flux]\nbackend = \"" + backend +
                   "\"\nmigration_directory = \"migrations\"\ndatabase_uri = \"frozen:" + target().string() + "\"\n");
    add("1.frozen", "first");
    add("1.undo.frozen", "undo-first");
    add("2.frozen", "second");
    add("2.undo.frozen", "undo-second");
  }

  std::filesystem::path target() const { return folder_ / "target"; }
  void add(const std::string& name, const std::string& text) const { write_file(folder_ / "migrations" / name, text); }

  ProcessResult run(const std::string& program, std::vector<std::string> arguments) const {
    ProcessOptions options;
    options.cwd = folder_.path();
    options.env = {{"HOME", folder_.path().string()}, {"FLUX_BACKEND_PATH", FLUX_ABI_BACKENDS}, {"NO_COLOR", "1"}};
    for (const char* name : {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "FLUX_CONFIG", "FLUX_ENV", "FLUX_DATABASE_URI"})
      options.env[name] = std::nullopt;
    arguments.insert(arguments.begin(), program);
    return run_process(arguments, options);
  }

 private:
  TempDir folder_;
};

void check_done(const ProcessResult& result, const std::string& said) {
  CAPTURE(result.out);
  CAPTURE(result.err);
  CHECK(result.exit_code == 0);
  CHECK(contains(result.out, said));
}

}  // namespace

TEST_SUITE_BEGIN("abi");

TEST_CASE("a backend of the ABI 1.0 applies, shows and rolls back, today and in the next version") {
  for (const std::string& program : programs) {
    CAPTURE(program);
    const Project project("frozen_1_0");
    check_done(project.run(program, {"apply", "--yes"}), "2");
    CHECK(contains(read_file(project.target()), "firstsecond"));
    check_done(project.run(program, {"status"}), "2 applied");
    check_done(project.run(program, {"rollback", "1", "--yes"}), "2");
    CHECK(contains(read_file(project.target()), "firstsecondundo-second"));
    check_done(project.run(program, {"status"}), "1 applied · 1 pending");
    check_done(project.run(program, {"validate"}), "valid");
  }
}

TEST_CASE("a script that fails in a backend of the ABI 1.0 is reported and taken back, today and in the next version") {
  for (const std::string& program : programs) {
    CAPTURE(program);
    const Project project("frozen_1_0");
    project.add("3.frozen", "fail");
    const ProcessResult result = project.run(program, {"apply", "--yes"});
    CAPTURE(result.err);
    CHECK(result.exit_code == 1);
    CHECK(contains(result.err + result.out, "the script says fail"));
    check_done(project.run(program, {"status"}), "2 applied · 1 pending");
  }
}

TEST_CASE("what a backend of the ABI 1.0 lacks is said, not called, today and in the next version") {
  for (const std::string& program : programs) {
    CAPTURE(program);
    const Project project("frozen_1_0");
    const ProcessResult result = project.run(program, {"lock"});
    CAPTURE(result.err);
    CHECK(result.exit_code == 2);
  }
}

TEST_CASE("a backend that was compiled with a later header works in the flux of today") {
  const Project project("newer_sdk");
  check_done(project.run(FLUX_PROGRAM, {"status"}), "pending");
  check_done(project.run(FLUX_NEXT_PROGRAM, {"status"}), "pending");
}

TEST_CASE("a backend that needs the next version is refused by the flux of today alone") {
  const Project project("newer_host");
  const ProcessResult today = project.run(FLUX_PROGRAM, {"status"});
  CHECK(today.exit_code == 2);
  CHECK(contains(today.err, "needs flux backend ABI 1."));
  check_done(project.run(FLUX_NEXT_PROGRAM, {"status"}), "pending");
}

TEST_SUITE_END();
