#include "catalog.hpp"

#include <algorithm>

#include "sql_name.hpp"

namespace flux::postgres::schema {
namespace {

// What is made anew beside the old one when it cannot be altered.
bool is_type(std::string_view kind) {
  return kind == "enum" || kind == "domain" || kind == "range" || kind == "composite type" || kind == "collation";
}

// A column whose type changes takes along what is built on it; one whose type is made anew is altered with that.
bool survives(const Fact& dependent, const Fact& on) {
  const std::string& kind = dependent.name.kind;
  // A generated column loses nothing where it is made again.
  if (kind == "column" && is_type(on.name.kind)) return dependent.property("generated").empty();
  if (on.name.kind != "column") return false;
  if (kind == "column") return !dependent.property("inherited").empty();
  return kind == "index" || kind == "constraint" || kind == "statistics" || kind == "sequence ownership";
}

bool is_system(std::string_view schema) { return schema.substr(0, 3) == "pg_" || schema == "information_schema"; }

}  // namespace

std::string Relation::identity() const { return qualified(schema, name); }

void each_by_relation(const Rows& rows, int column, Catalog& catalog,
                      const std::function<void(const Row& row, const Fact& relation)>& take) {
  const auto lists = by_relation(rows, column);
  std::vector<const Catalog::Entry*> relations;
  for (const Catalog::Entry& entry : catalog.entries())
    if (entry.address.catalog == in::relation && entry.address.part == 0 && lists.count(entry.address.object) != 0)
      relations.push_back(&entry);
  for (const Catalog::Entry* relation : relations)
    for (const Row& row : lists.at(relation->address.object)) take(row, relation->fact);
}

void set(Fact& fact, std::string name, std::string value) {
  if (!value.empty()) fact.properties.emplace_back(std::move(name), std::move(value));
}

void set(Fact& fact, std::string name, const char* value) { set(fact, std::move(name), std::string(value)); }

void set(Fact& fact, std::string name, bool value) {
  if (value) fact.properties.emplace_back(std::move(name), "yes");
}

std::vector<std::string> Catalog::queries() const {
  return {
      "SELECT oid, nspname FROM pg_catalog.pg_namespace",
      "SELECT classid, objid, refobjid FROM pg_catalog.pg_depend "
      "WHERE deptype = 'e' AND refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass",
      "SELECT oid, relnamespace, relname, relkind, reltype FROM pg_catalog.pg_class WHERE oid >= 16384 AND relkind <> "
      "'t'",
      "SELECT oid, typarray FROM pg_catalog.pg_type WHERE oid >= 16384 AND typarray <> 0",
      "SELECT inhrelid, inhparent FROM pg_catalog.pg_inherits ORDER BY inhrelid, inhseqno",
  };
}

void Catalog::read(std::size_t which, const Rows& rows) {
  constexpr void (Catalog::*readers[])(const Row&) = {&Catalog::read_namespace, &Catalog::read_member,
                                                      &Catalog::read_relation, &Catalog::read_type,
                                                      &Catalog::read_parent};
  for (const Row row : rows) (this->*readers[which])(row);
  if (which == 2) drop_history_schema();
}

void Catalog::read_namespace(const Row& row) {
  (is_system(row[1]) ? system_schemas_ : schemas_).emplace(row.oid(0), row[1]);
}

void Catalog::read_member(const Row& row) { members_.emplace(Address{row.oid(0), row.oid(1), 0}, row.oid(2)); }

void Catalog::read_relation(const Row& row) {
  const Address address{in::relation, row.oid(0), 0};
  if (row.oid(4) != 0) alias({in::type, row.oid(4), 0}, address);
  const std::string* schema = this->schema(row.oid(1));
  if (schema == nullptr || !owned(address)) return;
  if (*schema == history_.schema && row[2] == history_.table) return;
  relations_.emplace(row.oid(0), Relation{*schema, std::string(row[2]), row.code(3)});
}

void Catalog::read_type(const Row& row) { alias({in::type, row.oid(1), 0}, {in::type, row.oid(0), 0}); }

void Catalog::read_parent(const Row& row) { parents_[row.oid(0)].push_back(row.oid(1)); }

// A schema that was made for the history alone is not the user's either.
void Catalog::drop_history_schema() {
  if (history_.schema == "public") return;
  const bool used = std::any_of(relations_.begin(), relations_.end(), [&](const auto& known) {
    // Indexes and sequences of the history table itself are found by its name, which the server has given them.
    return known.second.schema == history_.schema && known.second.name.rfind(history_.table, 0) != 0;
  });
  if (used) return;
  for (auto it = schemas_.begin(); it != schemas_.end(); ++it) {
    if (it->second != history_.schema) continue;
    schemas_.erase(it);
    return;
  }
}

std::string Catalog::depend_query() {
  return "SELECT classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype FROM pg_catalog.pg_depend "
         "WHERE objid >= 16384 AND refobjid >= 16384 AND deptype IN ('n', 'a', 'x', 'P', 'S') "
         "AND refclassid <> 'pg_catalog.pg_namespace'::pg_catalog.regclass";
}

const std::string* Catalog::schema(Oid oid) const {
  const auto found = schemas_.find(oid);
  return found == schemas_.end() ? nullptr : &found->second;
}

std::string Catalog::any_schema(Oid oid) const {
  if (const std::string* user = schema(oid)) return *user;
  const auto found = system_schemas_.find(oid);
  return found == system_schemas_.end() ? std::string() : found->second;
}

const Relation* Catalog::relation(Oid oid) const {
  const auto found = relations_.find(oid);
  return found == relations_.end() ? nullptr : &found->second;
}

const std::vector<Oid>& Catalog::parents(Oid oid) const {
  static const std::vector<Oid> none;
  const auto found = parents_.find(oid);
  return found == parents_.end() ? none : found->second;
}

std::unordered_map<Oid, std::vector<Row>> by_relation(const Rows& rows, int column) {
  std::unordered_map<Oid, std::vector<Row>> out;
  for (const Row row : rows) out[row.oid(column)].push_back(row);
  return out;
}

Fact& Catalog::add(const Address& address, Fact fact, std::string target) {
  Entry& added = entries_.emplace_back(Entry{address, std::move(fact), std::move(target)});
  // Facts that only say more about something have no address of their own.
  if (address.catalog != 0) by_address_.emplace(address, &added);
  return added.fact;
}

Address Catalog::resolved(Address address) const {
  for (int i = 0; i < 8; ++i) {
    if (by_address_.count(address) != 0) return address;
    if (const auto alias = aliases_.find(address); alias != aliases_.end()) {
      address = alias->second;
      continue;
    }
    if (const auto member = members_.find(address); member != members_.end()) return {in::extension, member->second, 0};
    if (address.part == 0) break;
    address.part = 0;
  }
  return address;
}

Catalog::Entry* Catalog::entry(const Address& address) {
  const auto found = by_address_.find(resolved(address));
  return found == by_address_.end() ? nullptr : found->second;
}

const Catalog::Entry* Catalog::at(const Address& address) const {
  const auto found = by_address_.find(address);
  return found == by_address_.end() ? nullptr : found->second;
}

const Catalog::Entry* Catalog::find(const Address& address) const { return at(resolved(address)); }

void Catalog::link(const Address& dependent, const Address& on) {
  Entry* from = entry(dependent);
  const Entry* to = entry(on);
  if (from == nullptr || to == nullptr || from == to) return;
  Fact& fact = from->fact;
  if (fact.parent == to->fact.name || to->fact.parent == fact.name) return;
  const auto known = std::find_if(fact.dependencies.begin(), fact.dependencies.end(),
                                  [&](const Dependency& d) { return d.on == to->fact.name; });
  if (known == fact.dependencies.end()) fact.dependencies.push_back({to->fact.name, survives(fact, to->fact)});
}

void Catalog::finish(const Rows& depends) {
  for (const Row row : depends) {
    const Address dependent{row.oid(0), row.oid(1), row.number(2)}, on{row.oid(3), row.oid(4), row.number(5)};
    // A sequence goes with the column that owns it: its ownership says so.
    if (row.code(6) == 'a' && dependent.catalog == in::relation)
      if (const Relation* sequence = relation(dependent.object); sequence != nullptr && sequence->kind == 'S') continue;
    link(dependent, on);
  }
  for (const auto& [dependent, on] : own_depends_) link(dependent, on);
  for (Entry& added : entries_) {
    Fact& fact = added.fact;
    if (fact.schema && !fact.parent) fact.dependencies.push_back({{"schema", quoted(*fact.schema)}, false});
    std::sort(fact.properties.begin(), fact.properties.end());
    std::sort(fact.dependencies.begin(), fact.dependencies.end(),
              [](const Dependency& a, const Dependency& b) { return a.on < b.on; });
  }
}

}  // namespace flux::postgres::schema
