#include "lock_holder.hpp"

#include <chrono>
#include <cstdint>
#include <cstdlib>

#include "secrets.hpp"

namespace flux::mariadb {
namespace {

constexpr std::size_t longest_lock_name = 64;
constexpr std::size_t shown_query = 200;

// FNV-1a: it tells long names apart, nothing more.
std::string digest(const std::string& text) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  std::string out;
  for (int i = 0; i < 16; ++i, hash >>= 4) out += "0123456789abcdef"[hash & 15];
  return out;
}

std::string session_text(const Values& row) {
  std::string out = "connection " + row[0].value_or("?");
  std::string more;
  if (row[1]) more += ", user \"" + *row[1] + '"';
  if (row[2]) more += ", from " + *row[2];
  if (row[3]) more += ", database \"" + *row[3] + '"';
  return clean_text(more.empty() ? out : out + " (" + more.substr(2) + ')');
}

// The sessions that hold one of the locks, in words.
std::string holders_text(Connection& connection, const LockNames& locks) {
  std::string out;
  for (const std::string* lock : {&locks.run, &locks.work})
    if (const auto holder = holder_of(connection, *lock)) out += (out.empty() ? "" : " and ") + holder->text;
  return out;
}

}  // namespace

LockNames::LockNames(const std::string& name, const std::string& database, const std::string& table)
    : run(name.empty() ? "flux " + database + '.' + table : name) {
  constexpr const char* suffix = " +";
  if (run.size() + std::string_view(suffix).size() > longest_lock_name) run = "flux " + digest(run);
  work = run + suffix;
}

std::optional<LockHolder> holder_of(Connection& connection, const std::string& lock) {
  const auto id = connection.value("SELECT IS_USED_LOCK(" + quoted_text(lock) + ") LIMIT 1");
  if (!id) return std::nullopt;
  const auto rows =
      connection.run("SELECT id, user, host, db FROM information_schema.processlist WHERE id = " + *id + " LIMIT 1");
  return LockHolder{
      std::strtoul(id->c_str(), nullptr, 10),
      rows.empty() ? session_text({*id, std::nullopt, std::nullopt, std::nullopt}) : session_text(rows.front())};
}

void end_holders(Connection& connection, const Canceller& canceller, const LockNames& locks) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::seconds limit{10};
  constexpr std::chrono::milliseconds between_looks{100};
  const std::string who = holders_text(connection, locks);
  for (const std::string* lock : {&locks.run, &locks.work}) {
    const auto holder = holder_of(connection, *lock);
    if (!holder || holder->id == connection.id()) continue;
    try {
      connection.run("KILL CONNECTION " + std::to_string(holder->id));
    } catch (const Refused& e) {
      if (e.number() == 1094) continue;  // it is gone
      if (e.number() != 1095) throw;
      throw BackendError(FLUX_E_FAILED,
                         "this user may not end the session that holds the migration lock: " + holder->text)
          .detail(e.what())
          .hint("connect as its user, or be granted CONNECTION ADMIN")
          .sqlstate(e.sqlstate());
    }
  }
  for (const Clock::time_point end = Clock::now() + limit; !holders_text(connection, locks).empty();
       canceller.pause(between_looks, "waiting for the holder's end"))
    if (Clock::now() >= end)
      throw BackendError(FLUX_E_FAILED, "the session that holds the migration lock has not ended within 10 s: " + who);
}

std::string open_transactions(Connection& connection, unsigned long own) {
  constexpr const char* query = R"(
SELECT p.id, p.user, p.host, p.db, TIMESTAMPDIFF(SECOND, t.trx_started, NOW()), p.info
  FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
 WHERE p.id NOT IN (CONNECTION_ID(), %OWN%) ORDER BY t.trx_started LIMIT 3)";
  std::string sql = query;
  constexpr std::string_view mark = "%OWN%";
  sql.replace(sql.find(mark), mark.size(), std::to_string(own));
  std::string out;
  try {
    for (const Values& row : connection.run(sql)) {
      out += (out.empty() ? "" : "\n") + std::string("perhaps in the way: ") + session_text(row) +
             ", in a transaction since " + row[4].value_or("?") + " s";
      if (row[5]) out += ": " + clean_text(mask_passwords(*row[5]), shown_query);
    }
  } catch (const BackendError& e) {
    if (e.code() != FLUX_E_FAILED) throw;
    return "who is in the way cannot be seen: this user lacks the right PROCESS";
  }
  return out;
}

}  // namespace flux::mariadb
