#include <algorithm>

#include "random_kind.hpp"

namespace flux::testing {
namespace {

using Items = std::vector<const RandomItem*>;
using Words = std::vector<std::string>;

const Words relation_names = {"t", "orders", "Order", "my table", "größe", "select", "x\"y", "it's"};
const Words column_names = {"a",   "b",    "c",    "k",    "Upper", "my col", "group",
                            "1st", "x\"y", "it's", "user", "größe", "value"};
const Words object_names = {
    "x", "my thing", "Check", "all", "ü", "o_1", "a_name_that_is_as_long_as_a_name_can_be_in_this_database_012345"};
const Words type_names = {"mood", "My Type", "user", "kind"};
const Words function_names = {"f", "g", "My Func", "default"};
const Words collation_names = {"coll", "My Coll"};
const Words one_name = {"it"};
const Words roles = {"flux_reader", "\"Flux Writer\"", "PUBLIC", "flux_owner"};

std::string of(const Words& words, std::size_t which) { return words[which % words.size()]; }
std::string if_set(const RandomItem& item, const char* trait, const std::string& text) {
  return item.trait(trait) != 0 ? text : "";
}
// The words of a trait; "" for 0.
std::string say(const RandomItem& item, const char* trait, const Words& words) {
  return item.trait(trait) == 0 ? "" : of(words, item.trait(trait) - 1);
}

const RandomItem& parent(const RandomItem& item, const RandomSchema& schema) { return *schema.find(item.on); }

Items used(const RandomItem& item, const RandomSchema& schema, const std::string& kind) {
  Items out;
  for (const std::string& key : item.uses)
    if (const RandomItem* one = schema.find(key); one != nullptr && one->kind == kind) out.push_back(one);
  return out;
}

const RandomItem* used_table(const RandomItem& item, const RandomSchema& schema) {
  for (const std::string& key : item.uses)
    for (const RandomItem* table : relations(schema))
      if (table->key() == key) return table;
  return nullptr;
}

std::string list(const Items& items) {
  std::string out;
  for (const RandomItem* item : items) out += (out.empty() ? "" : ", ") + in_quotes(item->name);
  return out;
}

template <class List>
bool choose(std::string& into, const List& list, Dice& dice) {
  if (list.empty()) return false;
  into = dice.of(list)->key();
  return true;
}

// Adds some of these to what it uses.
void use_some(RandomItem& item, Items from, std::size_t most, Dice& dice) {
  for (std::size_t count = 1 + dice.below(most); count > 0 && !from.empty(); --count) {
    const std::size_t at = dice.below(from.size());
    item.uses.push_back(from[at]->key());
    from.erase(from.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

bool on_table(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  if (!choose(item.on, tables(schema), dice)) return false;
  item.schema = parent(item, schema).schema;
  return true;
}

bool on_columns(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  if (!on_table(item, schema, dice)) return false;
  use_some(item, columns(schema, parent(item, schema)), 2, dice);
  return !item.uses.empty();
}

bool in_schema(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  const Items schemas = schema.all("schema");
  item.schema = schemas.empty() || dice.one_in(2) ? "public" : dice.of(schemas)->name;
  if (item.schema != "public") item.uses.push_back("schema ." + item.schema);
  return true;
}

bool place_column(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  Items own;
  for (const RandomItem* table : tables(schema))
    if (table->kind == "table" && used_table(*table, schema) == nullptr) own.push_back(table);
  if (!choose(item.on, own, dice)) return false;
  item.schema = parent(item, schema).schema;
  if (!dice.one_in(3)) return true;
  Items types;
  for (const char* kind : {"enum", "enum", "domain", "domain", "composite", "range"})
    for (const RandomItem* type : schema.all(kind)) types.push_back(type);
  if (!types.empty()) item.uses.push_back(dice.of(types)->key());
  return true;
}

bool place_foreign_key(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  Items keys = schema.all("unique");
  for (const RandomItem* key : schema.all("primary key")) keys.push_back(key);
  if (keys.empty() || !on_table(item, schema, dice)) return false;
  const RandomItem* key = dice.of(keys);
  for (const RandomItem* target : used(*key, schema, "column")) {
    Items fitting;
    for (const RandomItem* column : columns(schema, parent(item, schema)))
      if (sql_type(*column, schema) == sql_type(*target, schema)) fitting.push_back(column);
    if (fitting.empty()) return false;
    item.uses.push_back(dice.of(fitting)->key());
  }
  item.uses.push_back(key->key());
  return true;
}

std::string foreign_key_sql(const RandomItem& item, const RandomSchema& schema) {
  Items keys = used(item, schema, "unique");
  for (const RandomItem* key : used(item, schema, "primary key")) keys.push_back(key);
  const RandomItem& key = *keys.front();
  return "FOREIGN KEY (" + list(used(item, schema, "column")) + ") REFERENCES " + sql_name(parent(key, schema)) + " (" +
         list(used(key, schema, "column")) + ')' + say(item, "match", {" MATCH FULL"}) +
         say(item, "update", {" ON UPDATE CASCADE", " ON UPDATE SET NULL"}) +
         say(item, "delete",
             {" ON DELETE CASCADE", " ON DELETE SET NULL", " ON DELETE RESTRICT", " ON DELETE SET DEFAULT"}) +
         say(item, "defer", {" DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"}) + say(item, "valid", {" NOT VALID"});
}

std::string condition(const RandomItem& item, const RandomSchema& schema) {
  const Items all = used(item, schema, "column"), functions = used(item, schema, "function");
  const std::size_t which = item.trait("what");
  if (!functions.empty()) return random_call(*functions.front(), in_quotes(all.front()->name)) + " IS NOT NULL";
  std::string out = random_condition(*all.front(), schema, which);
  if (all.size() > 1) out += (which % 2 == 0 ? " OR " : " AND ") + random_condition(*all.back(), schema, which / 2);
  return out;
}

// Of columns, and of a function where there is one.
bool on_columns_and_function(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  if (!on_columns(item, schema, dice)) return false;
  if (const Items functions = schema.all("function"); !functions.empty() && dice.one_in(3))
    item.uses.push_back(dice.of(functions)->key());
  return true;
}

std::string constraint(const RandomItem& item, const RandomSchema& schema, const std::string& what) {
  return "ALTER TABLE " + sql_name(parent(item, schema)) + " ADD CONSTRAINT " + in_quotes(item.name) + ' ' + what;
}

std::string key_sql(const RandomItem& item, const RandomSchema& schema, const std::string& word) {
  Items all = used(item, schema, "column");
  std::string include;
  if (item.trait("include") != 0 && all.size() > 1) {
    include = " INCLUDE (" + in_quotes(all.back()->name) + ')';
    all.pop_back();
  }
  return constraint(item, schema,
                    word + if_set(item, "nulls", " NULLS NOT DISTINCT") + " (" + list(all) + ')' + include +
                        say(item, "options", {" WITH (fillfactor='70')"}) +
                        say(item, "defer", {" DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"}));
}

std::string index_sql(const RandomItem& item, const RandomSchema& schema) {
  static const Words methods = {"", " USING hash", " USING gin", " USING gist", " USING brin"};
  std::string terms;
  const Items all = used(item, schema, "column"), functions = used(item, schema, "function");
  for (const RandomItem* column : all) {
    if (column == all.back() && item.trait("include") != 0 && all.size() > 1) continue;
    std::string term = in_quotes(column->name);
    if (column == all.front() && item.trait("term") != 0) term = random_term(*column, schema, item.trait("term") - 1);
    if (column == all.front() && !functions.empty()) term = random_call(*functions.front(), term);
    const bool is_text = sort_of(*column, schema) == 't';
    terms += (terms.empty() ? "" : ", ") + term + (is_text ? say(item, "collate", {" COLLATE \"C\""}) : "") +
             (is_text ? say(item, "opclass", {" text_pattern_ops"}) : "") +
             say(item, "order", {" DESC", " NULLS FIRST", " DESC NULLS LAST"});
  }
  std::string include;
  if (item.trait("include") != 0 && all.size() > 1) include = " INCLUDE (" + in_quotes(all.back()->name) + ')';
  return std::string("CREATE ") + if_set(item, "unique", "UNIQUE ") + "INDEX " + in_quotes(item.name) + " ON " +
         sql_name(parent(item, schema)) + of(methods, item.trait("method")) + " (" + terms + ')' + include +
         if_set(item, "nulls", " NULLS NOT DISTINCT") + say(item, "options", {" WITH (fillfactor = 60)"}) +
         (item.trait("where") != 0 ? " WHERE " + random_condition(*all.back(), schema, item.trait("where") - 1) : "");
}

bool place_relation_index(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  return on_columns_and_function(item, schema, dice);
}

bool place_view(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  const Items sources = relations(schema);
  if (sources.empty()) return false;
  in_schema(item, schema, dice);
  const RandomItem* source = dice.of(sources);
  item.uses.push_back(source->key());
  use_some(item, columns(schema, *source), 3, dice);
  if (dice.one_in(3)) item.uses.push_back(dice.of(sources)->key());
  if (const Items functions = schema.all("function"); !functions.empty() && dice.one_in(5))
    item.uses.push_back(dice.of(functions)->key());
  return true;
}

std::string view_query(const RandomItem& item, const RandomSchema& schema) {
  Items sources;
  for (const std::string& key : item.uses)
    for (const RandomItem* one : relations(schema))
      if (one->key() == key) sources.push_back(one);
  const Items all = used(item, schema, "column"), functions = used(item, schema, "function");
  const std::string from = sql_name(*sources.front());
  if (all.empty()) return "SELECT * FROM " + from + if_set(item, "where", " WHERE true");
  const std::string first = in_quotes(all.front()->name), names = list(all);
  const std::string call = functions.empty() ? "" : ", " + random_call(*functions.front(), "1") + " AS called";
  const std::string where =
      item.trait("where") == 0 ? "" : " WHERE " + random_condition(*all.back(), schema, item.trait("where") - 1);
  switch (item.trait("shape")) {
    case 1:
      return "SELECT " + first + ", count(*) AS n, max(" + first + "::text) AS most FROM " + from + where +
             " GROUP BY " + first + " HAVING count(*) > 0";
    case 2:
      return "SELECT q.*, row_number() OVER (ORDER BY q." + first + "::text) AS place FROM (SELECT " + names +
             " FROM " + from + where + ") q";
    case 3:
      return "WITH q AS (SELECT " + names + " FROM " + from + ") SELECT * FROM q UNION ALL SELECT * FROM q" +
             call.substr(0, 0);
    case 4:
      return "SELECT x AS whole, x." + first + " FROM " + from + " x" + where;
    case 5:
      return "SELECT " + names + ", " + random_term(*all.front(), schema, 0) + " AS term FROM " + from + where;
    case 6:
      return "SELECT * FROM " + from + " AS one JOIN " + from + " AS other USING (" + first + ")";
    case 7:
      return "SELECT DISTINCT " + names + " FROM " + from + where + " ORDER BY 1 LIMIT 5";
    default:
      break;
  }
  if (sources.size() > 1 && sources.back() != sources.front())
    return "SELECT one." + first + call + ", EXISTS (SELECT FROM " + sql_name(*sources.back()) + ") AS any FROM " +
           from + " one LEFT JOIN " + sql_name(*sources.back()) + " other ON true" +
           (where.empty() ? "" : " WHERE one." + first + " IS NOT NULL");
  return "SELECT " + names + call + " FROM " + from + where;
}

const Words argument_lists = {"",
                              "integer",
                              "a integer, b integer DEFAULT 2",
                              "text",
                              "VARIADIC v integer[]",
                              "OUT one integer, INOUT two integer"};

std::string arguments(const RandomItem& function) { return of(argument_lists, function.trait("arguments")); }

bool place_function(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  in_schema(item, schema, dice);
  if (const Items all = relations(schema); !all.empty() && dice.one_in(3)) {
    item.uses.push_back(dice.of(all)->key());
    if (dice.one_in(2)) use_some(item, columns(schema, *schema.find(item.uses.back())), 1, dice);
  } else if (const Items others = schema.all("function"); !others.empty() && dice.one_in(4)) {
    item.uses.push_back(dice.of(others)->key());
  }
  return true;
}

std::string function_sql(const RandomItem& item, const RandomSchema& schema) {
  static const Words results = {"integer", "text", "bigint"}, constants = {"1", "2", "40 + 2"};
  const RandomItem* table = used_table(item, schema);
  const Items all = used(item, schema, "column"), functions = used(item, schema, "function");
  const bool outputs = item.trait("arguments") == 5;
  const std::string type =
      table != nullptr && item.trait("row") == 1 ? "SETOF " + sql_name(*table) : of(results, item.trait("result"));
  std::string value = of(constants, item.trait("body"));
  if (!functions.empty()) value = random_call(*functions.front(), "1");
  if (table != nullptr)
    value = "(SELECT count(" + (all.empty() ? "*" : in_quotes(all.front()->name)) + ") FROM " + sql_name(*table) + ')';
  value = "(" + value + ")::" + of(results, item.trait("result"));
  if (type[0] == 'S') value = "* FROM " + sql_name(*table);
  if (outputs) value = "1, 2";
  std::string sql =
      "CREATE FUNCTION " + sql_name(item) + '(' + arguments(item) + ')' + (outputs ? "" : " RETURNS " + type);
  const bool plpgsql = item.trait("language") == 1 && type[0] != 'S' && !outputs;
  sql += plpgsql ? " LANGUAGE plpgsql" : " LANGUAGE sql";
  sql += say(item, "volatility", {" IMMUTABLE", " STABLE"}) + if_set(item, "strict", " STRICT") +
         if_set(item, "definer", " SECURITY DEFINER") + say(item, "parallel", {" PARALLEL SAFE"}) +
         say(item, "cost", {" COST 7"}) + if_set(item, "set", " SET search_path TO 'pg_catalog', \"My Schema\"");
  if (plpgsql) return sql + " AS $body$ BEGIN\n  RETURN " + value + ";\nEND $body$";
  if (item.trait("language") == 2) return sql + " BEGIN ATOMIC SELECT " + value + "; END";
  return sql + " AS $$SELECT " + value + "$$";
}

std::string trigger_function_sql(const RandomItem& item, const RandomSchema&) {
  static const Words bodies = {"RETURN NEW", "RETURN coalesce(NEW, OLD)", "PERFORM 1; RETURN NEW"};
  return "CREATE FUNCTION " + sql_name(item) + "() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN " +
         of(bodies, item.trait("body")) + "; END$$";
}

bool place_trigger(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  const Items functions = schema.all("trigger function");
  if (functions.empty() || !choose(item.on, relations(schema), dice)) return false;
  item.schema = parent(item, schema).schema;
  item.uses.push_back(dice.of(functions)->key());
  use_some(item, columns(schema, parent(item, schema)), 1, dice);
  return true;
}

std::string trigger_sql(const RandomItem& item, const RandomSchema& schema) {
  const RandomItem& table = parent(item, schema);
  const Items all = used(item, schema, "column");
  const bool of_view = table.kind == "view", constraint = item.trait("constraint") != 0 && !of_view;
  static const Words events = {"INSERT", "UPDATE", "INSERT OR UPDATE", "DELETE", "UPDATE OR DELETE"};
  std::string event = of(events, item.trait("event"));
  if (!all.empty() && item.trait("of") != 0)
    if (const std::size_t at = event.find("UPDATE"); at != std::string::npos)
      event.insert(at + 6, " OF " + in_quotes(all.front()->name));
  const std::string timing = of_view                    ? "INSTEAD OF"
                             : constraint               ? "AFTER"
                             : item.trait("after") != 0 ? "AFTER"
                                                        : "BEFORE";
  const bool statement = item.trait("statement") != 0 && !of_view && !constraint;
  std::string sql = std::string("CREATE ") + (constraint ? "CONSTRAINT " : "") + "TRIGGER " + in_quotes(item.name) +
                    ' ' + timing + ' ' + event + " ON " + sql_name(table);
  if (constraint) sql += say(item, "defer", {" DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"});
  if (statement && item.trait("transition") != 0 && timing == "AFTER" && event == "INSERT")
    sql += " REFERENCING NEW TABLE AS new_rows";
  sql += statement ? " FOR EACH STATEMENT" : " FOR EACH ROW";
  if (!statement && !of_view && item.trait("when") != 0 && !all.empty() && event.find("DELETE") == std::string::npos)
    sql += " WHEN (NEW." + in_quotes(all.front()->name) + " IS NOT NULL)";
  sql += " EXECUTE FUNCTION " + sql_name(*used(item, schema, "trigger function").front()) + "(" +
         say(item, "argument", {"'it''s'"}) + ")";
  if (item.trait("enabled") != 0)
    sql += "; ALTER TABLE " + sql_name(table) +
           say(item, "enabled", {" DISABLE", " ENABLE ALWAYS", " ENABLE REPLICA"}) + " TRIGGER " + in_quotes(item.name);
  return sql;
}

std::string policy_sql(const RandomItem& item, const RandomSchema& schema) {
  const std::size_t command = item.trait("command");
  std::string sql = "CREATE POLICY " + in_quotes(item.name) + " ON " + sql_name(parent(item, schema)) +
                    if_set(item, "restrictive", " AS RESTRICTIVE") +
                    say(item, "command", {" FOR SELECT", " FOR INSERT", " FOR UPDATE", " FOR DELETE"}) +
                    say(item, "role", {" TO flux_reader", " TO \"Flux Writer\", flux_owner"});
  if (command != 2) sql += " USING (" + condition(item, schema) + ')';
  if (command == 2 || (item.trait("check") != 0 && command != 1 && command != 4))
    sql += " WITH CHECK (" + condition(item, schema) + ')';
  return sql;
}

bool place_rule(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  if (!choose(item.on, relations(schema), dice)) return false;
  item.schema = parent(item, schema).schema;
  if (dice.one_in(2)) item.uses.push_back(dice.of(relations(schema))->key());
  use_some(item, columns(schema, parent(item, schema)), 1, dice);
  return true;
}

std::string rule_sql(const RandomItem& item, const RandomSchema& schema) {
  const RandomItem& table = parent(item, schema);
  const RandomItem* other = used_table(item, schema);
  static const Words events = {"INSERT", "UPDATE", "DELETE"};
  std::string action = "NOTHING";
  if (other != nullptr)
    action = item.trait("action") == 0 ? "DELETE FROM " + sql_name(*other) + " WHERE false"
                                       : "(SELECT * FROM " + sql_name(*other) + "; NOTIFY something)";
  std::string sql =
      "CREATE RULE " + in_quotes(item.name) + " AS ON " + of(events, item.trait("event")) + " TO " + sql_name(table);
  const Items all = used(item, schema, "column");
  if (item.trait("where") != 0 && !all.empty())
    sql += std::string(" WHERE ") + (item.trait("event") == 2 ? "old." : "new.") + in_quotes(all.front()->name) +
           " IS NULL";
  sql += std::string(" DO ") + if_set(item, "instead", "INSTEAD ") + action;
  if (item.trait("enabled") != 0) sql += "; ALTER TABLE " + sql_name(table) + " DISABLE RULE " + in_quotes(item.name);
  return sql;
}

bool place_about(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  Items all;
  for (const RandomItem& one : schema.items)
    if (!sql_target(one, schema).empty()) all.push_back(&one);
  return choose(item.on, all, dice);
}

std::string grant_sql(const RandomItem& item, const RandomSchema& schema) {
  const RandomItem& about = parent(item, schema);
  const std::string target = sql_target(about, schema);
  static const std::map<std::string, Words> privileges = {{"table", {"SELECT", "INSERT, UPDATE", "ALL"}},
                                                          {"partition", {"SELECT", "DELETE"}},
                                                          {"view", {"SELECT", "ALL"}},
                                                          {"materialized view", {"SELECT"}},
                                                          {"sequence", {"USAGE", "SELECT, UPDATE"}},
                                                          {"function", {"EXECUTE"}},
                                                          {"trigger function", {"EXECUTE"}},
                                                          {"schema", {"USAGE", "CREATE", "ALL"}},
                                                          {"enum", {"USAGE"}},
                                                          {"domain", {"USAGE"}},
                                                          {"composite", {"USAGE"}},
                                                          {"range", {"USAGE"}}};
  const bool is_column = about.kind == "column";
  const auto known = privileges.find(about.kind);
  if (!is_column && known == privileges.end()) return "";
  // What is taken from the table is taken from its columns, too: that is not gone both ways.
  const std::string role = is_column ? "flux_columns" : of(roles, item.trait("role"));
  std::string what = is_column ? "SELECT (" + in_quotes(about.name) + ")" : of(known->second, item.trait("privilege"));
  std::string on = is_column ? "TABLE " + sql_name(parent(about, schema)) : target;
  if (about.kind == "domain") on = "DOMAIN " + sql_name(about);
  if (about.kind == "view" || about.kind == "materialized view") on = "TABLE " + sql_name(about);
  if (item.trait("revoke") != 0)
    return "REVOKE " + what + " ON " + on + " FROM " + of({"PUBLIC", "postgres"}, item.trait("revoke") - 1);
  return "GRANT " + what + " ON " + on + " TO " + role +
         (item.trait("option") != 0 && role != "PUBLIC" ? " WITH GRANT OPTION" : "");
}

bool place_ownership(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  const Items all = schema.all("column");
  if (all.empty() || !choose(item.on, schema.all("sequence"), dice)) return false;
  item.uses.push_back(dice.of(all)->key());
  return true;
}

std::string column_target(const RandomItem& column, const RandomSchema& schema) {
  return sql_name(parent(column, schema)) + '.' + in_quotes(column.name);
}

std::string sequence_sql(const RandomItem& item, const RandomSchema&) {
  return "CREATE " + if_set(item, "unlogged", "UNLOGGED ") + "SEQUENCE " + sql_name(item) +
         say(item, "type", {" AS integer", " AS smallint"}) +
         say(item, "increment", {" INCREMENT BY 5", " INCREMENT BY -1"}) + say(item, "min", {" MINVALUE -10"}) +
         say(item, "max", {" MAXVALUE 1000"}) +
         say(item, "start", {item.trait("increment") == 2 ? " START WITH -3" : " START WITH 7"}) +
         say(item, "cache", {" CACHE 20"}) + if_set(item, "cycle", " CYCLE");
}

bool place_default(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  Items makers = schema.all("sequence");
  for (const RandomItem* function : schema.all("function")) makers.push_back(function);
  Items fitting;
  for (const RandomItem* column : schema.all("column"))
    if (sort_of(*column, schema) == 'n' || sort_of(*column, schema) == 't') fitting.push_back(column);
  if (makers.empty() || !choose(item.on, fitting, dice)) return false;
  item.uses.push_back(dice.of(makers)->key());
  return true;
}

std::string default_sql(const RandomItem& item, const RandomSchema& schema) {
  const RandomItem &column = parent(item, schema), &table = parent(column, schema),
                   &maker = *schema.find(item.uses.front());
  std::string value = maker.kind == "sequence" ? "nextval('" : random_call(maker, "1");
  if (maker.kind == "sequence") {
    for (const char c : sql_name(maker)) value += c == '\'' ? std::string("''") : std::string(1, c);
    value += "')";
  }
  return "ALTER TABLE " + sql_name(table) + " ALTER COLUMN " + in_quotes(column.name) + " SET DEFAULT " + value;
}

bool place_partition(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  Items parents;
  for (const RandomItem* table : tables(schema))
    if (table->trait("partitioned") != 0) parents.push_back(table);
  if (parents.empty()) return false;
  in_schema(item, schema, dice);
  item.uses.push_back(dice.of(parents)->key());
  return true;
}

bool place_table(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  in_schema(item, schema, dice);
  if (!dice.one_in(8)) return true;
  Items plain;
  for (const RandomItem* table : schema.all("table"))
    if (table->trait("partitioned") == 0) plain.push_back(table);
  if (!plain.empty() && item.trait("partitioned") == 0) item.uses.push_back(dice.of(plain)->key());
  return true;
}

std::string statistics_sql(const RandomItem& item, const RandomSchema& schema) {
  const Items all = used(item, schema, "column");
  std::string what = list(all);
  if (all.size() == 1 || item.trait("term") != 0)
    what = random_term(*all.front(), schema, 0) + (all.size() > 1 ? ", " + in_quotes(all.back()->name) : "");
  std::string sql = "CREATE STATISTICS " + sql_name(item) +
                    (all.size() > 1 ? say(item, "kinds", {" (ndistinct)", " (dependencies, mcv)"}) : "") + " ON " +
                    what + " FROM " + sql_name(parent(item, schema));
  if (item.trait("target") != 0) sql += "; ALTER STATISTICS " + sql_name(item) + " SET STATISTICS 50";
  return sql;
}

std::string composite_sql(const RandomItem& item, const RandomSchema& schema) {
  const std::vector<Words> attributes = {{"x integer", "y text"},
                                         {"x integer"},
                                         {"x bigint", "y text", "\"Z z\" date"},
                                         {"y text", "x integer"},
                                         {"x text", "\"select\" integer[]"}};
  std::string out;
  for (const std::string& attribute : attributes[item.trait("attributes") % attributes.size()])
    out += (out.empty() ? "" : ", ") + attribute;
  if (const Items types = used(item, schema, "enum"); !types.empty()) out += ", m " + sql_name(*types.front());
  return "CREATE TYPE " + sql_name(item) + " AS (" + out + ')';
}

std::string domain_sql(const RandomItem& item, const RandomSchema& schema) {
  RandomItem value = item;
  value.name = "VALUE";
  std::string check;
  if (item.trait("check") != 0) {
    check = random_condition(value, schema, item.trait("check") - 1);
    for (std::size_t at = 0; (at = check.find("\"VALUE\"", at)) != std::string::npos;) check.replace(at, 7, "VALUE");
    check = " CONSTRAINT " + in_quotes(of(object_names, item.trait("check"))) + " CHECK (" + check + ')';
  }
  return "CREATE DOMAIN " + sql_name(item) + " AS " + sql_type(item, schema) +
         (sort_of(item, schema) == 't' ? say(item, "collate", {" COLLATE \"C\""}) : "") +
         (item.trait("default") != 0 ? " DEFAULT " + random_value(item, schema, item.trait("default")) : "") +
         if_set(item, "not_null", " NOT NULL") + check;
}

bool place_typed(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  in_schema(item, schema, dice);
  item.uses.clear();
  if (item.schema != "public") item.uses.push_back("schema ." + item.schema);
  if (const Items enums = schema.all("enum"); !enums.empty() && item.kind == "composite" && dice.one_in(3))
    item.uses.push_back(dice.of(enums)->key());
  return true;
}

std::string enum_sql(const RandomItem& item, const RandomSchema&) {
  static const Words labels = {"'a', 'b'",           "'a', 'b', 'c'", "'b', 'a'",
                               "'a', 'x', 'b', 'c'", "'z', 'a', 'b'", "'a', 'b', 'it''s', 'B c'"};
  return "CREATE TYPE " + sql_name(item) + " AS ENUM (" + of(labels, item.trait("labels")) + ')';
}

std::string publication_sql(const RandomItem& item, const RandomSchema& schema) {
  return "CREATE PUBLICATION " + in_quotes(item.name) + " FOR TABLE " + sql_name(*used_table(item, schema)) +
         say(item, "with", {" WITH (publish = 'insert')", " WITH (publish_via_partition_root = true)"});
}

std::string mark_sql(const RandomItem& item, const RandomSchema& schema) {
  const Items indexes = used(item, schema, "index");
  const std::string index =
      indexes.empty() ? in_quotes(schema.find(item.uses.front())->name) : in_quotes(indexes.front()->name);
  return "ALTER TABLE " + sql_name(parent(item, schema)) +
         (item.trait("replica") != 0 ? " REPLICA IDENTITY USING INDEX " : " CLUSTER ON ") + index;
}

bool place_mark(RandomItem& item, const RandomSchema& schema, Dice& dice) {
  Items all = schema.all("index");
  for (const char* kind : {"unique", "primary key"})
    for (const RandomItem* key : schema.all(kind)) all.push_back(key);
  if (all.empty()) return false;
  const RandomItem* index = dice.of(all);
  item.on = index->on;
  item.uses.push_back(index->key());
  return true;
}

std::vector<RandomKind> all_kinds() {
  const auto schema_sql = [](const RandomItem& i, const RandomSchema&) { return "CREATE SCHEMA " + in_quotes(i.name); };
  const auto nowhere = [](RandomItem&, const RandomSchema&, Dice&) { return true; };
  static const Words schema_names = {"app", "My Schema"};
  return {
      {"schema", 3, &schema_names, {}, nowhere, schema_sql},
      {"collation",
       1,
       &collation_names,
       {{"what", 2, 2}},
       in_schema,
       [](const RandomItem& i, const RandomSchema&) {
         return "CREATE COLLATION " + sql_name(i) + " (locale = " + of({"'C'", "'POSIX'"}, i.trait("what")) + ')';
       }},
      {"enum", 4, &type_names, {{"labels", 6, 2}}, place_typed, enum_sql},
      {"domain",
       4,
       &type_names,
       {{"type", 20, 1}, {"check", 5, 2}, {"default", 3, 3}, {"not_null", 2, 6}, {"collate", 2, 4}},
       place_typed,
       domain_sql},
      {"composite", 2, &type_names, {{"attributes", 5, 1}}, place_typed, composite_sql},
      {"range",
       1,
       &type_names,
       {{"subtype", 3, 2}, {"multirange", 2, 3}},
       place_typed,
       [](const RandomItem& i, const RandomSchema&) {
         return "CREATE TYPE " + sql_name(i) +
                " AS RANGE (SUBTYPE = " + of({"integer", "numeric", "date"}, i.trait("subtype")) +
                if_set(i, "multirange", ", MULTIRANGE_TYPE_NAME = \"Many\"") + ')';
       }},
      {"sequence",
       3,
       &relation_names,
       {{"type", 3, 3},
        {"increment", 3, 3},
        {"min", 2, 4},
        {"max", 2, 4},
        {"start", 2, 4},
        {"cache", 2, 4},
        {"cycle", 2, 4},
        {"unlogged", 2, 9}},
       in_schema,
       sequence_sql},
      {"table",
       9,
       &relation_names,
       {{"partitioned", 4, 8}, {"unlogged", 2, 9}, {"options", 3, 6}, {"rls", 4, 8}, {"replica", 3, 9}},
       place_table,
       nullptr},
      {"partition", 6, &relation_names, {{"bound", 6, 2}, {"partitioned", 4, 8}}, place_partition, nullptr},
      {"column",
       26,
       &column_names,
       {{"type", 36, 1},
        {"array", 2, 8},
        {"default", 5, 3},
        {"not_null", 2, 4},
        {"identity", 4, 9},
        {"generated", 7, 9},
        {"collate", 3, 7},
        {"storage", 4, 9},
        {"statistics", 2, 12},
        {"compression", 2, 12},
        {"options", 2, 16}},
       place_column,
       nullptr},
      {"default", 4, &one_name, {}, place_default, default_sql},
      {"ownership",
       3,
       &one_name,
       {},
       place_ownership,
       [](const RandomItem& i, const RandomSchema& s) -> std::string {
         const RandomItem& column = *used(i, s, "column").front();
         // It would become unlogged with its table.
         if (parent(column, s).trait("unlogged") != 0) return "";
         return "ALTER SEQUENCE " + sql_name(parent(i, s)) + " OWNED BY " + column_target(column, s);
       }},
      {"primary key",
       6,
       &object_names,
       {{"include", 2, 6}, {"defer", 3, 8}, {"options", 2, 9}},
       on_columns,
       [](const RandomItem& i, const RandomSchema& s) { return key_sql(i, s, "PRIMARY KEY"); }},
      {"unique",
       5,
       &object_names,
       {{"include", 2, 5}, {"defer", 3, 6}, {"nulls", 2, 5}, {"options", 2, 9}},
       on_columns,
       [](const RandomItem& i, const RandomSchema& s) { return key_sql(i, s, "UNIQUE"); }},
      {"check",
       6,
       &object_names,
       {{"what", 10, 1}, {"valid", 2, 5}, {"inherit", 2, 8}},
       on_columns_and_function,
       [](const RandomItem& i, const RandomSchema& s) {
         return constraint(i, s,
                           "CHECK (" + condition(i, s) + ')' + if_set(i, "inherit", " NO INHERIT") +
                               if_set(i, "valid", " NOT VALID"));
       }},
      {"exclusion",
       2,
       &object_names,
       {{"gist", 2, 2}, {"where", 3, 3}},
       on_columns,
       [](const RandomItem& i, const RandomSchema& s) {
         const RandomItem& column = *used(i, s, "column").front();
         return constraint(
             i, s,
             "EXCLUDE" + if_set(i, "gist", " USING gist") + " (" + in_quotes(column.name) + " WITH " +
                 (i.trait("gist") != 0 ? "&&" : "=") + ')' +
                 (i.trait("where") != 0 ? " WHERE (" + random_condition(column, s, i.trait("where")) + ')' : ""));
       }},
      {"foreign key",
       6,
       &object_names,
       {{"match", 2, 6}, {"update", 3, 4}, {"delete", 5, 2}, {"defer", 3, 4}, {"valid", 2, 5}},
       place_foreign_key,
       [](const RandomItem& i, const RandomSchema& s) { return constraint(i, s, foreign_key_sql(i, s)); }},
      {"index",
       8,
       &object_names,
       {{"unique", 2, 4},
        {"term", 5, 3},
        {"where", 5, 3},
        {"method", 5, 5},
        {"order", 4, 4},
        {"include", 2, 5},
        {"collate", 2, 6},
        {"opclass", 2, 6},
        {"options", 2, 8},
        {"nulls", 2, 8}},
       place_relation_index,
       index_sql},
      {"mark", 1, &one_name, {{"replica", 2, 2}}, place_mark, mark_sql},
      {"view",
       8,
       &relation_names,
       {{"shape", 8, 2}, {"where", 4, 3}, {"options", 4, 5}},
       place_view,
       [](const RandomItem& i, const RandomSchema& s) {
         return "CREATE VIEW " + sql_name(i) +
                say(i, "options",
                    {" WITH (security_barrier)", " WITH (security_invoker = true)", " WITH (check_option = local)"}) +
                " AS " + view_query(i, s);
       }},
      {"materialized view",
       3,
       &relation_names,
       {{"shape", 4, 2}, {"where", 4, 3}, {"options", 2, 5}},
       place_view,
       [](const RandomItem& i, const RandomSchema& s) {
         return "CREATE MATERIALIZED VIEW " + sql_name(i) + say(i, "options", {" WITH (fillfactor = 80)"}) + " AS " +
                view_query(i, s);
       }},
      {"function",
       7,
       &function_names,
       {{"arguments", 6, 2},
        {"result", 3, 3},
        {"body", 3, 2},
        {"language", 3, 2},
        {"volatility", 3, 1},
        {"strict", 2, 5},
        {"definer", 2, 7},
        {"parallel", 2, 6},
        {"cost", 2, 8},
        {"set", 2, 8},
        {"row", 2, 3}},
       place_function,
       function_sql},
      {"aggregate",
       1,
       &function_names,
       {{"what", 3, 2}},
       in_schema,
       [](const RandomItem& i, const RandomSchema&) {
         return "CREATE AGGREGATE " + sql_name(i) + "(integer) (SFUNC = int4pl, STYPE = integer" +
                say(i, "what", {", INITCOND = '0'", ", INITCOND = '1', PARALLEL = SAFE"}) + ')';
       }},
      {"trigger function", 3, &function_names, {{"body", 3, 2}}, in_schema, trigger_function_sql},
      {"trigger",
       5,
       &object_names,
       {{"event", 5, 1},
        {"after", 2, 2},
        {"statement", 2, 3},
        {"of", 2, 3},
        {"when", 2, 3},
        {"constraint", 2, 5},
        {"defer", 3, 2},
        {"transition", 2, 3},
        {"enabled", 4, 5},
        {"argument", 2, 4}},
       place_trigger,
       trigger_sql},
      {"policy",
       3,
       &object_names,
       {{"what", 6, 1}, {"command", 5, 2}, {"restrictive", 2, 4}, {"role", 3, 2}, {"check", 2, 3}},
       on_columns,
       policy_sql},
      {"rule",
       3,
       &object_names,
       {{"event", 3, 1}, {"action", 2, 3}, {"where", 2, 3}, {"instead", 2, 3}, {"enabled", 2, 6}},
       place_rule,
       rule_sql},
      {"statistics",
       2,
       &object_names,
       {{"kinds", 3, 2}, {"term", 2, 3}, {"target", 2, 4}},
       [](RandomItem& i, const RandomSchema& s, Dice& d) { return on_columns(i, s, d); },
       statistics_sql},
      {"publication",
       1,
       &object_names,
       {{"with", 3, 2}},
       [](RandomItem& i, const RandomSchema& s, Dice& d) {
         i.uses.emplace_back();
         return choose(i.uses.back(), tables(s), d);
       },
       publication_sql},
      {"comment",
       5,
       &one_name,
       {{"text", 3, 1}},
       place_about,
       [](const RandomItem& i, const RandomSchema& s) {
         return "COMMENT ON " + sql_target(parent(i, s), s) + " IS " +
                of({"'what it is for'", "'it''s \"this\"'", "E'two\\nlines %s'"}, i.trait("text"));
       }},
      {"grant",
       5,
       &object_names,
       {{"role", 4, 1}, {"privilege", 3, 2}, {"option", 2, 4}, {"revoke", 3, 6}},
       place_about,
       grant_sql},
      {"owner",
       2,
       &one_name,
       {{"role", 2, 2}},
       place_about,
       [](const RandomItem& i, const RandomSchema& s) -> std::string {
         const RandomItem& about = parent(i, s);
         for (const char* kind : {"column", "primary key", "unique", "check", "exclusion", "foreign key", "index",
                                  "trigger", "policy", "rule"})
           if (about.kind == kind) return "";
         return "ALTER " + sql_target(about, s) + " OWNER TO " + of({"flux_owner", "\"Flux Writer\""}, i.trait("role"));
       }}};
}

}  // namespace

const std::vector<RandomKind>& random_kinds() {
  static const std::vector<RandomKind> all = all_kinds();
  return all;
}

const RandomKind& random_kind(const std::string& name) {
  return *std::find_if(random_kinds().begin(), random_kinds().end(),
                       [&](const RandomKind& k) { return k.name == name; });
}

std::string in_quotes(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

std::string sql_name(const RandomItem& item) { return in_quotes(item.schema) + '.' + in_quotes(item.name); }

std::string sql_target(const RandomItem& item, const RandomSchema& schema) {
  const std::string &kind = item.kind, name = in_quotes(item.name);
  if (kind == "schema") return "SCHEMA " + name;
  if (kind == "publication") return "PUBLICATION " + name;
  if (kind == "table" || kind == "partition") return "TABLE " + sql_name(item);
  if (kind == "view") return "VIEW " + sql_name(item);
  if (kind == "materialized view") return "MATERIALIZED VIEW " + sql_name(item);
  if (kind == "sequence") return "SEQUENCE " + sql_name(item);
  if (kind == "index") return "INDEX " + sql_name(item);
  if (kind == "statistics") return "STATISTICS " + sql_name(item);
  if (kind == "collation") return "COLLATION " + sql_name(item);
  if (kind == "domain") return "DOMAIN " + sql_name(item);
  if (kind == "enum" || kind == "composite" || kind == "range") return "TYPE " + sql_name(item);
  if (kind == "column") return "COLUMN " + column_target(item, schema);
  if (kind == "function")
    return "FUNCTION " + sql_name(item) + '(' + arguments(item).substr(0, arguments(item).find(" DEFAULT")) + ')';
  if (kind == "trigger function") return "FUNCTION " + sql_name(item) + "()";
  if (kind == "aggregate") return "AGGREGATE " + sql_name(item) + "(integer)";
  for (const char* one : {"primary key", "unique", "check", "exclusion", "foreign key"})
    if (kind == one) return "CONSTRAINT " + name + " ON " + sql_name(parent(item, schema));
  if (kind == "trigger") return "TRIGGER " + name + " ON " + sql_name(parent(item, schema));
  if (kind == "policy") return "POLICY " + name + " ON " + sql_name(parent(item, schema));
  if (kind == "rule") return "RULE " + name + " ON " + sql_name(parent(item, schema));
  return "";
}

std::string random_call(const RandomItem& function, const std::string& argument) {
  switch (function.trait("arguments")) {
    case 0:
      return sql_name(function) + "()";
    case 3:
      return sql_name(function) + '(' + argument + "::text)";
    case 4:
      return sql_name(function) + '(' + argument + "::integer, 2)";
    default:
      return sql_name(function) + '(' + argument + "::integer)";
  }
}

Items tables(const RandomSchema& schema) {
  Items out = schema.all("table");
  for (const RandomItem* partition : schema.all("partition")) out.push_back(partition);
  return out;
}

Items relations(const RandomSchema& schema) {
  Items out = tables(schema);
  for (const char* kind : {"view", "materialized view"})
    for (const RandomItem* view : schema.all(kind)) out.push_back(view);
  return out;
}

Items columns(const RandomSchema& schema, const RandomItem& table) {
  Items out = schema.on("column", table.key());
  if (table.kind == "table" || table.kind == "partition")
    if (const RandomItem* above = used_table(table, schema); above != nullptr && above != &table)
      for (const RandomItem* column : columns(schema, *above)) out.push_back(column);
  return out;
}

std::string column_sql(const RandomItem& column, const RandomSchema& schema) {
  const char sort = sort_of(column, schema);
  std::string sql = in_quotes(column.name) + ' ' + sql_type(column, schema);
  static const Words storages = {" EXTERNAL", " MAIN", " PLAIN"};
  const Items collations = used(column, schema, "collation");
  if (sort == 't' && !collations.empty())
    sql += " COLLATE " + sql_name(*collations.front());
  else if (sort == 't')
    sql += say(column, "collate", {" COLLATE \"C\"", " COLLATE \"POSIX\""});
  const std::size_t given = column.trait("default");
  const RandomItem* source = nullptr;
  for (const RandomItem* other : columns(schema, parent(column, schema)))
    if (other->trait("generated") == 0 && other->name != column.name &&
        (source == nullptr || sort_of(*other, schema) == sort))
      source = other;
  if (column.trait("generated") != 0 && source != nullptr)
    sql += " GENERATED ALWAYS AS (" +
           (sort_of(*source, schema) == sort ? random_term(*source, schema, column.trait("generated") - 1) : "NULL") +
           ") STORED";
  else if (column.trait("identity") != 0 && sort == 'n')
    sql += " GENERATED " + of({"ALWAYS", "BY DEFAULT", "BY DEFAULT"}, column.trait("identity") - 1) + " AS IDENTITY" +
           (column.trait("identity") == 3 ? " (START WITH 5 INCREMENT BY 2)" : "");
  else if (given == 4 && sort == 'd')
    sql += " DEFAULT now()";
  else if (given == 4 && sort == 'n')
    sql += " DEFAULT (1 + 2)";
  else if (given == 4 && sort == 'u')
    sql += " DEFAULT gen_random_uuid()";
  else if (given != 0)
    sql += " DEFAULT " + random_value(column, schema, given);
  return sql + if_set(column, "not_null", " NOT NULL");
}

std::string table_sql(const RandomItem& table, const RandomSchema& schema, const Words& lines) {
  const RandomItem* above = used_table(table, schema);
  std::string sql = "CREATE " + if_set(table, table.trait("partitioned") == 0 ? "unlogged" : "", "UNLOGGED ") +
                    "TABLE " + sql_name(table);
  const Items all = columns(schema, table);
  if (table.kind == "partition") {
    static const std::vector<Words> bounds = {
        {"IN (1, 2)", "IN (3)", "IN (4, 5)", "IN (NULL)", "IN (7)"},
        {"FROM (1) TO (3)", "FROM (3) TO (5)", "FROM (5) TO (9)", "FROM (MINVALUE) TO (1)", "FROM (9) TO (MAXVALUE)"},
        {"WITH (MODULUS 2, REMAINDER 0)", "WITH (MODULUS 2, REMAINDER 1)", "WITH (MODULUS 4, REMAINDER 1)",
         "WITH (MODULUS 4, REMAINDER 3)", "WITH (MODULUS 2, REMAINDER 0)"}};
    const std::size_t bound = table.trait("bound");
    sql += " PARTITION OF " + sql_name(*above) +
           (bound == 5 ? " DEFAULT" : " FOR VALUES " + bounds[(above->trait("partitioned") + 2) % 3][bound]);
  } else {
    sql += " (";
    for (const std::string& line : lines) sql += (line == lines.front() ? "" : ", ") + line;
    sql += ')';
    if (above != nullptr) sql += " INHERITS (" + sql_name(*above) + ')';
  }
  if (table.trait("partitioned") != 0 && !all.empty())
    sql += " PARTITION BY " + say(table, "partitioned", {"LIST", "RANGE", "HASH"}) + " (" +
           in_quotes(all.front()->name) + ')';
  else
    sql += say(table, "options", {" WITH (fillfactor = 70)", " WITH (autovacuum_enabled = false, fillfactor = 90)"});
  const std::string alter = "; ALTER TABLE " + sql_name(table);
  if (table.trait("rls") % 2 != 0) sql += alter + " ENABLE ROW LEVEL SECURITY";
  if (table.trait("rls") > 1) sql += alter + " FORCE ROW LEVEL SECURITY";
  if (table.trait("replica") != 0) sql += alter + " REPLICA IDENTITY " + say(table, "replica", {"FULL", "NOTHING"});
  return sql;
}

}  // namespace flux::testing
