#include "foreign_servers.hpp"

#include "foreign_options.hpp"
#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

std::string wrappers_query() {
  return "SELECT w.oid, w.fdwname, " + foreign_options_sql("w.fdwoptions") +
         ", CASE WHEN w.fdwhandler <> 0 THEN w.fdwhandler END::pg_catalog.regproc, "
         "CASE WHEN w.fdwvalidator <> 0 THEN w.fdwvalidator END::pg_catalog.regproc "
         "FROM pg_catalog.pg_foreign_data_wrapper w ORDER BY w.fdwname";
}

std::string servers_query() {
  return "SELECT s.oid, s.srvname, " + foreign_options_sql("s.srvoptions") +
         ", w.fdwname, s.srvtype, s.srvversion FROM pg_catalog.pg_foreign_server s "
         "JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw ORDER BY s.srvname";
}

// The view shows options to those who may see them.
std::string mappings_query() {
  return "SELECT m.umid, m.srvid, " + foreign_options_sql("m.umoptions", OptionsOf::user_mapping) +
         ", CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(m.usename) END "
         "FROM pg_catalog.pg_user_mappings m ORDER BY m.srvname, 5";
}

std::string text(const Fact& fact, const char* name) { return std::string(fact.property(name)); }

std::string functions_of(const Fact& wrapper, bool all) {
  std::string out;
  for (const auto& [property, word] : {std::make_pair("handler", "HANDLER"), std::make_pair("validator", "VALIDATOR")})
    if (const std::string name = text(wrapper, property); !name.empty())
      out += std::string(" ") + word + ' ' + name;
    else if (all)
      out += std::string(" NO ") + word;
  return out;
}

std::optional<Steps> change_wrapper(const SchemaChange& change) {
  const Fact& to = change.to != nullptr ? *change.to : *change.from;
  if (change.rename) return renamed("FOREIGN DATA WRAPPER", *change.from, to);
  const std::string name = "FOREIGN DATA WRAPPER " + to.name.identity;
  if (change.from == nullptr)
    return Steps{step("CREATE " + name + functions_of(to, false) + options_clause(text(to, "options")))};
  if (change.to == nullptr) return Steps{step("DROP " + name)};
  return Steps{step("ALTER " + name + functions_of(to, true) +
                    options_clause(text(*change.from, "options"), text(to, "options")))};
}

std::optional<Steps> change_server(const SchemaChange& change) {
  const Fact& to = change.to != nullptr ? *change.to : *change.from;
  if (change.rename) return renamed("SERVER", *change.from, to);
  const std::string name = "SERVER " + to.name.identity, version = text(to, "version"), type = text(to, "type");
  if (change.from == nullptr) {
    std::string sql = "CREATE " + name;
    if (!type.empty()) sql += " TYPE " + literal(type);
    if (!version.empty()) sql += " VERSION " + literal(version);
    return Steps{step(sql + " FOREIGN DATA WRAPPER " + text(to, "wrapper") + options_clause(text(to, "options")))};
  }
  if (change.to == nullptr)
    return Steps{
        step("DROP " + name, FLUX_HAZARD_BREAKS_CLIENTS, "the foreign server " + to.name.identity + " is gone")};
  const Fact& from = *change.from;
  if (text(from, "type") != type || text(from, "wrapper") != text(to, "wrapper")) return std::nullopt;
  std::string sql = "ALTER " + name;
  if (text(from, "version") != version) sql += " VERSION " + (version.empty() ? "NULL" : literal(version));
  return Steps{step(sql + options_clause(text(from, "options"), text(to, "options")))};
}

std::optional<Steps> change_mapping(const SchemaChange& change) {
  if (change.rename) return std::nullopt;
  const Fact& to = change.to != nullptr ? *change.to : *change.from;
  const std::string name = "USER MAPPING FOR " + text(to, "user") + " SERVER " + text(to, "server");
  if (change.from == nullptr) return Steps{step("CREATE " + name + options_clause(text(to, "options")))};
  if (change.to == nullptr) return Steps{step("DROP " + name)};
  return Steps{step("ALTER " + name + options_clause(text(*change.from, "options"), text(to, "options")))};
}

class ForeignServers : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"foreign data wrapper", "server", "user mapping"}; }
  std::vector<std::string> queries(int) const override { return {wrappers_query(), servers_query(), mappings_query()}; }

  void read(std::size_t which, const Rows& rows, Catalog& catalog) const override {
    constexpr void (*readers[])(const Row&, Catalog&) = {read_wrapper, read_server, read_mapping};
    for (const Row row : rows) readers[which](row, catalog);
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    const std::string& kind = (change.to != nullptr ? change.to : change.from)->name.kind;
    if (kind == "server") return change_server(change);
    return kind == "user mapping" ? change_mapping(change) : change_wrapper(change);
  }

 private:
  static Fact fact_of(const Row& row, const char* kind, std::string identity) {
    Fact fact;
    fact.name = {kind, std::move(identity)};
    set(fact, "options", std::string(row[2]));
    fact.unmodelled = row.flag(3);
    return fact;
  }

  static void read_wrapper(const Row& row, Catalog& catalog) {
    const Address address{in::foreign_wrapper, row.oid(0), 0};
    if (!catalog.owned(address)) return;
    Fact fact = fact_of(row, "foreign data wrapper", quoted(row[1]));
    fact.object = row[1];
    set(fact, "handler", std::string(row[4]));
    set(fact, "validator", std::string(row[5]));
    std::string target = "FOREIGN DATA WRAPPER " + fact.name.identity;
    catalog.add(address, std::move(fact), std::move(target));
  }

  static void read_server(const Row& row, Catalog& catalog) {
    const Address address{in::foreign_server, row.oid(0), 0};
    if (!catalog.owned(address)) return;
    Fact fact = fact_of(row, "server", quoted(row[1]));
    fact.object = row[1];
    set(fact, "wrapper", quoted(row[4]));
    set(fact, "type", std::string(row[5]));
    set(fact, "version", std::string(row[6]));
    std::string target = "SERVER " + fact.name.identity;
    catalog.add(address, std::move(fact), std::move(target));
  }

  static void read_mapping(const Row& row, Catalog& catalog) {
    const Catalog::Entry* server = catalog.at({in::foreign_server, row.oid(1), 0});
    if (server == nullptr) return;
    Fact fact = fact_of(row, "user mapping", std::string(row[4]) + " ON " + server->fact.name.identity);
    fact.object = fact.name.identity;
    set(fact, "server", server->fact.name.identity);
    set(fact, "user", std::string(row[4]));
    catalog.add({in::user_mapping, row.oid(0), 0}, std::move(fact));
  }
};

}  // namespace

const Kind& foreign_servers() {
  static const ForeignServers kind;
  return kind;
}

}  // namespace flux::postgres::schema
