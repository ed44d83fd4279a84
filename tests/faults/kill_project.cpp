#include "kill_project.hpp"

#include <sstream>
#include <utility>
#include <vector>

namespace flux::testing {
namespace {

constexpr const char* third = "03_index";

// A line of the journal, and the migration that writes it.
const std::vector<std::pair<std::string, std::string>> lines{{"one", "01_journal"}, {"two", "02_orders"},
                                                             {"three_a", third},    {"three_b", third},
                                                             {"four", "04_notes"},  {"five", "05_totals"}};

std::string entry(const std::string& what) { return "insert into journal values ('" + what + "');\n"; }

void write_migrations(const Project& project, bool sqlite) {
  project.write("01_journal.sql", "create table journal (what text);\n" + entry("one"));
  project.write("02_orders.sql", "create table orders (id integer primary key, amount integer not null);\n" +
                                     entry("two") + "insert into orders values (1, 10), (2, 20), (3, 30), (4, 40);\n");
  // SQLite has no statement that builds an index outside of a transaction only; VACUUM is one that must be outside.
  const std::string outside = sqlite ? "vacuum;\n" : "create index concurrently orders_amount on orders (amount);\n";
  project.write("03_index.sql", "-- flux: no-transaction\n" + entry("three_a") + outside + entry("three_b"));
  project.write("04_notes.sql",
                "alter table orders add column note text;\nupdate orders set note = 'order ' || id;\n" + entry("four"));
  project.write(
      "05_totals.sql",
      "create table totals as select count(*) as orders, sum(amount) as amount from orders;\n" + entry("five"));
  project.write("pre-apply/drop.sql", "drop view if exists report;\n");
  project.write("post-apply/report.sql", "create view report as select count(*) as lines from journal;\n");
}

std::string number(const Facts& facts, const std::string& name) {
  return facts.at(name) == "none" ? "0" : facts.at(name);
}

bool in_doubt(const Facts& facts) { return facts.at("started") == "2" && facts.at("done") == "1"; }

// The third is as far as its counters say: a line, the index, a line.
std::string interrupted_disagreement(const Facts& facts) {
  const int done = std::stoi(facts.at("done"));
  const std::string& index = facts.at("index");
  if (number(facts, "three_a") != (done >= 1 ? "1" : "0")) return "statement 1 of the interrupted one";
  if (number(facts, "three_b") != (done >= 3 ? "1" : "0")) return "statement 3 of the interrupted one";
  if (index == "vacuumed" || in_doubt(facts)) return "";
  return index == (done >= 2 ? "valid" : "none") ? "" : "statement 2 of the interrupted one";
}

std::string text_of(const Facts& facts) {
  std::string out;
  for (const auto& [name, value] : facts) out.append(" ").append(name).append("=").append(value);
  return out;
}

}  // namespace

KillProject::KillProject(const Database& database) : database_(database), project_(database) {
  write_migrations(project_, database.backend() == "sqlite");
}

Facts KillProject::facts() const {
  const bool sqlite = database_.backend() == "sqlite";
  const std::string relations = ' ' +
                                database_.run(sqlite ? "select coalesce(group_concat(name, ' '), '') from sqlite_master"
                                                     : "select coalesce(string_agg(relname, ' '), '') from pg_class "
                                                       "where relnamespace = 'public'::regnamespace") +
                                ' ';
  std::vector<std::pair<std::string, std::string>> wanted;
  const auto want = [&](const std::string& name, const std::string& relation, const std::string& sql) {
    wanted.emplace_back(name, contains(relations, ' ' + relation + ' ') ? "coalesce((" + sql + "), 'none')" : "'none'");
  };
  const auto row = [](const std::string& column, const std::string& id) {
    return "select cast(" + column + " as text) from _flux_migrations where id = '" + id + "'";
  };
  for (const auto& [line, id] : lines) {
    want(line, "journal", "select cast(count(*) as text) from journal where what = '" + line + "'");
    want(id, "_flux_migrations", row("state", id));
  }
  want("started", "_flux_migrations", row("statements_started", third));
  want("done", "_flux_migrations", row("statements_done", third));
  want("orders", "orders", "select cast(sum(amount) as text) from orders");
  want("total", "totals", "select cast(amount as text) from totals");
  want("lines", "report", "select cast(lines as text) from report");
  wanted.emplace_back(
      "index", sqlite ? "'vacuumed'"
                      : "coalesce((select case when indisvalid then 'valid' else 'invalid' end from pg_index where"
                        " indexrelid = to_regclass('orders_amount')), 'none')");
  wanted.emplace_back(
      "note", sqlite ? "(select cast(count(*) as text) from pragma_table_info('orders') where name = 'note')"
                     : "(select cast(count(*) as text) from pg_attribute where attrelid = to_regclass('orders') and"
                       " attname = 'note')");
  std::string sql = "select ";
  for (const auto& [name, expression] : wanted) sql += "'" + name + " ' || " + expression + " || ' ' || ";
  std::istringstream words(database_.run(sql + "''"));
  Facts out;
  for (std::string name, value; words >> name >> value;) out[name] = value;
  return out;
}

std::string KillProject::disagreement(const Facts& facts) {
  if (facts.at(third) == "interrupted") {
    if (const std::string what = interrupted_disagreement(facts); !what.empty()) return what + ":" + text_of(facts);
  }
  for (const auto& [line, id] : lines) {
    if (id == third && facts.at(id) == "interrupted") continue;
    if (number(facts, line) != (facts.at(id) == "applied" ? "1" : "0"))
      return id + " and its line " + line + ":" + text_of(facts);
  }
  const auto has = [&](const char* id) { return facts.at(id) == "applied"; };
  if (facts.at("orders") != (has("02_orders") ? "100" : "none")) return "02_orders and its table:" + text_of(facts);
  if (facts.at("note") != (has("04_notes") ? "1" : "0")) return "04_notes and its column:" + text_of(facts);
  if (facts.at("total") != (has("05_totals") ? "100" : "none")) return "05_totals and its table:" + text_of(facts);
  if (has(third) && facts.at("index") != "vacuumed" && facts.at("index") != "valid")
    return "03_index and its index:" + text_of(facts);
  if (facts.at(third) == "none" && facts.at("index") != "vacuumed" && facts.at("index") != "none")
    return "03_index and its index:" + text_of(facts);
  return "";
}

std::string KillProject::resolve(const Facts& found) const {
  std::vector<std::string> command{"resolve", third, "--resume", "--yes"};
  if (in_doubt(found)) {
    const bool done = found.at("index") == "valid";
    if (found.at("index") == "invalid") database_.run("drop index orders_amount");
    command.push_back(done ? "--statement-done" : "--statement-redo");
  }
  const ProcessResult result = project_.flux(command);
  if (result.exit_code == 0) return "";
  return "flux resolve exits with " + std::to_string(result.exit_code) + ":" + text_of(found) + "\n" + result.out +
         result.err;
}

std::string KillProject::finish(const Facts& undisturbed) const {
  ProcessResult result = project_.flux({"apply", "--yes"});
  if (result.exit_code == 7) {
    const Facts found = facts();
    if (found.at(third) != "interrupted")
      return "7 without an interrupted migration:" + text_of(found) + "\n" + result.out + result.err;
    if (const std::string problem = resolve(found); !problem.empty()) return problem;
    if (const std::string problem = disagreement(facts()); !problem.empty()) return "after flux resolve: " + problem;
    result = project_.flux({"apply", "--yes"});
  }
  if (result.exit_code != 0)
    return "the next flux apply exits with " + std::to_string(result.exit_code) + ":\n" + result.out + result.err;
  const Facts end = facts();
  if (end != undisturbed) return "in the end:" + text_of(end) + "\n       not:" + text_of(undisturbed);
  return "";
}

}  // namespace flux::testing
