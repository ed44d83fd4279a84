#include "sequences.hpp"

#include "sequence_options.hpp"
#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

enum Column { oid, persistence, type, start, increment, min, max, cache, cycle };

std::string behind(std::string_view words) { return words.empty() ? std::string() : ' ' + std::string(words); }

// The type of a sequence whose options these are.
std::string type_in(std::string_view options) {
  if (options.substr(0, 3) != "AS ") return "bigint";
  options.remove_prefix(3);
  return std::string(options.substr(0, options.find(' ')));
}

class Sequences : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"sequence"}; }

  std::vector<std::string> queries(int) const override {
    return {
        "SELECT c.oid, c.relpersistence, pg_catalog.format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, "
        "s.seqmin, "
        "s.seqmax, s.seqcache, s.seqcycle FROM pg_catalog.pg_sequence s "
        "JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 1259 "
        "AND d.objid = c.oid AND d.refclassid = 1259 AND d.deptype = 'i') ORDER BY n.nspname, c.relname"};
  }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      const Relation* relation = catalog.relation(row.oid(oid));
      if (relation == nullptr) continue;
      const SequenceOptions options{std::string(row[type]), std::string(row[start]), std::string(row[increment]),
                                    std::string(row[min]),  std::string(row[max]),   std::string(row[cache]),
                                    row.flag(cycle)};
      Fact fact;
      fact.name = {"sequence", relation->identity()};
      fact.schema = relation->schema;
      fact.object = relation->name;
      fact.definition = options.unusual("bigint");
      set(fact, "unlogged", row.code(persistence) == 'u');
      catalog.add({in::relation, row.oid(oid), 0}, std::move(fact), "SEQUENCE " + relation->identity());
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    const Fact& fact = change.to != nullptr ? *change.to : *change.from;
    if (change.rename) return renamed("SEQUENCE", *change.from, *change.to);
    if (change.from == nullptr) {
      const std::string create = fact.property("unlogged").empty() ? "CREATE SEQUENCE " : "CREATE UNLOGGED SEQUENCE ";
      return Steps{step(create + fact.name.identity + behind(fact.definition))};
    }
    if (change.to == nullptr)
      return Steps{step("DROP SEQUENCE " + fact.name.identity, FLUX_HAZARD_BREAKS_CLIENTS,
                        "where " + fact.name.identity + " stood is lost")};
    return alter(*change.from, *change.to);
  }

 private:
  static Steps alter(const Fact& from, const Fact& to) {
    const std::string sequence = "ALTER SEQUENCE " + to.name.identity;
    Steps out;
    if (from.property("unlogged") != to.property("unlogged"))
      out.push_back(step(sequence + (to.property("unlogged").empty() ? " SET LOGGED" : " SET UNLOGGED")));
    const std::string before = type_in(from.definition), after = type_in(to.definition);
    std::string options = before == after ? "" : " AS " + after;
    options += behind(reset_options(from.definition, to.definition, after, ""));
    if (!options.empty())
      out.push_back(step(sequence + options, FLUX_HAZARD_MAY_FAIL,
                         "fails where " + to.name.identity + " stands outside of its new bounds"));
    return out;
  }
};

class SequenceOwnerships : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"sequence ownership"}; }

  std::vector<std::string> queries(int) const override {
    return {
        "SELECT d.objid, d.refobjid, d.refobjsubid FROM pg_catalog.pg_depend d "
        "JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'S' "
        "WHERE d.classid = 1259 AND d.refclassid = 1259 AND d.deptype = 'a' AND d.refobjsubid > 0"};
  }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      const Catalog::Entry* sequence = catalog.at({in::relation, row.oid(0), 0});
      const Catalog::Entry* column = catalog.at({in::relation, row.oid(1), row.number(2)});
      if (sequence == nullptr || column == nullptr) continue;
      Fact fact;
      fact.name = {"sequence ownership", sequence->fact.name.identity};
      fact.schema = sequence->fact.schema;
      fact.object = sequence->fact.object;
      fact.definition = column->fact.name.identity;
      fact.dependencies = {{sequence->fact.name, false}, {column->fact.name, true}};
      catalog.add({}, std::move(fact));
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    if (change.rename) return Steps{};
    const Fact& fact = change.to != nullptr ? *change.to : *change.from;
    return Steps{step("ALTER SEQUENCE " + fact.name.identity + " OWNED BY " +
                      (change.to == nullptr ? "NONE" : fact.definition))};
  }
};

}  // namespace

const Kind& sequences() {
  static const Sequences kind;
  return kind;
}

const Kind& sequence_ownerships() {
  static const SequenceOwnerships kind;
  return kind;
}

}  // namespace flux::postgres::schema
