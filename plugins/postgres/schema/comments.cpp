#include "comments.hpp"

#include <algorithm>

#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

struct Comment {
  const Catalog::Entry* about;
  std::string_view text;
};

class Comments : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"comment"}; }

  // The schema "public" has one from the beginning.
  std::vector<std::string> queries(int) const override {
    return {
        "SELECT classoid, objoid, objsubid, description FROM pg_catalog.pg_description WHERE objoid >= 16384 "
        "OR (classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND description <> 'standard public schema')"};
  }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    std::vector<Comment> found;
    for (const Row row : rows)
      if (const Catalog::Entry* about = catalog.at({row.oid(0), row.oid(1), row.number(2)}))
        if (!about->target.empty()) found.push_back({about, row[3]});
    std::sort(found.begin(), found.end(),
              [](const Comment& a, const Comment& b) { return a.about->fact.name < b.about->fact.name; });
    for (const Comment& comment : found) {
      const Fact& about = comment.about->fact;
      Fact fact;
      fact.name = {"comment", about.name.kind + ' ' + about.name.identity};
      fact.parent = about.name;
      fact.schema = about.schema;
      fact.object = about.object;
      fact.definition = literal(comment.text);
      set(fact, "on", comment.about->target);
      // It stays while that is altered; but an attribute or a check goes with the type that is made anew.
      const bool goes = about.name.kind == "attribute" || about.name.kind == "domain constraint";
      fact.dependencies.push_back({about.name, !goes});
      catalog.add({}, std::move(fact));
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    if (change.rename) return Steps{};
    const Fact& fact = change.to != nullptr ? *change.to : *change.from;
    const std::string target(fact.property("on"));
    // The one that a new database has.
    const char* none = target == "SCHEMA public" ? "'standard public schema'" : "NULL";
    return Steps{step("COMMENT ON " + target + " IS " + (change.to == nullptr ? none : fact.definition))};
  }
};

}  // namespace

const Kind& comments() {
  static const Comments kind;
  return kind;
}

}  // namespace flux::postgres::schema
