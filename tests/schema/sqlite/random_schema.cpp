#include "random_schema.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace flux::testing {
namespace {

const std::vector<std::string> table_names = {"orders", "Album", "my table", "group", "größe",
                                              "t",      "x\"y",  "it's",     "key"};
const std::vector<std::string> column_names = {"a",     "b",    "title", "price", "key",   "order", "my col", "größe",
                                               "Upper", "x\"y", "it's",  "1st",   "rowid", "Total", "row",    "is"};
const std::vector<std::string> types = {"INTEGER", "INT",     "TEXT", "VARCHAR(20)",   "REAL",
                                        "BLOB",    "NUMERIC", "",     "DECIMAL(10, 2)"};
const std::vector<std::string> strict_types = {"INTEGER", "INT", "TEXT", "REAL", "BLOB", "ANY"};
const std::vector<std::string> defaults = {"",          "",        "",   "1", "-2", "'x'", "NULL", "CURRENT_TIMESTAMP",
                                           "( 1 + 2 )", "'it''s'", "1.5"};
const std::vector<std::string> checks = {"%0 IS NOT ''", "length ( %0 ) >= 0", "%0 IS NULL OR %0 <> 'none'",
                                         "NOT ( %0 LIKE 'no%' )"};
const std::vector<std::string> pair_checks = {"%0 IS NOT '' OR %1 IS NOT ''", "coalesce ( %0 , %1 ) IS NOT 'none'"};
const std::vector<std::string> computed = {"%0 || 'x'", "coalesce ( %0 , - 1 )", "length ( %0 ) * 2"};
const std::vector<std::string> index_terms = {
    "%0", "%0", "%0 DESC", "%0 COLLATE NOCASE", "lower ( %0 )", "%0 || 'x' DESC"};
const std::vector<std::string> conditions = {"%0 IS NOT NULL", "%0 > 1 AND %0 < 100", "%0 IN ( 1 , 2 )"};
const std::vector<std::string> actions = {"", "", "ON DELETE CASCADE", "ON UPDATE SET NULL ON DELETE RESTRICT",
                                          "DEFERRABLE INITIALLY DEFERRED"};
const std::vector<std::string> object_kinds = {"index", "index", "index", "view", "view", "trigger", "full text"};

bool same_letters(const std::string& a, const std::string& b) {
  const auto lower = [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

template <class List, class Name>
std::string free_name(const std::vector<std::string>& names, const List& taken, const Name& name_of, Dice& dice) {
  std::string out = dice.of(names);
  const auto is_taken = [&](const auto& item) { return same_letters(name_of(item), out); };
  for (int i = 2; std::any_of(taken.begin(), taken.end(), is_taken); ++i) out = dice.of(names) + std::to_string(i);
  return out;
}

std::string some_column(const RandomTable& table, Dice& dice) { return dice.of(table.columns).name; }

// One that is not generated; "" where there is none.
std::string plain_column(const RandomTable& table, Dice& dice) {
  for (int i = 0; i < 5; ++i)
    if (const RandomColumn& column = dice.of(table.columns); column.generated.empty()) return column.name;
  return {};
}

void add_column(RandomTable& table, const RandomSchema& schema, Dice& dice) {
  RandomColumn column;
  column.name = free_name(
      column_names, table.columns, [](const RandomColumn& c) { return c.name; }, dice);
  column.type = dice.of(table.strict ? strict_types : types);
  if (!table.columns.empty() && dice.one_in(6)) {
    if (const std::string from = plain_column(table, dice); !from.empty()) {
      column.generated = {{dice.of(computed), {from}}};
      column.type = table.strict ? "ANY" : column.type;
      column.stored = dice.one_in(2);
    }
  }
  if (column.generated.empty() && !table.strict) column.default_value = dice.of(defaults);
  column.not_null = dice.one_in(5) && column.generated.empty() && column.default_value != "NULL" &&
                    (!column.default_value.empty() || dice.one_in(3));
  if (dice.one_in(6)) column.collation = dice.one_in(2) ? "NOCASE" : "RTRIM";
  column.unique = dice.one_in(12);
  if (dice.one_in(6)) column.check = {{dice.of(checks), {column.name}}};
  if (column.generated.empty() && dice.one_in(8) && !schema.tables.empty())
    column.references = {{{column.name}, dice.of(schema.tables).name, dice.of(actions)}};
  table.columns.insert(table.columns.begin() + static_cast<std::ptrdiff_t>(dice.below(table.columns.size() + 1)),
                       column);
}

void set_key(RandomTable& table, Dice& dice) {
  table.key.clear();
  table.key_inline = table.autoincrement = table.without_rowid = false;
  const std::string column = plain_column(table, dice);
  if (column.empty() || dice.one_in(4)) return;
  table.key = {column};
  if (dice.one_in(5))
    if (const std::string second = plain_column(table, dice); !second.empty() && second != column)
      table.key.push_back(second);
  table.key_inline = table.key.size() == 1 && dice.one_in(2);
  for (RandomColumn& c : table.columns)
    if (c.name == column && !dice.one_in(3)) c.type = "INTEGER", c.default_value.clear(), c.references.clear();
  table.without_rowid = dice.one_in(5);
  const RandomColumn* key = table.find(column);
  table.autoincrement = table.key_inline && key->type == "INTEGER" && !table.without_rowid && dice.one_in(3);
}

void add_table_constraint(RandomTable& table, const RandomSchema& schema, Dice& dice) {
  const std::string first = plain_column(table, dice), second = some_column(table, dice);
  if (first.empty() || first == second) return;
  if (dice.one_in(3))
    table.uniques.push_back({first, second});
  else if (dice.one_in(2))
    table.checks.push_back({dice.of(pair_checks), {first, second}});
  else if (!schema.tables.empty())
    table.references.push_back({{first}, dice.of(schema.tables).name, dice.of(actions)});
}

RandomTable random_table(const RandomSchema& schema, Dice& dice) {
  RandomTable table;
  table.name = free_name(
      table_names, schema.tables, [](const RandomTable& t) { return t.name; }, dice);
  table.strict = dice.one_in(6);
  for (std::size_t count = 1 + dice.below(6); count > 0; --count) add_column(table, schema, dice);
  set_key(table, dice);
  if (dice.one_in(3)) add_table_constraint(table, schema, dice);
  return table;
}

void add_object(RandomSchema& schema, Dice& dice) {
  const RandomTable& table = dice.of(schema.tables);
  RandomObject object;
  object.kind = dice.of(object_kinds);
  object.on = table.name;
  static const std::vector<std::string> names = {"i1", "v \"2\"", "my thing", "Select", "übrig", "x"};
  object.name = free_name(
      names, schema.objects, [](const RandomObject& o) { return o.name; }, dice);
  if (schema.find(object.name) != nullptr) return;
  const bool is_index = object.kind == "index";
  for (std::size_t count = 1 + dice.below(3); count > 0; --count) {
    const std::string column = some_column(table, dice);
    const auto same = [&](const RandomExpression& e) { return e.columns.front() == column; };
    if (std::any_of(object.terms.begin(), object.terms.end(), same)) continue;
    object.terms.push_back({is_index ? dice.of(index_terms) : "%0", {column}});
  }
  if (dice.one_in(4)) object.where = {{dice.of(conditions), {some_column(table, dice)}}};
  object.unique = is_index && dice.one_in(8);
  if (!is_index && dice.one_in(2)) object.other = dice.of(schema.tables).name;
  schema.objects.push_back(object);
}

template <class List, class Keep>
void keep_if(List& list, const Keep& keep) {
  list.erase(std::remove_if(list.begin(), list.end(), [&](const auto& item) { return !keep(item); }), list.end());
}

// Takes away what needs something that is not there any more.
void repair(RandomSchema& schema) {
  keep_if(schema.tables, [](const RandomTable& t) {
    return std::any_of(t.columns.begin(), t.columns.end(), [](const RandomColumn& c) { return c.generated.empty(); });
  });
  const auto all_in = [](const RandomTable& table, const std::vector<std::string>& columns) {
    return std::all_of(columns.begin(), columns.end(),
                       [&](const std::string& name) { return table.find(name) != nullptr; });
  };
  for (RandomTable& table : schema.tables) {
    for (std::size_t before = 0; before != table.columns.size();) {
      before = table.columns.size();
      keep_if(table.columns,
              [&](const RandomColumn& c) { return c.generated.empty() || all_in(table, c.generated.front().columns); });
    }
    if (all_in(table, table.key)) continue;
    table.key.clear();
    table.key_inline = table.autoincrement = table.without_rowid = false;
  }
  for (RandomTable& table : schema.tables) {
    const auto refers = [&](const RandomReference& r) {
      const RandomTable* to = schema.find(r.table);
      return all_in(table, r.columns) && to != nullptr && to->key.size() == 1;
    };
    for (RandomColumn& column : table.columns) keep_if(column.references, refers);
    keep_if(table.uniques, [&](const auto& columns) { return all_in(table, columns); });
    keep_if(table.checks, [&](const RandomExpression& e) { return all_in(table, e.columns); });
    keep_if(table.references, refers);
  }
  keep_if(schema.objects, [&](const RandomObject& object) {
    const RandomTable* table = schema.find(object.on);
    if (table == nullptr || (!object.other.empty() && schema.find(object.other) == nullptr)) return false;
    const auto known = [&](const RandomExpression& e) { return table->find(e.columns.front()) != nullptr; };
    return std::all_of(object.terms.begin(), object.terms.end(), known) &&
           std::all_of(object.where.begin(), object.where.end(), known);
  });
}

void mutate_column(RandomTable& table, RandomColumn& column, Dice& dice) {
  const bool in_key = std::find(table.key.begin(), table.key.end(), column.name) != table.key.end();
  switch (dice.below(6)) {
    case 0:
      if (!in_key) column.type = dice.of(table.strict ? strict_types : types);
      break;
    case 1:
      if (!in_key && !table.strict && column.generated.empty()) column.default_value = dice.of(defaults);
      break;
    case 2:
      column.not_null = !column.not_null && column.generated.empty();
      break;
    case 3:
      column.unique = !column.unique;
      break;
    case 4:
      column.collation = column.collation.empty() ? "NOCASE" : "";
      break;
    default:
      if (column.check.empty())
        column.check = {{dice.of(checks), {column.name}}};
      else
        column.check.clear();
  }
}

void mutate_table(RandomSchema& schema, RandomTable& table, Dice& dice) {
  switch (dice.below(9)) {
    case 0:
    case 1:
      add_column(table, schema, dice);
      break;
    case 2:
    case 3:
      table.columns.erase(table.columns.begin() + static_cast<std::ptrdiff_t>(dice.below(table.columns.size())));
      break;
    case 4:
    case 5:
      mutate_column(table, table.columns[dice.below(table.columns.size())], dice);
      break;
    case 6:
      add_table_constraint(table, schema, dice);
      break;
    case 7:
      table.checks.clear();
      table.uniques.clear();
      break;
    default:
      set_key(table, dice);
  }
}

}  // namespace

const RandomColumn* RandomTable::find(const std::string& column) const {
  const auto at = std::find_if(columns.begin(), columns.end(), [&](const RandomColumn& c) { return c.name == column; });
  return at == columns.end() ? nullptr : &*at;
}

const RandomTable* RandomSchema::find(const std::string& table) const {
  const auto at = std::find_if(tables.begin(), tables.end(), [&](const RandomTable& t) { return t.name == table; });
  return at == tables.end() ? nullptr : &*at;
}

RandomSchema random_schema(Dice& dice) {
  RandomSchema schema;
  for (std::size_t count = 1 + dice.below(4); count > 0; --count) schema.tables.push_back(random_table(schema, dice));
  for (std::size_t count = dice.below(5); count > 0; --count) add_object(schema, dice);
  repair(schema);
  return schema;
}

RandomSchema mutated(RandomSchema schema, Dice& dice) {
  for (std::size_t count = 1 + dice.below(4); count > 0; --count) {
    const std::size_t what = dice.below(12);
    if (schema.tables.empty() || what == 0)
      schema.tables.push_back(random_table(schema, dice));
    else if (what == 1)
      schema.tables.erase(schema.tables.begin() + static_cast<std::ptrdiff_t>(dice.below(schema.tables.size())));
    else if (what < 4)
      add_object(schema, dice);
    else if (what == 4 && !schema.objects.empty())
      schema.objects.erase(schema.objects.begin() + static_cast<std::ptrdiff_t>(dice.below(schema.objects.size())));
    else
      mutate_table(schema, schema.tables[dice.below(schema.tables.size())], dice);
    repair(schema);
  }
  return schema;
}

std::vector<RandomSchema> smaller(const RandomSchema& schema) {
  std::vector<RandomSchema> out;
  const auto add = [&](const std::function<void(RandomSchema&)>& change) {
    RandomSchema less = schema;
    change(less);
    repair(less);
    out.push_back(std::move(less));
  };
  for (std::size_t i = 0; i < schema.objects.size(); ++i)
    add([&](RandomSchema& s) { s.objects.erase(s.objects.begin() + static_cast<std::ptrdiff_t>(i)); });
  for (std::size_t t = 0; t < schema.tables.size(); ++t) {
    add([&](RandomSchema& s) { s.tables.erase(s.tables.begin() + static_cast<std::ptrdiff_t>(t)); });
    add([&](RandomSchema& s) {
      s.tables[t].checks.clear(), s.tables[t].uniques.clear(), s.tables[t].references.clear();
    });
    for (std::size_t c = 0; c < schema.tables[t].columns.size(); ++c) {
      add([&](RandomSchema& s) {
        s.tables[t].columns.erase(s.tables[t].columns.begin() + static_cast<std::ptrdiff_t>(c));
      });
      add([&](RandomSchema& s) {
        RandomColumn& column = s.tables[t].columns[c];
        column.check.clear(), column.references.clear(), column.default_value.clear(), column.collation.clear();
        column.unique = false;
      });
    }
  }
  return out;
}

}  // namespace flux::testing
