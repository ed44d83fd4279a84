#include "type_rebuild.hpp"

#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

// Throws that where a table is partitioned by the column, which has its type for good then.
void require_no_partition_key(const Fact& column) {
  if (column.property("partition_key").empty()) return;
  const std::string table(column.property("table"));
  throw BackendError(FLUX_E_FAILED,
                     table + " is partitioned by " + column.name.identity + ", whose type cannot be changed")
      .hint("write a migration by hand that makes another table beside " + table + " and moves the rows over");
}

}  // namespace

std::string set_aside(const std::string& name) { return with_ending(name, "_flux_old"); }

bool changes_over(const Fact& dependent) {
  return dependent.name.kind == "column" && dependent.property("inherited").empty() &&
         dependent.property("generated").empty();
}

Steps rebuilt_type(const SchemaChange& change, const std::string& word, const std::string& create,
                   const ConversionOf& conversion) {
  const Fact &from = *change.from, &to = *change.to;
  SchemaStep aside = step("ALTER " + word + ' ' + from.name.identity + " RENAME TO " + quoted(set_aside(from.object)),
                          FLUX_HAZARD_BREAKS_CLIENTS, to.name.identity + " is made anew");
  aside.rebuilds_dependents = true;
  Steps out{std::move(aside), step(create)};
  for (const Fact* column : change.dependents) {
    if (!changes_over(*column)) continue;
    require_no_partition_key(*column);
    const std::string table(column->property("table")), name = quoted(column->object), type(column->property("type"));
    const Conversion how = conversion(type);
    out.push_back(step("ALTER TABLE " + table + " ALTER COLUMN " + name + " TYPE " + type +
                           (how.cast.empty() ? "" : " USING " + name + how.cast),
                       FLUX_HAZARD_REWRITE | FLUX_HAZARD_LOCK | how.hazards,
                       "every row of " + table + " is written again, under an ACCESS EXCLUSIVE lock" +
                           (how.remark.empty() ? "" : "; " + how.remark)));
  }
  out.push_back(step("DROP " + word + ' ' + qualified(*from.schema, set_aside(from.object))));
  comment_again(change, word, out);
  return out;
}

void comment_again(const SchemaChange& change, const std::string& word, Steps& steps) {
  for (const Fact* comment : change.dependents)
    if (comment->name.kind == "comment" && comment->parent == change.from->name)
      steps.push_back(step("COMMENT ON " + word + ' ' + change.to->name.identity + " IS " + comment->definition));
}

}  // namespace flux::postgres::schema
