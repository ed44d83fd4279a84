#include "column_change.hpp"

#include <algorithm>

#include "options.hpp"
#include "sequence_options.hpp"
#include "sql_name.hpp"
#include "steps.hpp"
#include "tokens.hpp"
#include "type_change.hpp"
#include "type_rebuild.hpp"

namespace flux::postgres::schema {
namespace {

bool is_inherited(const Fact& column) { return !column.property("inherited").empty(); }

std::string alter_table(const Fact& fact) { return "ALTER TABLE " + std::string(fact.property("table")); }
std::string alter_column(const Fact& fact) { return alter_table(fact) + " ALTER COLUMN " + quoted(fact.object) + ' '; }
// Storage and the like of a child are its own.
std::string alter_only(const Fact& fact) {
  return "ALTER TABLE ONLY " + std::string(fact.property("table")) + " ALTER COLUMN " + quoted(fact.object) + ' ';
}

std::string identity_clause(const Fact& column) {
  std::string options(column.property("identity_options"));
  if (const std::string_view name = column.property("identity_sequence"); !name.empty())
    options = "SEQUENCE NAME " + std::string(name) + (options.empty() ? "" : " ") + options;
  return "GENERATED " + std::string(column.property("identity")) + " AS IDENTITY" +
         (options.empty() ? "" : " (" + options + ')');
}

const Fact* default_among(const std::vector<const Fact*>& parts, const Fact& column) {
  for (const Fact* part : parts)
    if (part->name.kind == "default" && part->name.identity == column.name.identity) return part;
  return nullptr;
}

SchemaStep add_column(const Fact& column, const Fact* given) {
  const std::string_view expression = given == nullptr ? std::string_view() : std::string_view(given->definition);
  SchemaStep out =
      step(alter_table(column) + " ADD COLUMN " + quoted(column.object) + ' ' + column_definition(column, expression));
  const std::string table(column.property("table"));
  const bool computed = !column.property("identity").empty() || !column.property("generated").empty();
  const bool is_volatile = !expression.empty() && may_be_volatile(expression);
  if ((computed && column.property("generated_virtual").empty()) || is_volatile || !column.property("domain").empty()) {
    out.hazards |= FLUX_HAZARD_REWRITE | FLUX_HAZARD_LOCK;
    out.remark = "every row of " + table + " is written again, under an ACCESS EXCLUSIVE lock";
  }
  const auto fails = [&](const std::string& where) {
    out.hazards |= FLUX_HAZARD_MAY_FAIL;
    out.remark += (out.remark.empty() ? "" : "; ") + where;
  };
  if (!column.property("not_null").empty() && expression.empty() && !computed)
    fails("fails where " + table + " has rows: " + column.name.identity + " has no default");
  else if (!column.property("generated").empty())
    fails("fails where " + column.name.identity + " cannot be computed or must not be what is computed");
  else if (!column.property("domain").empty())
    fails("fails where " + table + " has rows and " + std::string(column.property("type")) + " does not take " +
          (expression.empty() ? "NULL" : "the default"));
  return out;
}

std::optional<Steps> make_column(const SchemaChange& change) {
  const Fact& column = *change.to;
  const Fact* given = default_among(change.to_parts, column);
  if (is_inherited(column)) {
    // It comes with the one above; what it has of its own does not.
    Steps out;
    const bool own = given != nullptr && !is_inherited(*given);
    append_column_settings(column, own ? std::string_view(given->definition) : std::string_view(), out);
    return out;
  }
  Steps out{add_column(column, given)};
  append_column_settings(column, {}, out);
  return out;
}

std::optional<Steps> drop_column(const Fact& column) {
  if (is_inherited(column)) return Steps{};
  if (!column.property("partition_key").empty()) return std::nullopt;
  unsigned hazards = FLUX_HAZARD_BREAKS_CLIENTS;
  std::string remark = column.name.identity + " is computed, and can be had again";
  if (column.property("generated").empty()) {
    hazards |= FLUX_HAZARD_DATA_LOSS;
    remark = "every value of " + column.name.identity + " is lost";
  }
  return Steps{step(alter_table(column) + " DROP COLUMN " + quoted(column.object), hazards, remark)};
}

void alter_type(const Fact& from, const Fact& to, Steps& steps) {
  const std::string_view old_type = from.property("type"), new_type = to.property("type");
  if (old_type == new_type && from.property("collation") == to.property("collation")) return;
  const TypeChange how = type_change(old_type, new_type);
  std::string sql = alter_column(to) + "TYPE " + std::string(new_type);
  if (const std::string_view collation = to.property("collation"); !collation.empty())
    sql += " COLLATE " + std::string(collation);
  if (!how.cast.empty()) sql += " USING " + quoted(to.object) + how.cast;
  SchemaStep out = step(sql, FLUX_HAZARD_BREAKS_CLIENTS);
  const std::string table(to.property("table"));
  if (how.rewrites) {
    out.hazards |= FLUX_HAZARD_REWRITE | FLUX_HAZARD_LOCK;
    out.remark = "every row of " + table + " is written again, under an ACCESS EXCLUSIVE lock";
  } else if (old_type == new_type) {
    out.hazards |= FLUX_HAZARD_LOCK;
    out.remark = "indexes on " + to.name.identity + " are built again, under an ACCESS EXCLUSIVE lock";
  }
  if (how.may_fail) {
    out.hazards |= FLUX_HAZARD_MAY_FAIL;
    out.remark += (out.remark.empty() ? "" : "; ") + std::string("fails where a value of ") + to.name.identity +
                  " is no " + std::string(new_type);
  }
  // A cast that is asked for cuts off what the type below the domain has no room for.
  if (how.loses || (!how.cast.empty() && !to.property("domain").empty())) {
    out.hazards |= FLUX_HAZARD_DATA_LOSS;
    out.remark += (out.remark.empty() ? "" : "; ") + std::string("values of ") + to.name.identity + " lose what " +
                  std::string(new_type) + " cannot hold";
  }
  if (!how.cast.empty())
    out.remark += (out.remark.empty() ? "" : "; ") + std::string("there is no cast on assignment from ") +
                  std::string(old_type) + ": values are cast by USING";
  out.rebuilds_dependents = true;
  steps.push_back(std::move(out));
}

void set_not_null(const Fact& column, bool online, Steps& steps) {
  const std::string table(column.property("table"));
  const std::string fails = "fails where a value of " + column.name.identity + " is NULL";
  if (!online) {
    steps.push_back(step(alter_column(column) + "SET NOT NULL",
                         FLUX_HAZARD_SCAN | FLUX_HAZARD_LOCK | FLUX_HAZARD_MAY_FAIL,
                         "every row of " + table + " is read, under an ACCESS EXCLUSIVE lock; " + fails));
    return;
  }
  const std::string name = quoted(with_ending(column.object, "_flux_not_null"));
  SchemaStep add = step(alter_table(column) + " ADD CONSTRAINT " + name + " CHECK (" + quoted(column.object) +
                        " IS NOT NULL) NOT VALID");
  SchemaStep validate = step(alter_table(column) + " VALIDATE CONSTRAINT " + name,
                             FLUX_HAZARD_SCAN | FLUX_HAZARD_MAY_FAIL, "every row of " + table + " is read; " + fails);
  // The short lock of the first must be gone while rows are read.
  add.commits = validate.commits = true;
  steps.push_back(std::move(add));
  steps.push_back(std::move(validate));
  steps.push_back(step(alter_column(column) + "SET NOT NULL"));
  steps.push_back(step(alter_table(column) + " DROP CONSTRAINT " + name));
}

// The name of a dotted one that stands last, as it is without quotes.
std::string last_name(std::string_view identity) {
  const std::vector<Token> tokens = tokens_of(identity);
  return tokens.empty() ? std::string() : tokens.back().name;
}

// What a literal says.
std::string text_of(std::string_view literal) {
  const std::vector<Token> tokens = tokens_of(literal);
  return tokens.empty() ? std::string() : tokens.front().text;
}

// The sequence of an identity column, which is in the schema of its table.
std::string identity_sequence(const Fact& column) {
  const std::string_view given = column.property("identity_sequence");
  return given.empty() ? usual_sequence_name(last_name(column.property("table")), column.object) : last_name(given);
}

// Has a sequence go on where the values in its column end. `sequence` is a literal.
SchemaStep catch_up(const Fact& column, const std::string& sequence) {
  const std::string greatest = "max(" + quoted(column.object) + ')', table(column.property("table"));
  return step("SELECT pg_catalog.setval(" + sequence + ", " + greatest + ") FROM " + table + " HAVING " + greatest +
                  " BETWEEN (SELECT last_value FROM " + text_of(sequence) +
                  ") AND (SELECT seqmax FROM pg_catalog.pg_sequence WHERE seqrelid = " + sequence +
                  "::pg_catalog.regclass AND seqincrement > 0)",
              FLUX_HAZARD_SCAN,
              "the greatest value of " + column.name.identity + " is looked up: its sequence goes on behind it");
}

void alter_identity(const Fact& from, const Fact& to, Steps& steps) {
  const std::string_view before = from.property("identity"), after = to.property("identity");
  if (before.empty() && after.empty()) return;
  if (before.empty()) {
    steps.push_back(step(alter_column(to) + "ADD " + identity_clause(to)));
    steps.push_back(catch_up(to, literal(qualified(*to.schema, identity_sequence(to)))));
    return;
  }
  if (after.empty()) {
    steps.push_back(step(alter_column(to) + "DROP IDENTITY", FLUX_HAZARD_BREAKS_CLIENTS,
                         "where the sequence of " + to.name.identity + " stood is lost"));
    return;
  }
  if (const std::string old_name = identity_sequence(from), name = identity_sequence(to); old_name != name)
    steps.push_back(step("ALTER SEQUENCE " + qualified(*to.schema, old_name) + " RENAME TO " + quoted(name)));
  std::string sets;
  if (before != after) sets = "SET GENERATED " + std::string(after);
  const std::string more =
      reset_options(from.property("identity_options"), to.property("identity_options"), to.property("type"), "SET ");
  if (!more.empty()) sets += (sets.empty() ? "" : " ") + more;
  if (!sets.empty()) steps.push_back(step(alter_column(to) + sets));
}

void alter_settings(const Fact& from, const Fact& to, Steps& steps) {
  const auto differs = [&](const char* what) { return from.property(what) != to.property(what); };
  const auto value = [&](const char* what, const char* usual) {
    const std::string_view given = to.property(what);
    return std::string(given.empty() ? std::string_view(usual) : given);
  };
  const std::string alter = alter_only(to);
  if (differs("storage"))
    steps.push_back(step(alter + "SET STORAGE " + value("storage", usual_storage(to.property("type")))));
  if (differs("compression"))
    steps.push_back(step(alter + "SET COMPRESSION " + value("compression", "default"), 0,
                         "values that are there stay compressed as they are"));
  if (differs("statistics")) steps.push_back(step(alter + "SET STATISTICS " + value("statistics", "-1")));
  const OptionChange options = option_change(from.property("options"), to.property("options"));
  if (!options.set.empty()) steps.push_back(step(alter + "SET (" + options.set + ')'));
  if (!options.reset.empty()) steps.push_back(step(alter + "RESET (" + options.reset + ')'));
}

std::optional<Steps> alter(const SchemaChange& change) {
  const Fact &from = *change.from, &to = *change.to;
  Steps out;
  const std::string_view generated = from.property("generated");
  if (!is_inherited(to) && generated != to.property("generated")) {
    if (!to.property("generated").empty() || !from.property("generated_virtual").empty()) return std::nullopt;
    out.push_back(step(alter_column(to) + "DROP EXPRESSION", 0, "values of " + to.name.identity + " stay as they are"));
  }
  if (from.property("generated_virtual") != to.property("generated_virtual")) return std::nullopt;
  const bool changes_itself = !is_inherited(from) || !is_inherited(to);
  const bool other_type = from.property("type") != to.property("type") || from.property("collation") != to.property("collation");
  if (other_type && !from.property("partition_key").empty()) return std::nullopt;
  if (changes_itself && from.property("identity") != to.property("identity") && to.property("identity").empty())
    alter_identity(from, to, out);
  if (changes_itself) alter_type(from, to, out);
  const std::string_view was = from.property("not_null"), is = to.property("not_null");
  // Where rows are written anyway, one more look at them is better than another migration.
  const bool gently = change.online && was.empty() && from.property("type") == to.property("type");
  if (is == "yes" && was != "yes") set_not_null(to, gently, out);
  if (is.empty() && was == "yes")
    out.push_back(step(alter_column(to) + "DROP NOT NULL", FLUX_HAZARD_BREAKS_CLIENTS,
                       to.name.identity + " may be NULL from then on"));
  if (changes_itself && !to.property("identity").empty()) alter_identity(from, to, out);
  Fact before = from;
  if (other_type) {
    // With the type come its own ways to be stored.
    const auto reset = [](const auto& p) { return p.first == "storage" || p.first == "compression"; };
    before.properties.erase(std::remove_if(before.properties.begin(), before.properties.end(), reset),
                            before.properties.end());
  }
  alter_settings(before, to, out);
  return out;
}

std::optional<Steps> default_change(const SchemaChange& change) {
  const Fact& fact = change.to != nullptr ? *change.to : *change.from;
  if (change.rename) return Steps{};
  // What is as above comes and goes with that.
  const bool inherited =
      is_inherited(fact) && (change.from == nullptr || change.to == nullptr || is_inherited(*change.from));
  if (inherited) return Steps{};
  if (change.to == nullptr)
    return Steps{step(alter_column(fact) + "DROP DEFAULT", FLUX_HAZARD_BREAKS_CLIENTS,
                      "who relies on the default of " + fact.name.identity + " gets NULL, or fails")};
  Steps out{step(alter_column(fact) + "SET DEFAULT " + change.to->definition)};
  const std::string sequence(fact.property("sequence"));
  if (!sequence.empty() && (change.from == nullptr || change.from->property("sequence") != sequence))
    out.push_back(catch_up(fact, sequence));
  return out;
}

}  // namespace

std::string column_definition(const Fact& column, std::string_view expression) {
  std::string out(column.property("type"));
  if (const std::string_view collation = column.property("collation"); !collation.empty())
    out += " COLLATE " + std::string(collation);
  if (!expression.empty()) out += " DEFAULT " + std::string(expression);
  if (!column.property("identity").empty()) out += ' ' + identity_clause(column);
  if (const std::string_view generated = column.property("generated"); !generated.empty())
    out += " GENERATED ALWAYS AS (" + std::string(generated) + ") " +
           (column.property("generated_virtual").empty() ? "STORED" : "VIRTUAL");
  if (!column.property("not_null").empty()) out += " NOT NULL";
  return out;
}

void append_column_settings(const Fact& column, std::string_view expression, Steps& steps) {
  if (is_inherited(column)) {
    if (!expression.empty()) steps.push_back(step(alter_column(column) + "SET DEFAULT " + std::string(expression)));
    if (column.property("not_null") == "yes") steps.push_back(step(alter_column(column) + "SET NOT NULL"));
  }
  Fact plain = column;
  plain.properties.clear();
  alter_settings(plain, column, steps);
}

std::optional<Steps> column_change(const SchemaChange& change) {
  const Fact& fact = change.to != nullptr ? *change.to : *change.from;
  if (fact.name.kind == "default") return default_change(change);
  if (change.rename) {
    if (is_inherited(fact)) return Steps{};
    return Steps{step(alter_table(*change.from) + " RENAME COLUMN " + quoted(change.from->object) + " TO " +
                          quoted(change.to->object),
                      FLUX_HAZARD_BREAKS_CLIENTS, "who uses the old name of " + change.to->name.identity + " fails")};
  }
  if (change.from == nullptr) return make_column(change);
  if (change.to == nullptr) return drop_column(fact);
  return alter(change);
}

}  // namespace flux::postgres::schema
