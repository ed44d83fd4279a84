#include "session.hpp"

namespace flux::mariadb {
namespace {

std::string role_command(const std::string& role) {
  return role.empty() ? std::string("SET ROLE NONE") : "SET ROLE " + quoted_name(role);
}

// Some modes make another value of what the history holds: '' is NULL, or has blanks behind it.
bool is_unfit(const std::string& sql_mode) {
  return sql_mode.find("EMPTY_STRING_IS_NULL") != std::string::npos ||
         sql_mode.find("PAD_CHAR_TO_FULL_LENGTH") != std::string::npos;
}

}  // namespace

Session::Session(Connection& connection, std::string database, std::vector<std::string> init_sql)
    : connection_(connection), database_(std::move(database)), init_sql_(std::move(init_sql)) {
  first_role_ = connection_.is_mariadb() ? connection_.value("SELECT CURRENT_ROLE()").value_or("") : "";
  start();
  fresh_ = look();
}

void Session::start() {
  connection_.run(steady_session);
  run_init_sql();
  used_ = touched_ = false;
}

void Session::run_init_sql() {
  for (const std::string& sql : init_sql_) {
    try {
      connection_.run(sql);
    } catch (const BackendError& e) {
      if (e.code() != FLUX_E_FAILED) throw;
      throw BackendError(FLUX_E_CONFIG, std::string("init_sql failed: ") + e.what())
          .detail(e.detail())
          .hint(e.hint())
          .sqlstate(e.sqlstate())
          .key("init_sql");
    }
    if (connection_.in_transaction() || !connection_.autocommit())
      throw BackendError(FLUX_E_CONFIG, "init_sql must not begin a transaction").key("init_sql");
  }
}

// False where a script has dropped it: the next one may create it.
bool Session::return_to_database() {
  constexpr unsigned no_such_database = 1049;
  try {
    connection_.run("USE " + quoted_name(database_));
    return true;
  } catch (const Refused& e) {
    if (e.number() != no_such_database) throw;
    return false;
  }
}

// A reset leaves the database and the role as they are.
bool Session::refresh() {
  if (!used_) return false;
  connection_.reset();
  const bool returned = !touched_ || database_.empty() || return_to_database();
  constexpr unsigned long roles_since = 80000;
  if (touched_ && connection_.is_mariadb()) connection_.run(role_command(first_role_));
  if (touched_ && !connection_.is_mariadb() && connection_.server_version() >= roles_since)
    connection_.run("SET ROLE DEFAULT");
  start();
  touched_ = !returned;
  return true;
}

// A stopped clock is told from a running one by SYSDATE(), which does not stop with it. MySQL's max_execution_time ends
// queries alone, not what writes the history.
Session::Settings Session::look() {
  const std::string clock = "ABS(@@timestamp - UNIX_TIMESTAMP(SYSDATE(6))) > 5, @@timestamp";
  const std::string more = connection_.is_mariadb() ? ", @@max_statement_time, CURRENT_ROLE()" : ", 0, NULL";
  const Values row = connection_.row("SELECT @@sql_mode, " + clock + more + ", @@sql_select_limit LIMIT 1");
  Settings out;
  out.sql_mode = row[0].value_or("");
  out.clock_stopped = row[1] == "1";
  out.clock = row[2].value_or("0");
  out.most_time = row[3].value_or("0");
  out.role = row[4].value_or("");
  out.most_rows = row[5].value_or("DEFAULT");
  return out;
}

// The role comes first: it may be what lacks a right.
std::vector<std::string> Session::commands_for(const Settings& wanted, const Settings& now) const {
  std::vector<std::string> out;
  if (wanted.role != now.role) out.push_back(role_command(wanted.role));
  std::string set;
  if (wanted.sql_mode != now.sql_mode) set += ", sql_mode = " + quoted_text(wanted.sql_mode);
  if (wanted.most_time != now.most_time) set += ", max_statement_time = " + wanted.most_time;
  if (wanted.most_rows != now.most_rows) set += ", sql_select_limit = " + wanted.most_rows;
  if (wanted.clock_stopped != now.clock_stopped)
    set += ", timestamp = " + (wanted.clock_stopped ? wanted.clock : std::string("DEFAULT"));
  if (!set.empty()) out.push_back("SET SESSION " + set.substr(2));
  return out;
}

Session::Aside::Aside(Session& session) : session_(session) {
  if (!session_.touched_ && !is_unfit(session_.fresh_.sql_mode)) return;
  const Settings now = session_.look();
  Settings wanted = session_.fresh_;
  if (is_unfit(wanted.sql_mode)) wanted.sql_mode = history_sql_mode;
  back_ = session_.commands_for(now, wanted);
  for (const std::string& sql : session_.commands_for(wanted, now)) session_.connection_.run(sql);
}

void Session::Aside::end() {
  const std::vector<std::string> back = std::move(back_);
  back_.clear();
  for (const std::string& sql : back) session_.connection_.run(sql);
}

Session::Aside::~Aside() {
  try {
    end();
  } catch (const std::exception&) {
    // What has ended the writing of the history is what the user must see.
  }
}

}  // namespace flux::mariadb
