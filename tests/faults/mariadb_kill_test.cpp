// Rows 1, 5, 49 and 50 on MariaDB: a run that is killed at every message that it sends.
#include <signal.h>

#include <iostream>

#include "scene.hpp"

using namespace flux::testing;

namespace {

// Scripts of both kinds of statements, each of which leaves a trace of its own.
class Victim {
 public:
  Victim() {
    project_.write("01_tables.sql", "create table journal (line varchar(20));\ncreate table other (a int);\n");
    project_.write("02_mixed.sql",
                   "insert into journal values ('two a');\nset @x = 'two c';\nalter table other add b int;\ninsert "
                   "into journal values ('two b'), (@x);\n");
    project_.write(
        "03_rows.sql",
        "begin;\ninsert into journal values ('three a');\ninsert into journal values ('three b');\ncommit;\n");
  }

  // Runs flux until it sends its n-th message; 128 + SIGKILL, or how it ended before that.
  int run_killed_at(long n, bool sent) const {
    ProcessOptions options;
    options.env["LD_PRELOAD"] = FLUX_KILL_AT_SEND;
    options.env["KILL_AT_SEND"] = std::to_string(n);
    options.env["KILL_SENT"] = sent ? "1" : "0";
    return start_flux(project_, {"apply", "--yes"}, options)->wait();
  }

  // Goes on as its user would. Returns what was wrong; "" for nothing.
  std::string finish() const {
    ProcessResult result = project_.flux({"apply", "--yes"});
    if (result.exit_code == 7) {
      if (const std::string problem = resolve(); !problem.empty()) return problem;
      result = project_.flux({"apply", "--yes"});
    }
    if (result.exit_code != 0)
      return "the next apply ends with " + std::to_string(result.exit_code) + ": " + result.out + result.err;
    const std::string journal = database_->run("select group_concat(line order by line) from journal");
    if (journal != "three a,three b,two a,two b,two c") return "the journal: " + journal;
    const std::string rows = database_->run("select group_concat(id, ' ', state order by id) from _flux_migrations");
    if (rows != "01_tables applied,02_mixed applied,03_rows applied") return "the history: " + rows;
    return has("column_name = 'b'") && has("table_name = 'other'") ? "" : "the tables are not complete";
  }

 private:
  bool has(const std::string& what) const {
    return database_->run("select count(*) from information_schema.columns where table_schema = database() and " +
                          what) != "0";
  }

  // Only DDL and what changes the session can be in doubt: rows are committed together with their count.
  std::string resolve() const {
    const std::string row = "from _flux_migrations where state = 'interrupted'";
    const std::string id = database_->run("select id " + row);
    const int started = std::stoi(database_->run("select statements_started " + row)),
              done = std::stoi(database_->run("select statements_done " + row));
    std::vector<std::string> command{"resolve", id, "--resume", "--yes"};
    if (started > done) {
      const std::string statement = id.substr(0, 2) + "." + std::to_string(started);
      const bool is_done = statement == "01.1"   ? has("table_name = 'journal'")
                           : statement == "01.2" ? has("table_name = 'other'")
                           : statement == "02.3" ? has("column_name = 'b'")
                                                 : false;
      if (statement != "01.1" && statement != "01.2" && statement != "02.2" && statement != "02.3")
        return "in doubt: " + statement;
      command.push_back(is_done ? "--statement-done" : "--statement-redo");
    }
    const ProcessResult result = project_.flux(command);
    return result.exit_code == 0
               ? ""
               : "resolve ends with " + std::to_string(result.exit_code) + ": " + result.out + result.err;
  }

  std::unique_ptr<Database> database_ = new_mariadb();
  Project project_{*database_};
};

}  // namespace

TEST_SUITE_BEGIN("kill_mariadb");

TEST_CASE("MariaDB, kill -9 at every message loses and doubles nothing") {
  for (const bool sent : {false, true}) {
    const long step = sanitized ? 7 : sent ? 2 : 1;
    long points = 0;
    for (long n = 1;; n += step) {
      CAPTURE(n);
      CAPTURE(sent);
      const Victim victim;
      const int code = victim.run_killed_at(n, sent);
      CHECK(victim.finish() == "");
      if (code == 0) break;
      CHECK(code == 128 + SIGKILL);
      ++points;
    }
    CHECK(points >= 40 / step);
    std::cout << "MariaDB: killed at " << points << " messages, " << (sent ? "behind" : "before") << " sending each"
              << std::endl;
  }
}

TEST_SUITE_END();
