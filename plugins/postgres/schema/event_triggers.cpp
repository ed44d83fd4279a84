#include "event_triggers.hpp"

#include "firing.hpp"
#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

constexpr const char* event_triggers_query =
    "SELECT e.oid, e.evtname, e.evtevent || coalesce(E'\\n  WHEN TAG IN (' || (SELECT pg_catalog.string_agg("
    "pg_catalog.quote_literal(t.tag), ', ' ORDER BY t.place) FROM pg_catalog.unnest(e.evttags) WITH ORDINALITY "
    "AS t (tag, place)) || ')', ''), n.nspname, "
    "p.proname, e.evtenabled FROM pg_catalog.pg_event_trigger e JOIN pg_catalog.pg_proc p ON p.oid = e.evtfoid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace ORDER BY e.evtname";

SchemaStep fire(const Fact& trigger) {
  const std::string words(trigger.property("enabled"));
  return step("ALTER EVENT TRIGGER " + trigger.name.identity + ' ' + (words.empty() ? "ENABLE" : words));
}

class EventTriggers : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"event trigger"}; }
  std::vector<std::string> queries(int) const override { return {event_triggers_query}; }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      const Address address{in::event_trigger, row.oid(0), 0};
      if (!catalog.owned(address)) continue;
      Fact fact;
      fact.name = {"event trigger", quoted(row[1])};
      fact.object = row[1];
      fact.definition = "CREATE EVENT TRIGGER " + fact.name.identity + " ON " + std::string(row[2]) +
                        "\n  EXECUTE FUNCTION " + qualified(row[3], row[4]) + "()";
      if (row.code(5) != 'O') set(fact, "enabled", std::string(firing_words(row.code(5))));
      std::string target = "EVENT TRIGGER " + fact.name.identity;
      catalog.add(address, std::move(fact), std::move(target));
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    const Fact& trigger = change.to != nullptr ? *change.to : *change.from;
    if (change.rename)
      return Steps{step("ALTER EVENT TRIGGER " + change.from->name.identity + " RENAME TO " + trigger.name.identity)};
    if (change.to == nullptr)
      return Steps{step("DROP EVENT TRIGGER " + trigger.name.identity, FLUX_HAZARD_BREAKS_CLIENTS,
                        "what the event trigger " + trigger.name.identity + " does, is not done any more")};
    if (change.from == nullptr) {
      Steps out{step(trigger.definition)};
      if (!trigger.property("enabled").empty()) out.push_back(fire(trigger));
      return out;
    }
    if (change.from->definition != trigger.definition) return std::nullopt;
    return Steps{fire(trigger)};
  }
};

}  // namespace

const Kind& event_triggers() {
  static const EventTriggers kind;
  return kind;
}

}  // namespace flux::postgres::schema
