// The backends of this tree.
#include <doctest/doctest.h>

#include <algorithm>

#include "checker.hpp"
#include "temp_dir.hpp"
#ifdef FLUX_HAS_MARIADB
#include "mariadb_server.hpp"
#endif
#ifdef FLUX_HAS_POSTGRES
#include "postgres_server.hpp"
#endif

using namespace flux::testing;

namespace {

// Runs all checks on a backend of the build; what it does not declare must be what is known of it, and so must the
// checks for which its quirks have no text.
void conforms(const std::string& file, const std::string& uri, const std::string& quirks,
              const std::vector<std::string>& not_declared, const std::vector<std::string>& no_quirk) {
  const CheckerRun run = run_checker(file, {"--uri", uri, "--quirks", quirks});
  CAPTURE(run.process.err);
  for (const auto& check : run.report["checks"]) {
    CAPTURE(check.dump(1));
    CHECK(check["result"] != "failed");
  }
  CHECK(run.process.exit_code == 0);
  CHECK(run.report["checks"].size() == all_check_names().size());
  CHECK(run.names("no quirk") == no_quirk);
  for (const auto& check : run.report["checks"])
    if (check["result"] == "not declared") {
      const std::string why = check["not_declared"];
      CAPTURE(why);
      CHECK(std::any_of(not_declared.begin(), not_declared.end(),
                        [&](const std::string& known) { return why.find(known) != std::string::npos; }));
    }
}

std::string built(const std::string& name) { return FLUX_BACKEND_DIR "/libflux_backend_" + name + ".so"; }
std::string quirks_of(const std::string& name) { return FLUX_SOURCE_DIR "/plugins/" + name + "/quirks.toml"; }

}  // namespace

TEST_SUITE("backends") {
#ifdef FLUX_HAS_SQLITE
  TEST_CASE("sqlite passes every check") {
    const TempDir folder;
    conforms(built("sqlite"), "sqlite:" + (folder / "app.db").string(), quirks_of("sqlite"),
             {"break_lock", "reconnect", "flux.batch.v1"}, {"password-in-description"});
  }
#endif

#ifdef FLUX_HAS_POSTGRES
  TEST_CASE("postgres passes every check") {
    PostgresServer server;
    const std::string database = server.create_database();
    conforms(built("postgres"), server.uri(database), quirks_of("postgres"), {}, {"relative-path"});
  }
#endif

#ifdef FLUX_HAS_MARIADB
  TEST_CASE("mariadb passes every check") {
    MariadbServer server;
    const std::string database = server.create_database();
    server.run(database, "CREATE USER checker@'%' IDENTIFIED BY 'of-the-checker'");
    server.run(database, "GRANT ALL ON *.* TO checker@'%'");
    conforms(built("mariadb"), server.uri(database, "checker:of-the-checker"), quirks_of("mariadb"),
             {"FLUX_CAP_TRANSACTIONAL_DDL", "list_leftovers", "flux.batch.v1", "flux.schema.v1"}, {"relative-path"});
  }
#endif

  TEST_CASE("the SDK's example passes every check") {
    const TempDir folder;
    conforms(FLUX_CONFORMANCE_DIR "/memo/libflux_backend_memo.so", "dir:" + folder.path().string(),
             FLUX_SOURCE_DIR "/sdk/example/quirks.toml",
             {"break_lock", "reconnect", "list_leftovers", "flux.batch.v1", "FLUX_CAP_CANCEL"},
             {"password-in-description", "script-ends-transaction", "script-error-code", "statement-timeout",
              "split-unfinished", "split-transaction-control"});
  }
}
