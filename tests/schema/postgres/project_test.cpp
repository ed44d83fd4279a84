// Definition files against a database, by way of throw-away databases.
#include <flux/core/schema/file_layout.hpp>
#include <flux/core/schema/schema_project.hpp>
#include <flux/core/schema/sync.hpp>
#include <fstream>

#include "database.hpp"
#include "temp_dir.hpp"

using namespace flux;
using namespace flux::testing;

namespace {

namespace fs = std::filesystem;

// A database, and a folder that says what it is to be.
struct Project {
  Database database;
  TempDir folder;
  SchemaProject project = SchemaProject(config(), options());

  Config config() const {
    Config out;
    out.backend = "postgres";
    out.database_uri = Uri(database.uri());
    out.schema.resources = folder.path();
    return out;
  }
  static MigratorOptions options() {
    MigratorOptions out;
    out.search.backend_dir = fs::path(FLUX_POSTGRES_BACKEND).parent_path();
    return out;
  }
  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((folder.path() / file).parent_path());
    std::ofstream(folder.path() / file) << text;
  }
  SchemaChanges changes(bool online = false) {
    const DesiredSchema wanted = project.of_resources();
    return project.compare(database.inspect(), wanted.schema, online, annotated(wanted.definitions));
  }
};

bool loses(const std::vector<PlannedStep>& steps) {
  return std::any_of(steps.begin(), steps.end(),
                     [](const PlannedStep& s) { return (s.step.hazards & FLUX_HAZARD_DATA_LOSS) != 0; });
}

// The group of the first statement that begins so.
std::size_t group_of(const std::vector<PlannedStep>& steps, const std::string& begin) {
  const std::vector<StepGroup> groups = step_groups(steps);
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (std::size_t i = groups[g].first; i < groups[g].first + groups[g].count; ++i)
      if (steps[i].step.sql.rfind(begin, 0) == 0) return g;
  FAIL("no statement begins with " << begin);
  return 0;
}

}  // namespace

TEST_SUITE("postgres projects") {
  TEST_CASE("names that the server has given follow a table and a column that are renamed") {
    Project p;
    p.database.run(
        "CREATE TABLE order_lines (id serial PRIMARY KEY, k bigint GENERATED ALWAYS AS IDENTITY, qty integer "
        "CHECK (qty > 0) UNIQUE, order_id integer REFERENCES order_lines);"
        "CREATE INDEX ON order_lines (order_id); INSERT INTO order_lines (qty) VALUES (3), (4), (5)");
    p.write("order_items.sql",
            "-- flux: renamed from=order_lines\nCREATE TABLE order_items (id serial PRIMARY KEY, k bigint GENERATED "
            "ALWAYS AS IDENTITY,\n  -- flux: renamed from=qty\n  amount integer CHECK (amount > 0) UNIQUE,\n  order_id "
            "integer REFERENCES order_items);\nCREATE INDEX ON order_items (order_id);\n");
    const SchemaChanges changes = p.changes();
    const std::string planned = text(changes.steps);
    CAPTURE(planned);
    CHECK(planned.find("DROP") == std::string::npos);
    CHECK(planned.find("CREATE") == std::string::npos);
    CHECK_FALSE(loses(changes.steps));
    CHECK(likely_renames(changes.from, changes.to, p.project.change()).empty());
    p.database.run(changes.steps);
    CHECK(p.changes().steps.empty());
    CHECK(p.database.run("INSERT INTO order_items (amount) VALUES (9) RETURNING id + k") == "8");
  }

  TEST_CASE("a folder that was written of a database with default rights loads back as it was") {
    Project p;
    p.database.run(
        "CREATE SCHEMA app; CREATE TABLE app.t (id integer); CREATE FUNCTION app.f() RETURNS integer RETURN 1;"
        "ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO pg_monitor;"
        "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC");
    for (const auto& [file, content] : schema_files(p.database.inspect(), p.project.change(), "sql"))
      p.write(file, content);
    CHECK(text(p.changes().steps) == "");
  }

  TEST_CASE("online, a view above a column is away no longer than the column is changed") {
    Project p;
    p.database.run(
        "CREATE TABLE t (id integer, a integer, b integer); CREATE INDEX i ON t (b); CREATE VIEW v AS SELECT id FROM t;"
        "CREATE VIEW w AS SELECT id + 1 AS id FROM v");
    p.write("t.sql",
            "CREATE TABLE t (id bigint NOT NULL, a integer NOT NULL, b integer CHECK (b > 0), UNIQUE (a));\n"
            "CREATE INDEX i ON t (b DESC);\nCREATE INDEX j ON t (id);\nCREATE VIEW v AS SELECT id FROM t;\n"
            "CREATE VIEW w AS SELECT id + 1 AS id FROM v;\n");
    const SchemaChanges changes = p.changes(true);
    const std::string planned = text(changes.steps);
    CAPTURE(planned);
    CHECK(step_groups(changes.steps).size() > 3);
    const std::size_t group = group_of(changes.steps, "ALTER TABLE public.t ALTER COLUMN id TYPE bigint");
    for (const char* begin :
         {"DROP VIEW public.v", "DROP VIEW public.w", "CREATE VIEW public.v", "CREATE VIEW public.w"})
      CHECK(group_of(changes.steps, begin) == group);
    p.database.run(changes.steps);
    CHECK(text(p.changes().steps) == "");
  }
}
