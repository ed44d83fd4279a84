#include "random_schema.hpp"

#include <algorithm>
#include <set>

#include "random_kind.hpp"

namespace flux::testing {
namespace {

bool needs(const RandomItem& item, const std::string& key) {
  return item.on == key || std::find(item.uses.begin(), item.uses.end(), key) != item.uses.end();
}

void add_item(RandomSchema& schema, const RandomKind& kind, Dice& dice) {
  RandomItem item;
  item.kind = kind.name;
  for (const RandomTrait& trait : kind.traits)
    if (dice.one_in(trait.rarity)) item.traits[trait.name] = dice.below(trait.values);
  if (!kind.place(item, schema, dice)) return;
  for (int tries = 0; tries < 5; ++tries) {
    item.name = dice.of(*kind.names);
    if (schema.find(item.key()) == nullptr) {
      schema.items.push_back(item);
      return;
    }
  }
}

void add_some_item(RandomSchema& schema, Dice& dice) {
  static const std::vector<const RandomKind*> by_weight = [] {
    std::vector<const RandomKind*> out;
    for (const RandomKind& kind : random_kinds()) out.insert(out.end(), kind.weight, &kind);
    return out;
  }();
  add_item(schema, *dice.of(by_weight), dice);
}

void change_item(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  const RandomKind& kind = random_kind(item.kind);
  const bool is_table = item.kind == "table" || item.kind == "partition";
  if (kind.traits.empty() || (!is_table && dice.one_in(6))) {
    RandomItem moved = item;
    moved.uses.clear();
    if (kind.place(moved, schema, dice) && moved.on == item.on && moved.schema == item.schema &&
        !needs(moved, item.key()))
      item = moved;
    return;
  }
  const RandomTrait& trait = dice.of(kind.traits);
  item.traits[trait.name] = dice.below(trait.values);
}

std::string column_settings(const RandomItem& column, const RandomSchema& schema) {
  std::string out;
  const std::string alter =
      "; ALTER TABLE " + sql_name(*schema.find(column.on)) + " ALTER " + in_quotes(column.name) + " SET ";
  static const char* const storages[] = {"EXTERNAL", "MAIN", "PLAIN"};
  const bool is_long = std::string("taj").find(sort_of(column, schema)) != std::string::npos;
  if (column.trait("storage") != 0 && is_long) out += alter + "STORAGE " + storages[column.trait("storage") - 1];
  if (column.trait("statistics") != 0) out += alter + "STATISTICS 70";
  if (column.trait("compression") != 0 && is_long) out += alter + "COMPRESSION pglz";
  if (column.trait("options") != 0) out += alter + "(n_distinct = 5)";
  return out;
}

// Writes each item behind what it needs.
class Writer {
 public:
  Writer(const RandomSchema& schema, bool apart) : schema_(schema), apart_(apart) {}

  std::vector<RandomStatement> all() {
    for (const RandomItem& item : schema_.items) write(item);
    return std::move(out_);
  }

 private:
  void write(const std::string& key) {
    if (const RandomItem* item = schema_.find(key)) write(*item);
  }

  void write(const RandomItem& item) {
    if (!seen_.insert(item.key()).second) return;
    write(item.on);
    for (const std::string& key : item.uses) write(key);
    if (item.kind == "table" || item.kind == "partition") return write_table(item);
    if (item.kind == "column") return write_column(item);
    out_.push_back({item.key(), random_kind(item.kind).sql(item, schema_)});
  }

  void write_table(const RandomItem& table) {
    std::vector<std::string> lines;
    std::string settings;
    for (const RandomItem* column : schema_.on("column", table.key())) {
      if (apart_ && (!lines.empty() || table.trait("partitioned") == 0)) break;
      for (const std::string& key : column->uses) write(key);
      seen_.insert(column->key());
      lines.push_back(column_sql(*column, schema_));
      settings += column_settings(*column, schema_);
    }
    out_.push_back({table.key(), table_sql(table, schema_, lines) + settings});
  }

  // One that is computed comes behind the others, as it may be of one of them.
  void write_column(const RandomItem& column) {
    if (column.trait("generated") != 0)
      for (const RandomItem* other : schema_.on("column", column.on))
        if (other->trait("generated") == 0) write(*other);
    out_.push_back({column.key(), "ALTER TABLE " + sql_name(*schema_.find(column.on)) + " ADD COLUMN " +
                                      column_sql(column, schema_) + column_settings(column, schema_)});
  }

  const RandomSchema& schema_;
  bool apart_;
  std::set<std::string> seen_;
  std::vector<RandomStatement> out_;
};

}  // namespace

const RandomItem* RandomSchema::find(const std::string& key) const {
  const auto at = std::find_if(items.begin(), items.end(), [&](const RandomItem& item) { return item.key() == key; });
  return at == items.end() ? nullptr : &*at;
}

std::vector<const RandomItem*> RandomSchema::all(const std::string& kind) const {
  std::vector<const RandomItem*> out;
  for (const RandomItem& item : items)
    if (item.kind == kind) out.push_back(&item);
  return out;
}

std::vector<const RandomItem*> RandomSchema::on(const std::string& kind, const std::string& key) const {
  std::vector<const RandomItem*> out;
  for (const RandomItem& item : items)
    if (item.kind == kind && item.on == key) out.push_back(&item);
  return out;
}

void RandomSchema::remove(const std::string& key) {
  std::vector<std::string> gone;
  for (std::size_t i = items.size(); i-- > 0;) {
    const std::string own = items[i].key();
    if (own == key)
      items.erase(items.begin() + static_cast<std::ptrdiff_t>(i));
    else if (needs(items[i], key))
      gone.push_back(own);
  }
  for (const std::string& one : gone) remove(one);
}

RandomSchema random_schema(Dice& dice) {
  RandomSchema schema;
  for (std::size_t count = dice.below(3); count > 0; --count) add_item(schema, random_kind("schema"), dice);
  for (std::size_t count = 1 + dice.below(2); count > 0; --count) add_item(schema, random_kind("table"), dice);
  for (std::size_t count = 2 + dice.below(3); count > 0; --count) add_item(schema, random_kind("column"), dice);
  for (std::size_t count = 2 + dice.below(14); count > 0; --count) add_some_item(schema, dice);
  return schema;
}

RandomSchema mutated(RandomSchema schema, Dice& dice) {
  for (std::size_t count = 1 + dice.below(6); count > 0; --count) {
    const std::size_t what = dice.below(10);
    if (what < 3 || schema.items.empty())
      add_some_item(schema, dice);
    else if (what < 5)
      schema.remove(std::string(dice.of(schema.items).key()));
    else
      change_item(schema.items[dice.below(schema.items.size())], schema, dice);
  }
  return schema;
}

std::vector<RandomSchema> smaller(const RandomSchema& schema) {
  std::vector<RandomSchema> out;
  for (std::size_t i = schema.items.size(); i-- > 0;) {
    out.push_back(schema);
    out.back().remove(schema.items[i].key());
  }
  for (std::size_t i = 0; i < schema.items.size(); ++i)
    for (const auto& [name, value] : schema.items[i].traits) {
      if (value == 0) continue;
      out.push_back(schema);
      out.back().items[i].traits[name] = 0;
    }
  return out;
}

std::vector<RandomStatement> definitions(const RandomSchema& schema, bool apart) { return Writer(schema, apart).all(); }

std::vector<std::string> rows(const RandomSchema& schema, Dice& dice) {
  std::vector<std::string> out;
  for (const RandomItem* table : tables(schema)) {
    std::vector<const RandomItem*> filled;
    for (const RandomItem* column : columns(schema, *table))
      if (column->trait("generated") == 0 && column->trait("identity") == 0) filled.push_back(column);
    if (filled.empty() || table->kind == "partition") continue;
    for (int i = 0; i < 4; ++i) {
      std::string names, values;
      for (const RandomItem* column : filled) {
        names += (names.empty() ? "" : ", ") + in_quotes(column->name);
        values +=
            (values.empty() ? "" : ", ") + (dice.one_in(8) ? "NULL" : random_value(*column, schema, dice.below(5)));
      }
      out.push_back("INSERT INTO " + sql_name(*table) + " (" + names + ") VALUES (" + values + ')');
    }
  }
  return out;
}

}  // namespace flux::testing
