// What a database says otherwise than standard SQL: the texts that the checks run.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace flux::check {

// Scripts and parts of scripts; {name} in them is the name of a thing (a table), which the checker chooses. The texts
// are single statements without what ends them. flux-backend-check(1) says more of each.
struct Quirks {
  std::string separator = ";\n";  // between two statements, and behind the last
  std::string comment = "-- nothing but a comment\n";

  std::string create = "CREATE TABLE {name} (id INTEGER, note VARCHAR(200))";
  std::string drop = "DROP TABLE {name}";
  std::string require = "SELECT COUNT(*) FROM {name}";           // fails unless the thing is there
  std::string fail = "SELECT id FROM flux_check_there_is_none";  // always fails
  std::string error_code;                                        // what it fails with, in the database's words; "": any
  std::string quoted = "CREATE TABLE {name} (note VARCHAR(20) DEFAULT 'a;b'';c')";  // makes the thing
  // Makes the thing, and fails where characters outside of ASCII have not arrived as they are.
  std::string multibyte =
      "CREATE TABLE {name} (note VARCHAR(20) CHECK (LENGTH(note) = 4));\nINSERT INTO {name} VALUES "
      "('h\u00e9\u20ac\U0001F600')";

  // Runs for half a minute at least; "": nothing in this language does.
  std::string slow =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT COUNT(*) FROM n";
  std::string hold = "INSERT INTO {name} (id) VALUES (1)";  // takes a lock in its transaction ...
  std::string want = "DROP TABLE {name}";                   // ... for which this has to wait

  // Changes the session, and fails where that was done already; and what fails unless it was done.
  std::string session = "CREATE TEMPORARY TABLE flux_check_session (id INTEGER)";
  std::string session_use = "INSERT INTO flux_check_session VALUES (1)";
  std::string cut;  // ends its own connection, as an administrator would; "": there is no connection to lose

  std::string unfinished = "SELECT 'there is no second quote";  // cannot be split; "": everything can
  // Transaction control; begin "": the language has none.
  std::string begin = "BEGIN", commit = "COMMIT", rollback = "ROLLBACK";

  // Definitions, each of which needs only what earlier ones define; and what becomes of them, with some changed, some
  // gone and some new.
  std::vector<std::string> definitions = {
      "CREATE TABLE flux_check_one (id INTEGER NOT NULL PRIMARY KEY, note VARCHAR(200) DEFAULT 'none')",
      "CREATE TABLE flux_check_two (id INTEGER NOT NULL, one INTEGER REFERENCES flux_check_one (id),"
      " CONSTRAINT flux_check_positive CHECK (id > 0))",
      "CREATE INDEX flux_check_index ON flux_check_two (one)",
      "CREATE VIEW flux_check_view AS SELECT id, note FROM flux_check_one"};
  std::vector<std::string> altered = {
      "CREATE TABLE flux_check_one (id INTEGER NOT NULL PRIMARY KEY, note VARCHAR(200) DEFAULT 'some', more INTEGER)",
      "CREATE TABLE flux_check_two (id INTEGER, one INTEGER REFERENCES flux_check_one (id))",
      "CREATE INDEX flux_check_other ON flux_check_two (id)",
      "CREATE VIEW flux_check_view AS SELECT id, more FROM flux_check_one"};
  // The facts that a database has before anything is made in it, as kind and identity: "schema public".
  std::vector<std::string> initial = {};

  // Targets that cannot be connected to. {uri}: the target's own; {closed_port}: a port where nobody listens;
  // {silent_port}: one where a connection is taken and nothing said.
  std::vector<std::string> unreachable = {"{uri}/flux-check/there/is/none"};
  // URIs with a password, right and wrong ones. {uri}: the target's own; {scheme}: the backend's first; {password};
  // {closed_port}.
  std::vector<std::string> secret = {"{scheme}://user:{password}@127.0.0.1:{closed_port}/x",
                                     "{scheme}://user:{password}@127.0.0.1:no-port/%zz",
                                     "{scheme}://user:{password}@[::1/x?{password}"};
  // The target as a path relative to the host's base_directory, {name} being a file or folder that is there; "": its
  // URIs hold no paths.
  std::string relative;
  // A command of the shell that prints what is in the target, for what must not write; it finds the target in
  // FLUX_CHECK_URI, and ends with 0. "": a target that is a file or folder is looked at, another is not.
  std::string snapshot;
};

// Reads a file of TOML, whose keys are those of Quirks; what it does not name stays as it is. Throws
// std::runtime_error with file and line.
Quirks read_quirks(const std::filesystem::path& file);

// `text` with every {key} replaced.
std::string filled(std::string text, const std::vector<std::pair<std::string, std::string>>& values);

}  // namespace flux::check
