#include "enums.hpp"

#include <algorithm>

#include "sql_name.hpp"
#include "steps.hpp"
#include "type_rebuild.hpp"

namespace flux::postgres::schema {
namespace {

using Labels = std::vector<std::string>;

// The literals of a definition, each as it stands there; a label may hold a line end.
Labels labels_of(const Fact& fact) {
  const std::string& text = fact.definition;
  Labels out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t begin = i;
    i = text.find('\'', i) + 1;
    while (i < text.size() && (text[i] != '\'' || (i + 1 < text.size() && text[i + 1] == '\'')))
      i += text[i] == '\'' ? 2 : 1;
    out.push_back(text.substr(begin, ++i - begin));
    i += 2;  // a comma and a line end
  }
  return out;
}

bool among(const Labels& labels, const std::string& label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

std::string create(const Fact& fact) {
  std::string out = "CREATE TYPE " + fact.name.identity + " AS ENUM (";
  const Labels labels = labels_of(fact);
  for (std::size_t i = 0; i < labels.size(); ++i) out += (i == 0 ? "\n  " : ",\n  ") + labels[i];
  return out + (labels.empty() ? ")" : "\n)");
}

// Are all of `from` in `to`, in the same order?
bool only_more(const Labels& from, const Labels& to) {
  std::size_t at = 0;
  for (const std::string& label : to)
    if (at < from.size() && from[at] == label) ++at;
  return at == from.size();
}

Steps additions(const Fact& fact, const Labels& from, const Labels& to) {
  Steps out;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (among(from, to[i])) continue;
    std::string place;
    if (i > 0)
      place = " AFTER " + to[i - 1];
    else if (!from.empty())
      place = " BEFORE " + from.front();
    // At the end is where it goes by itself.
    const bool last = i > 0 && std::none_of(to.begin() + static_cast<std::ptrdiff_t>(i), to.end(),
                                            [&](const std::string& label) { return among(from, label); });
    out.push_back(step("ALTER TYPE " + fact.name.identity + " ADD VALUE " + to[i] + (last ? "" : place)));
  }
  if (!out.empty()) out.back().commits = true;
  return out;
}

std::string gone_values(const Fact& fact, const Labels& from, const Labels& to) {
  std::string gone;
  for (const std::string& label : from)
    if (!among(to, label)) gone += (gone.empty() ? "" : ", ") + label;
  return gone.empty() ? gone
                      : "fails where a row still has one of the values of " + fact.name.identity + " that go: " + gone;
}

class Enums : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"enum"}; }

  std::vector<std::string> queries(int) const override {
    return {
        "SELECT t.oid, t.typnamespace, t.typname, e.enumlabel FROM pg_catalog.pg_type t "
        "JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace "
        "LEFT JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid "
        "WHERE t.typtype = 'e' AND t.oid >= 16384 ORDER BY n.nspname, t.typname, e.enumsortorder"};
  }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    Fact* last = nullptr;
    Oid last_oid = 0;
    for (const Row row : rows) {
      const Address address{in::type, row.oid(0), 0};
      const std::string* schema = catalog.schema(row.oid(1));
      if (schema == nullptr || !catalog.owned(address)) continue;
      if (row.oid(0) != last_oid) {
        Fact fact;
        fact.name = {"enum", qualified(*schema, row[2])};
        fact.schema = *schema;
        fact.object = row[2];
        const std::string target = "TYPE " + fact.name.identity;
        last = &catalog.add(address, std::move(fact), target);
        last_oid = row.oid(0);
      }
      if (!row.null(3)) last->definition += (last->definition.empty() ? "" : ",\n") + literal(row[3]);
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    if (change.rename) return renamed("TYPE", *change.from, *change.to);
    if (change.from == nullptr) return Steps{step(create(*change.to))};
    if (change.to == nullptr)
      return Steps{step("DROP TYPE " + change.from->name.identity, FLUX_HAZARD_BREAKS_CLIENTS,
                        "the type " + change.from->name.identity + " is gone")};
    const Labels from = labels_of(*change.from), to = labels_of(*change.to);
    if (only_more(from, to)) return additions(*change.to, from, to);
    const std::string gone = gone_values(*change.to, from, to);
    return rebuilt_type(change, "TYPE", create(*change.to), [&](const std::string& type) {
      return Conversion{"::text::" + type, gone.empty() ? 0U : unsigned{FLUX_HAZARD_MAY_FAIL}, gone};
    });
  }
};

}  // namespace

const Kind& enums() {
  static const Enums kind;
  return kind;
}

}  // namespace flux::postgres::schema
