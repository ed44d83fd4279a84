#include "schema_calls.hpp"

#include <deque>

#include "borrowed.hpp"

namespace flux::check {
namespace {

const flux_schema_v1& table_of(const Instance& instance) {
  if (!instance.has_interface(FLUX_IFACE_SCHEMA_V1)) throw NotDeclared{FLUX_IFACE_SCHEMA_V1};
  return *static_cast<const flux_schema_v1*>(instance.api().get_interface(instance.self(), FLUX_IFACE_SCHEMA_V1));
}

flux_str optional_str(const std::optional<Borrowed>& text) { return text ? text->str() : flux_str{nullptr, 0}; }

// The facts of a call, and the memory that they point to.
class FactStructs {
 public:
  explicit FactStructs(StructSize sizes) : large_(sizes == StructSize::larger) {}

  const flux_fact* add(const Fact& fact) {
    Kept& kept = kept_.emplace_back();
    flux_fact& out = kept.fact.value;
    out.struct_size = large_ ? sizeof kept.fact : sizeof out;
    if (fact.part) out.flags |= unsigned{FLUX_FACT_PART};
    out.name = ref(fact.name);
    if (fact.parent) out.parent = ref(*fact.parent);
    if (fact.schema) out.schema = str(*fact.schema);
    out.object = str(fact.object);
    out.definition = str(fact.definition);
    for (const auto& [name, value] : fact.properties) kept.properties.add().value = {str(name), str(value)};
    for (const Dependency& d : fact.dependencies)
      kept.dependencies.add().value = {ref(d.on), d.survives ? unsigned{FLUX_DEPENDENCY_SURVIVES} : 0U, 0};
    out.property_count = static_cast<std::uint32_t>(fact.properties.size());
    out.dependency_count = static_cast<std::uint32_t>(fact.dependencies.size());
    out.properties = kept.properties.elements(large_, out.property_size);
    out.dependencies = kept.dependencies.elements(large_, out.dependency_size);
    return &out;
  }
  std::vector<const flux_fact*> add(const std::vector<const Fact*>& facts) {
    std::vector<const flux_fact*> out;
    for (const Fact* fact : facts) out.push_back(add(*fact));
    return out;
  }

 private:
  // An array with the stride of a newer host, or with this one's.
  template <class T>
  class Elements {
   public:
    Grown<T>& add() { return large_.emplace_back(); }
    const T* elements(bool large, std::uint32_t& stride) {
      stride = large ? sizeof(Grown<T>) : sizeof(T);
      for (const Grown<T>& element : large_) plain_.push_back(element.value);
      return large && !large_.empty() ? &large_.front().value : plain_.data();
    }

   private:
    std::vector<Grown<T>> large_;
    std::vector<T> plain_;
  };
  struct Kept {
    Grown<flux_fact> fact;
    Elements<flux_property> properties;
    Elements<flux_dependency> dependencies;
  };

  flux_str str(const std::string& text) { return texts_.emplace_back(text).str(); }
  flux_fact_ref ref(const FactRef& name) { return {str(name.kind), str(name.identity)}; }

  bool large_;
  std::deque<Kept> kept_;
  std::deque<Borrowed> texts_;
};

// What a callback is given as its context.
template <class Found>
struct Listing {
  std::vector<Found>& found;
  std::size_t stop_after;
  flux_status answer() const { return found.size() == stop_after ? flux_status{FLUX_E_STOP} : flux_status{FLUX_OK}; }
};

flux_status take_fact(void* ctx, const flux_fact* fact) {
  auto& listing = *static_cast<Listing<FactFound>*>(ctx);
  // A stride of 0 would be read for ever; the check of the structs says so.
  flux_fact readable = bridge::known(*fact, flux_fact{});
  if (readable.property_size < sizeof(flux_property)) readable.property_count = 0;
  if (readable.dependency_size < sizeof(flux_dependency)) readable.dependency_count = 0;
  readable.struct_size = sizeof readable;
  listing.found.push_back(
      {bridge::cpp_fact(readable), fact->struct_size, fact->flags, fact->property_size, fact->dependency_size});
  return listing.answer();
}

flux_status take_step(void* ctx, const flux_step* given) {
  auto& listing = *static_cast<Listing<SchemaStep>*>(ctx);
  const flux_step step = bridge::known(*given, flux_step{});
  listing.found.push_back({text_of(step.sql), step.hazards, text_of(step.remark),
                           (step.flags & FLUX_STEP_REBUILDS_DEPENDENTS) != 0, (step.flags & FLUX_STEP_COMMITS) != 0});
  return listing.answer();
}

flux_status take_mention(void* ctx, const flux_mention* given) {
  auto& listing = *static_cast<Listing<Mention>*>(ctx);
  const flux_mention m = bridge::known(*given, flux_mention{});
  listing.found.push_back(
      {static_cast<flux_mention_role>(m.role), text_of(m.kind), text_of(m.name), text_of(m.old_name)});
  return listing.answer();
}

void take_problem(void* ctx, const flux_fact_ref* name, flux_str message) {
  static_cast<std::vector<std::pair<FactRef, std::string>>*>(ctx)->emplace_back(bridge::fact_ref(*name),
                                                                                text_of(message));
}

void take_text(void* ctx, flux_str text) { static_cast<std::vector<std::string>*>(ctx)->push_back(text_of(text)); }

}  // namespace

SchemaCalls::SchemaCalls(Instance& instance) : instance_(instance), table_(table_of(instance)) {}

template <class Call>
Outcome SchemaCalls::reported(Call&& call) {
  flux_err err;
  Outcome outcome;
  outcome.status = call(instance_.options().null_err ? nullptr : &err);
  outcome.reports = err.reports;
  outcome.error = err.record;
  return outcome;
}

Outcome SchemaCalls::create_shadow(const std::optional<std::string>& server_uri, std::vector<std::string>& uris) {
  std::optional<Borrowed> server;
  if (server_uri) server.emplace(*server_uri);
  uris.clear();
  return reported([&](flux_err* err) {
    return table_.create_shadow(instance_.self(), optional_str(server), take_text, &uris, err);
  });
}

Outcome SchemaCalls::drop_shadow(const std::optional<std::string>& server_uri, const std::string& uri) {
  std::optional<Borrowed> server;
  if (server_uri) server.emplace(*server_uri);
  const Borrowed given(uri);
  return reported(
      [&](flux_err* err) { return table_.drop_shadow(instance_.self(), optional_str(server), given.str(), err); });
}

Outcome SchemaCalls::inspect(std::vector<FactFound>& found, std::size_t stop_after) {
  found.clear();
  Listing<FactFound> listing{found, stop_after};
  return reported([&](flux_err* err) { return table_.inspect(instance_.self(), take_fact, &listing, err); });
}

Outcome SchemaCalls::change(const SchemaChange& change, std::vector<SchemaStep>& steps, std::size_t stop_after) {
  const bool large = instance_.options().sizes == StructSize::larger;
  FactStructs facts(instance_.options().sizes);
  const auto from_parts = facts.add(change.from_parts), to_parts = facts.add(change.to_parts);
  const auto dependents = facts.add(change.dependents);
  Grown<flux_change> given;
  flux_change& out = given.value;
  out.struct_size = large ? sizeof given : sizeof out;
  out.flags = (change.online ? unsigned{FLUX_CHANGE_ONLINE} : 0U) |
              (change.rename ? unsigned{FLUX_CHANGE_RENAME} : 0U) |
              (change.with_parts ? unsigned{FLUX_CHANGE_WITH_PARTS} : 0U);
  out.from = change.from != nullptr ? facts.add(*change.from) : nullptr;
  out.to = change.to != nullptr ? facts.add(*change.to) : nullptr;
  out.from_parts = from_parts.data();
  out.from_part_count = from_parts.size();
  out.to_parts = to_parts.data();
  out.to_part_count = to_parts.size();
  out.dependents = dependents.data();
  out.dependent_count = dependents.size();
  steps.clear();
  Listing<SchemaStep> listing{steps, stop_after};
  return reported([&](flux_err* err) { return table_.change(instance_.self(), &out, take_step, &listing, err); });
}

Outcome SchemaCalls::load(const std::string& sql) {
  const Borrowed given(sql);
  return reported([&](flux_err* err) { return table_.load(instance_.self(), given.str(), err); });
}

Outcome SchemaCalls::check_loaded(std::vector<std::pair<FactRef, std::string>>& problems) {
  problems.clear();
  return reported([&](flux_err* err) { return table_.check_loaded(instance_.self(), take_problem, &problems, err); });
}

Outcome SchemaCalls::read_definition(const std::string& sql, std::vector<Mention>& mentions, std::size_t stop_after) {
  const Borrowed given(sql);
  mentions.clear();
  Listing<Mention> listing{mentions, stop_after};
  return reported([&](flux_err* err) {
    return table_.read_definition(instance_.self(), given.str(), take_mention, &listing, err);
  });
}

}  // namespace flux::check
