#include "columns.hpp"

#include <cstdint>
#include <map>

#include "column_change.hpp"
#include "fragments.hpp"
#include "sequence_options.hpp"
#include "sql_name.hpp"

namespace flux::postgres::schema {
namespace {

enum Column {
  relation_oid,
  number,
  name,
  type,
  not_null,
  identity,
  generated,
  storage,
  compression,
  statistics,
  options,
  collation_schema,
  collation,
  default_oid,
  expression,
  is_domain,
  of_type,
  sequence_schema,
  sequence,
  sequence_type,
  seq_start,
  seq_increment,
  seq_min,
  seq_max,
  seq_cache,
  seq_cycle,
  partition_key
};

// Some servers keep a version of their own among the options of every column.
std::string columns_query(int version) {
  const std::string compression = version >= 140000 ? "a.attcompression" : "''";
  return "SELECT a.attrelid, a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, "
         "a.attidentity, a.attgenerated, CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END, " +
         compression +
         ", CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END, CASE WHEN a.attoptions[1] NOT LIKE "
         "'pg\\_attver=%' OR a.attoptions[2] IS NOT NULL THEN " +
         options_sql(
             "pg_catalog.array_remove(a.attoptions, (SELECT v FROM pg_catalog.unnest(a.attoptions) v "
             "WHERE v LIKE 'pg\\_attver=%' LIMIT 1))") +
         " END, cn.nspname, co.collname, d.oid, pg_catalog.pg_get_expr(d.adbin, d.adrelid), t.typtype = 'd', "
         "c.reloftype <> 0, sn.nspname, sc.relname, pg_catalog.format_type(s.seqtypid, NULL), s.seqstart, "
         "s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle, c.relkind = 'p' AND EXISTS (SELECT FROM "
         "pg_catalog.pg_depend k WHERE k.classid = 1259 AND k.objid = a.attrelid AND k.objsubid = a.attnum "
         "AND k.refclassid = 1259 AND k.refobjid = a.attrelid AND k.deptype = 'i') "
         "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
         "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
         "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
         "LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation AND a.attcollation <> t.typcollation "
         "LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace "
         "LEFT JOIN pg_catalog.pg_depend i ON a.attidentity <> '' AND i.refclassid = 1259 AND i.classid = 1259 "
         "AND i.refobjid = a.attrelid AND i.refobjsubid = a.attnum AND i.deptype = 'i' "
         "LEFT JOIN pg_catalog.pg_sequence s ON s.seqrelid = i.objid "
         "LEFT JOIN pg_catalog.pg_class sc ON sc.oid = i.objid "
         "LEFT JOIN pg_catalog.pg_namespace sn ON sn.oid = sc.relnamespace "
         "WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f') AND "
         "c.relpersistence <> 't' "
         "ORDER BY a.attrelid, a.attnum";
}

const char* storage_word(char code) {
  switch (code) {
    case 'p':
      return "PLAIN";
    case 'e':
      return "EXTERNAL";
    case 'm':
      return "MAIN";
    case 'x':
      return "EXTENDED";
    default:
      return "";
  }
}

const char* compression_word(char code) {
  switch (code) {
    case 'p':
      return "pglz";
    case 'l':
      return "lz4";
    default:
      return "";
  }
}

// The columns of all tables by name, to compare those of a child with what they inherit from.
using ByName = std::unordered_map<Oid, std::map<std::string_view, Row>>;

// 'public.s' where the default of a column of whole numbers is the next value of a sequence, and nothing else.
std::string counted_by(const Row& row) {
  constexpr std::string_view begin = "nextval(", end = "::regclass)";
  const std::string_view text = row[expression], of = row[type];
  const bool counts = of == "smallint" || of == "integer" || of == "bigint";
  if (!counts || text.size() < begin.size() + end.size() || text.substr(0, begin.size()) != begin ||
      text.substr(text.size() - end.size()) != end)
    return {};
  return std::string(text.substr(begin.size(), text.size() - begin.size() - end.size()));
}

class Columns : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"column", "default"}; }
  std::vector<std::string> queries(int version) const override { return {columns_query(version)}; }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    const auto lists = by_relation(rows, relation_oid);
    ByName by_name;
    for (const auto& [oid, list] : lists)
      for (const Row row : list) by_name[oid].emplace(row[name], row);
    std::vector<const Catalog::Entry*> tables;
    for (const Catalog::Entry& entry : catalog.entries())
      if (entry.address.catalog == in::relation && lists.count(entry.address.object) != 0) tables.push_back(&entry);
    for (const Catalog::Entry* table : tables)
      for (const Row row : lists.at(table->address.object)) read_column(row, table->fact, by_name, catalog);
  }

  std::optional<Steps> change(const SchemaChange& change) const override { return column_change(change); }

 private:
  static std::vector<Row> inherited(const Row& row, const ByName& by_name, const Catalog& catalog) {
    std::vector<Row> out;
    for (const Oid parent : catalog.parents(row.oid(relation_oid))) {
      const auto table = by_name.find(parent);
      if (table == by_name.end()) continue;
      if (const auto same = table->second.find(row[name]); same != table->second.end()) out.push_back(same->second);
    }
    return out;
  }

  static void read_column(const Row& row, const Fact& table, const ByName& by_name, Catalog& catalog) {
    const std::vector<Row> above = inherited(row, by_name, catalog);
    const Address address{in::relation, row.oid(relation_oid), row.number(number)};
    Fact fact = column_of(row, table);
    const bool child = !above.empty();
    if (child) set(fact, "inherited", "table");
    if (row.flag(of_type)) set(fact, "inherited", "type");
    if (row.flag(not_null)) {
      bool from_above = false;
      for (const Row parent : above) from_above = from_above || parent.flag(not_null);
      set(fact, "not_null", child && from_above ? "inherited" : "yes");
    }
    if (!row.null(sequence)) set_identity(row, table, fact);
    fact.definition = column_definition(fact);
    for (const Row parent : above)
      catalog.depend(address, {in::relation, parent.oid(relation_oid), parent.number(number)});
    const FactRef column = fact.name;
    const std::string identity_text = fact.name.identity;
    catalog.add(address, std::move(fact), "COLUMN " + identity_text);
    read_default(row, table, column, child ? above : std::vector<Row>(), catalog);
  }

  static Fact column_of(const Row& row, const Fact& table) {
    Fact fact;
    fact.name = {"column", table.name.identity + '.' + quoted(row[name])};
    fact.parent = table.name;
    fact.schema = table.schema;
    fact.object = row[name];
    fact.part = true;
    set(fact, "table", table.name.identity);
    set(fact, "type", std::string(row[type]));
    set(fact, "domain", row.flag(is_domain));
    if (!row.null(collation)) set(fact, "collation", qualified(row[collation_schema], row[collation]));
    if (row.code(generated) != '\0') {
      set(fact, "generated", std::string(row[expression]));
      set(fact, "generated_virtual", row.code(generated) == 'v');
    }
    set(fact, "storage", std::string(storage_word(row.code(storage))));
    set(fact, "compression", std::string(compression_word(row.code(compression))));
    set(fact, "statistics", std::string(row[statistics]));
    set(fact, "options", std::string(row[options]));
    set(fact, "partition_key", row.flag(partition_key));
    return fact;
  }

  static void set_identity(const Row& row, const Fact& table, Fact& fact) {
    set(fact, "identity", std::string(row.code(identity) == 'a' ? "ALWAYS" : "BY DEFAULT"));
    const SequenceOptions given{std::string(row[sequence_type]),
                                std::string(row[seq_start]),
                                std::string(row[seq_increment]),
                                std::string(row[seq_min]),
                                std::string(row[seq_max]),
                                std::string(row[seq_cache]),
                                row.flag(seq_cycle)};
    set(fact, "identity_options", given.unusual(std::string(row[type])));
    if (row[sequence_schema] != *table.schema || row[sequence] != usual_sequence_name(table.object, row[name]))
      set(fact, "identity_sequence", qualified(row[sequence_schema], row[sequence]));
  }

  // A child that has none, unlike what it inherits from, has one that is NULL.
  static void read_default(const Row& row, const Fact& table, const FactRef& column, const std::vector<Row>& above,
                           Catalog& catalog) {
    const Address column_address{in::relation, row.oid(relation_oid), row.number(number)};
    const Address address{in::attrdef, row.oid(default_oid), 0};
    if (row.code(generated) != '\0') return catalog.alias(address, column_address);
    bool given_above = false, same = false;
    for (const Row parent : above) {
      given_above = given_above || !parent.null(default_oid);
      same = same || (!parent.null(default_oid) && parent[expression] == row[expression]);
    }
    if (row.null(default_oid) && !given_above) return;
    Fact fact;
    fact.name = {"default", column.identity};
    fact.parent = column;
    fact.schema = table.schema;
    fact.object = row[name];
    fact.part = true;
    fact.definition = row.null(default_oid) ? "NULL" : row[expression];
    set(fact, "table", table.name.identity);
    if (same) set(fact, "inherited", "table");
    set(fact, "sequence", counted_by(row));
    // A new type of the column needs the default to be set anew.
    fact.dependencies.push_back({column, false});
    catalog.add(row.null(default_oid) ? Address() : address, std::move(fact));
  }
};

}  // namespace

const Kind& columns() {
  static const Columns kind;
  return kind;
}

}  // namespace flux::postgres::schema
