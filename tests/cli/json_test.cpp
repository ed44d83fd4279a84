// The documents of --format json, as README.md describes them
#include <doctest/doctest.h>

#include "project.hpp"

using namespace flux::cli::test;

namespace {

using Names = std::vector<std::string>;

Names members(const Json& object) {
  Names names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

const Names common{"command", "ok", "exit_code", "failures", "warnings"};

Names with_common(const Names& more) {
  Names all = common;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

const Names failure_members{"code",   "message",   "migration_id", "file", "line",
                            "column", "line_text", "detail",       "hint", "sqlstate"};

}  // namespace

TEST_SUITE_BEGIN("json");

TEST_CASE("status, history, validate and plan give their members, in this order") {
  const Project project;
  project.write_library();
  REQUIRE(project.flux({"apply", "1", "--yes"}).exit_code == 0);

  const Json status = project.json({"status"});
  CHECK(members(status) == with_common({"target", "database_missing", "applied", "interrupted", "pending", "migrations", "findings"}));
  CHECK(members(status.at("migrations").at(0)) == Names{"id", "state", "has_undo", "out_of_order", "hash", "applied_at",
                                                        "applied_by", "duration_ms", "flux_version", "note"});
  CHECK(status.at("migrations").at(0).at("state") == "applied");
  CHECK(status.at("migrations").at(1).at("applied_at").is_null());

  const Json history = project.json({"history"});
  CHECK(members(history) == with_common({"target", "rows"}));
  CHECK(members(history.at("rows").at(0)) ==
        Names{"id", "state", "has_undo", "hash", "applied_at", "applied_by", "duration_ms", "flux_version", "note"});

  CHECK(members(project.json({"validate"})) == with_common({"target", "applied", "pending", "findings"}));

  const Json plan = project.json({"plan"});
  CHECK(members(plan) == with_common({"target", "action", "pending", "applied", "migrations", "file", "steps"}));
  CHECK(plan.at("action") == "apply");
  CHECK(plan.at("migrations") == 2);
  CHECK(members(plan.at("steps").at(0)) == Names{"kind", "id", "file", "hash", "undo_from_history", "text"});
  CHECK(plan.at("steps").at(0).at("text") == project.read("migrations/002_books.sql"));
  CHECK(members(project.json({"plan", "--no-sql"}).at("steps").at(0)) ==
        Names{"kind", "id", "file", "hash", "undo_from_history"});
}

TEST_CASE("apply and rollback tell what happened to each step") {
  const Project project;
  project.write_library();
  const Json apply = project.json({"apply", "--yes"});
  CHECK(members(apply) == with_common({"target", "done", "failed", "rolled_back", "unknown", "interrupted", "not_run", "duration_ms", "steps"}));
  CHECK(members(apply.at("steps").at(0)) ==
        Names{"kind", "id", "file", "hash", "undo_from_history", "outcome", "duration_ms"});
  CHECK(apply.at("done") == 3);
  const Json rollback = project.json({"rollback", "--all", "--yes"});
  CHECK(members(rollback) == members(apply));
  CHECK(rollback.at("steps").at(0).at("kind") == "undo");
}

TEST_CASE("a failing script is a failure with its place") {
  const Project project;
  project.write("migrations/001_a.sql", "select 1;\nselect nope;\n");
  project.write("migrations/002_b.sql", "select 1;\n");
  const Json document = project.json({"apply", "--yes"});
  CHECK(document.at("exit_code") == 1);
  CHECK(document.at("not_run") == 1);
  const Json& failure = document.at("failures").at(0);
  CHECK(members(failure) == failure_members);
  CHECK(failure.at("code") == "script");
  CHECK(failure.at("migration_id") == "001_a");
  CHECK(failure.at("line") == 2);
  CHECK(failure.at("column") == 8);
  CHECK(failure.at("line_text") == "select nope;");
}

TEST_CASE("commands that cannot go on give the common members alone") {
  const Project project;
  project.write_library();
  struct Case {
    std::vector<std::string> arguments;
    int exit_code;
    Json command;
    std::string code;
  };
  for (const Case& c :
       {Case{{"apply"}, 2, "apply", "usage"}, Case{{"rollback"}, 2, "rollback", "usage"},
        Case{{"status", "--bogus"}, 2, "status", "usage"}, Case{{"aply"}, 2, nullptr, "usage"},
        Case{{}, 2, nullptr, "usage"}, Case{{"status", "--config", "none.toml"}, 2, "status", "config"},
        Case{{"backends", "oracle"}, 2, "backends", "backend"}, Case{{"init", "sqlite"}, 2, "init", "usage"},
        Case{{"status", "sqlite:no/such/folder/x.db"}, 5, "status", "connection"},
        Case{{"plan", "--to", "nothing"}, 2, "plan", "usage"}}) {
    CAPTURE(joined(c.arguments));
    const Json document = project.json(c.arguments);
    CHECK(members(document) == common);
    CHECK(document.at("exit_code") == c.exit_code);
    CHECK(document.at("command") == c.command);
    REQUIRE(document.at("failures").size() >= 1);
    CHECK(members(document.at("failures").at(0)) == failure_members);
    CHECK(document.at("failures").at(0).at("code") == c.code);
  }
}

TEST_CASE("findings are structured, and failures where they stop the command") {
  const Project project;
  project.write_library();
  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
  project.write("migrations/001_authors.sql", "select 1;\n");
  const Json status = project.json({"status"});
  CHECK(status.at("ok") == true);
  const Json& finding = status.at("findings").at(0);
  CHECK(members(finding) == Names{"kind", "id", "file", "stored_hash", "current_hash", "applied_at", "other_id", "statements_done", "statements_total"});
  CHECK(finding.at("kind") == "changed");
  CHECK(status.at("failures").at(0).at("code") == "history");

  const Json validate = project.json({"validate"});
  CHECK(validate.at("exit_code") == 3);
  CHECK(validate.at("findings") == status.at("findings"));
}

TEST_CASE("init, new, backends, completions, --version and --help give JSON, too") {
  const Project project(Project::Content::nothing);
  CHECK(members(project.json({"init", "sqlite"})) == with_common({"backend", "file", "directory"}));
  CHECK(members(project.json({"new", "x"})) == with_common({"id", "files"}));
  const Json backends = project.json({"backends"});
  CHECK(members(backends) == with_common({"backends", "folders"}));
  CHECK(members(backends.at("backends").at(0)) == Names{"name", "file", "usable", "problem", "shadowed"});
  CHECK(members(backends.at("folders").at(0)) == Names{"origin", "path", "state"});
  const Json sqlite = project.json({"backends", "sqlite"});
  CHECK(members(sqlite.at("backend")) == Names{"name", "version", "file", "abi", "uri_schemes", "uri_example",
                                               "script_extension", "capabilities", "keys"});
  CHECK(members(sqlite.at("backend").at("keys").at(0)) == Names{"name", "type", "default", "required", "description"});
  CHECK(members(project.json({"completions", "bash"})) == with_common({"shell", "script"}));
  CHECK(members(project.json({"--version"})) == with_common({"version", "backend_abi"}));
  CHECK(members(project.json({"--help"})) == with_common({"text"}));
}

TEST_CASE("bytes that are not UTF-8 do not spoil the document") {
  const Project project;
  project.write("migrations/001_\xff.sql", "select 1;\n");
  const Json document = project.json({"validate"});
  CHECK(document.at("exit_code") == 3);
}

TEST_SUITE_END();
