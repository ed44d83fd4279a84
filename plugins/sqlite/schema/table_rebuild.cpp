#include "table_rebuild.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "constraint_text.hpp"
#include "names.hpp"
#include "object_text.hpp"
#include "table_change.hpp"

namespace flux::sqlite {
namespace {

// A table as its facts show it.
class Side {
 public:
  Side(const Fact& table, const std::vector<const Fact*>& parts) : table_(table), parts_(parts) {
    for (const Fact* part : parts)
      if (part->name.kind == kind::primary_key)
        key_ = constraint_of(part->definition, !part->property("order").empty());
  }

  const Fact& table() const { return table_; }
  const std::vector<const Fact*>& parts() const { return parts_; }
  std::vector<const Fact*> columns() const {
    std::vector<const Fact*> out;
    for (const Fact* part : parts_)
      if (part->name.kind == kind::column) out.push_back(part);
    return out;
  }
  const Fact* column(std::string_view name) const {
    for (const Fact* part : parts_)
      if (part->name.kind == kind::column && same_name(part->object, name)) return part;
    return nullptr;
  }
  bool has_option(std::string_view option) const {
    return std::any_of(parts_.begin(), parts_.end(),
                       [&](const Fact* part) { return part->name.kind == kind::option && part->object == option; });
  }
  bool counts() const { return key_ && key_->autoincrement; }
  bool has_rowid() const { return !has_option("WITHOUT ROWID"); }
  // The column that is another name of the rowid; null: none.
  const Fact* alias() const {
    if (!key_ || !has_rowid() || key_->columns.size() != 1 || key_->descending_inline) return nullptr;
    const Fact* out = column(key_->columns.front());
    return out != nullptr && out->property("type") == "INTEGER" ? out : nullptr;
  }
  bool has_conflict_clauses() const {
    return std::any_of(parts_.begin(), parts_.end(),
                       [](const Fact* part) { return part->definition.find("ON CONFLICT") != std::string::npos; });
  }

 private:
  const Fact& table_;
  const std::vector<const Fact*>& parts_;
  std::optional<Constraint> key_;
};

// How SQLite stores what is put into a column of this type.
enum class Affinity { none, text, integer, real, numeric };

Affinity affinity(const Fact& column, const Side& side) {
  const std::string type = upper(column.property("type"));
  const auto says = [&](const char* word) { return type.find(word) != std::string::npos; };
  // Of a STRICT table it takes everything as it comes; of others it is a type like DATE.
  if (type == "ANY" && side.has_option("STRICT")) return Affinity::none;
  if (says("INT")) return Affinity::integer;
  if (says("CHAR") || says("CLOB") || says("TEXT")) return Affinity::text;
  if (type.empty() || says("BLOB")) return Affinity::none;
  return says("REAL") || says("FLOA") || says("DOUB") ? Affinity::real : Affinity::numeric;
}

// What a column may hold of what another affinity can change.
struct Held {
  bool number_texts;   // '007'
  bool whole_numbers;  // 9007199254740993
  bool fractions;      // 0.1 + 0.2
};

Held held(const Fact& column, const Side& side) {
  if (&column == side.alias()) return {false, true, false};
  const Affinity is = affinity(column, side);
  if (is == Affinity::text) return {true, false, false};
  if (is == Affinity::real) return {false, false, true};
  if (is == Affinity::none) {
    const bool only_blobs = side.has_option("STRICT") && column.property("type") == "BLOB";
    return {!only_blobs, !only_blobs, !only_blobs};
  }
  // A table that is not STRICT keeps 0.5 in an INTEGER column.
  return {false, true, !side.has_option("STRICT")};
}

bool is_generated(const Fact& column) { return !column.property("generated").empty(); }

void add(std::string& list, const std::string& item) { list += (list.empty() ? "" : ", ") + item; }

// What is about one statement: hazards, and a clause for each.
struct Remarks {
  unsigned hazards = 0;
  std::string text;
  void note(unsigned hazard, const std::string& clause) {
    hazards |= hazard;
    text += (text.empty() ? "" : "; ") + clause;
  }
};

class Rebuild {
 public:
  explicit Rebuild(const SchemaChange& change)
      : from_(*change.from, change.from_parts),
        to_(*change.to, change.to_parts),
        old_(change.from->name.identity),
        new_(name_in_sql("_flux_new_" + change.to->object)) {}

  std::vector<SchemaStep> steps() {
    add_step(create_table("_flux_new_" + to_.table().object, to_.table(), to_.parts())).rebuilds_dependents = true;
    copy_rows();
    if (from_.counts() && to_.counts()) copy_counter();
    drop_old();
    add_step("ALTER TABLE " + new_ + " RENAME TO " + to_.table().name.identity);
    return std::move(steps_);
  }

 private:
  SchemaStep& add_step(std::string sql) {
    steps_.emplace_back();
    steps_.back().sql = std::move(sql);
    return steps_.back();
  }

  // A name of the rowid that no column has taken; "": none is left.
  std::string rowid_name() const {
    for (const char* name : {"rowid", "_rowid_", "oid"})
      if (from_.column(name) == nullptr && to_.column(name) == nullptr) return name;
    return {};
  }

  void copy_rows() {
    std::string into, values;
    const Fact* alias = to_.alias();
    const bool alias_is_copied = alias != nullptr && from_.column(alias->object) != nullptr;
    if (from_.has_rowid() && to_.has_rowid() && !alias_is_copied) {
      into = values = rowid_name();
    }
    for (const Fact* column : to_.columns()) {
      const Fact* before = from_.column(column->object);
      if (is_generated(*column) || before == nullptr) continue;
      add(into, name_in_sql(column->object));
      add(values, name_in_sql(before->object));
    }
    Remarks remarks;
    remarks.note(FLUX_HAZARD_REWRITE | FLUX_HAZARD_LOCK,
                 "every row of " + old_ + " is copied, and nobody else writes meanwhile");
    judge_columns(remarks);
    judge_constraints(remarks);
    if (into.empty()) return;
    // A conflict must fail here, whatever the new table says is to be done with one.
    const std::string verb = to_.has_conflict_clauses() ? "INSERT OR ABORT INTO " : "INSERT INTO ";
    SchemaStep& step = add_step(verb + new_ + " (" + into + ")\nSELECT " + values + " FROM " + old_);
    step.hazards = remarks.hazards;
    step.remark = remarks.text;
  }

  void judge_columns(Remarks& remarks) const {
    if (from_.has_rowid() && !to_.has_rowid() && from_.alias() == nullptr)
      remarks.note(FLUX_HAZARD_MAY_FAIL, "fails if the key of a row is NULL");
    const bool becomes_strict = to_.has_option("STRICT") && !from_.has_option("STRICT");
    for (const Fact* column : to_.columns()) {
      const Fact* before = from_.column(column->object);
      const std::string& name = column->name.identity;
      const bool not_null = !column->property("not null").empty();
      if (is_generated(*column)) continue;
      if (before == nullptr) {
        if (not_null && column->property("default").empty() && column != to_.alias())
          remarks.note(FLUX_HAZARD_MAY_FAIL, "fails if there are rows: " + name + " is NOT NULL and has no default");
        continue;
      }
      if (not_null && before->property("not null").empty())
        remarks.note(FLUX_HAZARD_MAY_FAIL, "fails if " + name + " is NULL anywhere");
      judge_type(*before, *column, becomes_strict, remarks);
    }
  }

  void judge_type(const Fact& before, const Fact& column, bool becomes_strict, Remarks& remarks) const {
    const std::string type(column.property("type"));
    const bool same_type = before.property("type") == column.property("type");
    if ((!same_type && to_.has_option("STRICT")) || becomes_strict)
      remarks.note(FLUX_HAZARD_MAY_FAIL, "fails if " + column.name.identity + " holds what is no " + type);
    else if (!same_type && &column == to_.alias())
      remarks.note(FLUX_HAZARD_MAY_FAIL, "fails if " + column.name.identity + " holds what is no integer");
    if (&column == to_.alias() && &before != from_.alias() && before.property("not null").empty())
      remarks.note(FLUX_HAZARD_DATA_LOSS, "a NULL in " + column.name.identity + " becomes the next number");
    judge_affinity(before, column, remarks);
  }

  // What SQLite makes of the values by itself when it copies them.
  void judge_affinity(const Fact& before, const Fact& column, Remarks& remarks) const {
    const Affinity was = affinity(before, from_), is = affinity(column, to_);
    if (was == is || is == Affinity::none) return;
    const Held values = held(before, from_);
    const std::string& name = column.name.identity;
    if (is != Affinity::text && values.number_texts)
      remarks.note(FLUX_HAZARD_DATA_LOSS, "text in " + name + " that looks like a number becomes one: '007' is 7");
    if (is == Affinity::real && values.whole_numbers)
      remarks.note(FLUX_HAZARD_DATA_LOSS,
                   "a whole number in " + name + " beyond 2^53 is rounded: 9007199254740993 is 9007199254740992.0");
    if (is == Affinity::text && values.fractions)
      remarks.note(FLUX_HAZARD_DATA_LOSS,
                   "a number with a fraction in " + name + " keeps 15 digits: 0.1 + 0.2 is '0.3'");
  }

  // What is asked of the rows now, and was not before.
  void judge_constraints(Remarks& remarks) const {
    for (const Fact* part : to_.parts()) {
      if (part->name.kind == kind::column || part->name.kind == kind::option || part->unmodelled) continue;
      const auto same = [&](const Fact* other) {
        return other->name.kind == part->name.kind && other->definition == part->definition;
      };
      const bool is_new = std::none_of(from_.parts().begin(), from_.parts().end(), same);
      if (!is_new && !compares_otherwise(*part)) continue;
      const std::string what = part->name.kind == kind::foreign_key ? "refers to nothing by " : "breaks ";
      remarks.note(FLUX_HAZARD_MAY_FAIL, "fails if a row " + what + part->definition +
                                             (is_new ? "" : ", or a key that refers to it, as it is compared then"));
    }
  }

  // Do the values that the constraint is about have another type or collation than before?
  bool compares_otherwise(const Fact& constraint) const {
    return std::any_of(constraint.dependencies.begin(), constraint.dependencies.end(), [&](const Dependency& d) {
      for (const Fact* column : to_.columns()) {
        const Fact* before = column->name == d.on ? from_.column(column->object) : nullptr;
        if (before != nullptr &&
            (affinity(*before, from_) != affinity(*column, to_) || before->property("collation") != column->property("collation")))
          return true;
      }
      return false;
    });
  }

  void copy_counter() {
    add_step("DELETE FROM sqlite_sequence WHERE name = " + text(new_name()));
    add_step("INSERT INTO sqlite_sequence (name, seq)\nSELECT " + text(new_name()) +
             ", seq FROM sqlite_sequence WHERE name = " + text(from_.table().object));
  }

  void drop_old() {
    std::string lost;
    for (const Fact* column : from_.columns()) {
      const Fact* stays = to_.column(column->object);
      if (!is_generated(*column) && (stays == nullptr || is_generated(*stays))) add(lost, column->name.identity);
    }
    Remarks remarks;
    constexpr unsigned loses = FLUX_HAZARD_DATA_LOSS | FLUX_HAZARD_BREAKS_CLIENTS;
    if (!lost.empty()) remarks.note(loses, "what is in " + lost + " is lost");
    for (const Fact* part : from_.parts())
      if (part->unmodelled) remarks.note(loses, lost_with(*part, old_));
    SchemaStep& step = add_step("DROP TABLE " + old_);
    step.hazards = remarks.hazards;
    step.remark = remarks.text;
  }

  std::string new_name() const { return "_flux_new_" + to_.table().object; }
  static std::string text(const std::string& value) {
    std::string out = "'";
    for (const char c : value) out.append(c == '\'' ? 2U : 1U, c);
    return out + "'";
  }

  const Side from_, to_;
  const std::string old_, new_;  // the names in SQL
  std::vector<SchemaStep> steps_;
};

}  // namespace

std::vector<SchemaStep> rebuild_table(const SchemaChange& change) { return Rebuild(change).steps(); }

}  // namespace flux::sqlite
