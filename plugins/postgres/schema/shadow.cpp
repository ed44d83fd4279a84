#include "shadow.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "sql_name.hpp"

namespace flux::postgres::schema {
namespace {

constexpr std::string_view prefix = "flux_shadow_";
constexpr const char* lock_class = "1718383992";  // "flux" in its four bytes
constexpr int wal_log_since = 150000, icu_column_renamed = 170000, provider_since = 150000;

// The second half of the advisory lock's key: FNV-1a.
std::string lock_number(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return std::to_string(hash >> 1U);
}

std::string lock_key(std::string_view name) { return std::string(lock_class) + ", " + lock_number(name); }

std::string host_part() {
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  std::string out;
  for (const char c : std::string_view(name)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
    if (out.size() == 12) break;
  }
  return out.empty() ? "host" : out;
}

// Owner, place and time, to be told by people.
std::string new_name() {
  static int made = 0;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  return std::string(prefix) + host_part() + '_' + std::to_string(getpid()) + '_' + std::to_string(ms) + '_' +
         std::to_string(++made);
}

bool is_shadow(std::string_view name) {
  return name.substr(0, prefix.size()) == prefix && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

}  // namespace

ShadowServer::ShadowServer(std::string uri, Host host)
    : uri_(std::move(uri)), host_(host), connection_(Conninfo(uri_), host, nullptr) {}

// As CREATE DATABASE takes them.
std::string ShadowServer::locale_options() {
  const int version = connection_.server_version();
  std::string more = ", 'c', NULL";
  if (version >= provider_since)
    more = std::string(", datlocprovider, ") + (version >= icu_column_renamed ? "datlocale" : "daticulocale");
  const Result row = connection_.run("SELECT pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype" + more +
                                     " FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()");
  const auto value = [&](int column) { return std::string(PQgetvalue(row.get(), 0, column)); };
  std::string out =
      " ENCODING " + literal(value(0)) + " LC_COLLATE " + literal(value(1)) + " LC_CTYPE " + literal(value(2));
  if (value(3) == "i") out += " LOCALE_PROVIDER icu ICU_LOCALE " + literal(value(4));
  if (value(3) == "b") out += " LOCALE_PROVIDER builtin BUILTIN_LOCALE " + literal(value(4));
  return out;
}

void ShadowServer::make(const std::string& name, const std::string& options) {
  std::string sql = "CREATE DATABASE " + name + " TEMPLATE template0" + options;
  if (connection_.server_version() >= wal_log_since) sql += " STRATEGY wal_log";
  connection_.run(sql);
}

std::string ShadowServer::create() {
  sweep();
  const std::string name = new_name();
  // The lock comes first: no database of a living maker is ever without it.
  connection_.run("SELECT pg_catalog.pg_advisory_lock(" + lock_key(name) + ")");
  own_.insert(name);
  try {
    make(name, locale_options());
  } catch (const BackendError& e) {
    if (e.sqlstate() != "42501") throw;
    throw BackendError(e).hint("the user needs CREATEDB; or name another server by shadow_uri");
  }
  std::string uri = with_database(uri_, name);
  try {
    require_leads_to(uri, name);
  } catch (...) {
    drop(uri);
    throw;
  }
  return uri;
}

// Scripts, and what undoes them, run there: never where a pooler has made another database of it.
void ShadowServer::require_leads_to(const std::string& uri, const std::string& name) {
  Connection there(Conninfo(uri), host_, nullptr);
  const Result row = there.run("SELECT pg_catalog.current_database()");
  if (const std::string reached = PQgetvalue(row.get(), 0, 0); reached != name)
    throw BackendError(
        FLUX_E_STATE, "who asks this server for the throw-away database " + name + " is led to the database " + reached)
        .hint("nothing was run there; name a server without a pooler in front of it by shadow_uri");
}

void ShadowServer::drop(const std::string& uri) {
  const std::string name = database_in(uri);
  if (!is_shadow(name)) throw BackendError(FLUX_E_STATE, "that is no throw-away database, and stays");
  constexpr auto patience = std::chrono::seconds(5);
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    try {
      connection_.run("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
      break;
    } catch (const BackendError& e) {
      // The server's own workers, as autovacuum, are nobody's to end, and leave by themselves.
      const bool in_use = e.sqlstate() == "42501" || e.sqlstate() == "55006";
      if (!in_use || std::chrono::steady_clock::now() > end) throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  unlock(name);
  own_.erase(name);
}

bool ShadowServer::try_lock(const std::string& name) {
  const Result got = connection_.run("SELECT pg_catalog.pg_try_advisory_lock(" + lock_key(name) + ")");
  return *PQgetvalue(got.get(), 0, 0) == 't';
}

void ShadowServer::unlock(const std::string& name) {
  connection_.run("SELECT pg_catalog.pg_advisory_unlock(" + lock_key(name) +
                  ") FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = pg_catalog.pg_backend_pid() "
                  "AND classid = " +
                  lock_class + " AND objid = " + lock_number(name));
}

// Advisory locks of all databases are seen by all users. Whoever is connected to one of them without holding its lock
// may have made it through a pooler. Names come first: what is made later is not among them, and has its lock before.
void ShadowServer::sweep() {
  const Result names = connection_.run(
      "SELECT d.datname FROM pg_catalog.pg_database d WHERE d.datname ~ '^flux_shadow_' "
      "AND pg_catalog.pg_has_role(d.datdba, 'USAGE') "
      "AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_get_activity(NULL) a WHERE a.datid = d.oid)");
  for (int i = 0; i < PQntuples(names.get()); ++i) {
    const std::string name = PQgetvalue(names.get(), i, 0);
    // Its own it would get a second time.
    if (!is_shadow(name) || own_.count(name) != 0 || !try_lock(name)) continue;
    try {
      connection_.run("DROP DATABASE IF EXISTS " + name);
      host_.log(FLUX_LOG_INFO, "dropped the throw-away database " + name + ", which a run that died has left");
    } catch (const BackendError& e) {
      host_.log(FLUX_LOG_DEBUG, "the throw-away database " + name + " stays for now: " + e.what());
    }
    unlock(name);
  }
}

}  // namespace flux::postgres::schema
