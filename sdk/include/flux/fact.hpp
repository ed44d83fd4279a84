// flux/fact.hpp -- what schemas are made of; flux/schema.hpp includes it.
//
// A schema is a set of facts at the finest grain: a table, a column, its default, a constraint, a comment. Flux compares
// the facts of two databases, finds the order and asks for the statements of each difference. What kinds of fact there are
// and what they look like, the backend alone knows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <flux/c_text.hpp>

namespace flux {

// Names a fact. `identity` is unique among those of its kind and as people would write it: "public.orders.id".
struct FactRef {
  std::string kind, identity;
  bool operator==(const FactRef& other) const { return kind == other.kind && identity == other.identity; }
  bool operator<(const FactRef& other) const { return std::tie(kind, identity) < std::tie(other.kind, other.identity); }
};

// What must be there before a fact, and go after it.
struct Dependency {
  FactRef on;
  bool survives = false;  // the fact stays as it is while `on` is altered in place
};

// One fact. Two facts of one name are equal if their definitions, properties and the two flags are.
struct Fact {
  FactRef name;
  std::optional<FactRef> parent;      // what it belongs to, and is dropped with
  std::optional<std::string> schema;  // the schema's name alone, not quoted
  std::string object;                 // the fact's own name alone, not quoted
  std::string definition;             // what it is, as the database says it
  std::vector<std::pair<std::string, std::string>> properties{};  // what else it is; sorted by name
  std::vector<Dependency> dependencies{};  // the parent need not be among them; what is no fact may be
  bool part = false;        // made and dropped together with its parent; also alone where the parent stays
  bool unmodelled = false;  // found, but this backend cannot make it: reported, and never changed

  // The property's value; empty where there is none.
  std::string_view property(std::string_view key) const {
    for (const auto& [known, value] : properties)
      if (known == key) return value;
    return {};
  }
};

// One difference.
struct SchemaChange {
  const Fact* from = nullptr;  // null: `to` is made
  const Fact* to = nullptr;    // null: `from` is dropped
  // The facts that are parts of each, and parts of these; in the order in which they were emitted.
  std::vector<const Fact*> from_parts{}, to_parts{};
  std::vector<const Fact*> dependents{};  // depend on `from` and are on both sides, as they are before
  bool online = false;      // the gentle way: few and short locks, at the price of more statements
  bool rename = false;      // `from` gets the name of `to`, and is else left as it is
  bool with_parts = false;  // the parts differ too, and one of them cannot be changed alone: change all of it
};

// One statement of a change, without what ends it.
struct SchemaStep {
  std::string sql;
  unsigned hazards = 0;  // flux_hazard
  std::string remark{};  // one line: what the hazards are about, or what this cannot bring back
  bool rebuilds_dependents = false;  // what depends on `from` and does not survive is dropped before, and made again behind
  bool commits = false;              // what follows needs this to be committed
};

// What the text of a definition says about one fact.
struct Mention {
  flux_mention_role role = FLUX_MENTION_USES;
  std::string kind;        // empty: not known
  std::string name;        // as the fact's identity, but for a schema that the text does not say
  std::string old_name{};  // FLUX_MENTION_RENAMED: the last part of it, as it was; empty: `flux: new` stands above it
};

namespace bridge {

inline FactRef fact_ref(const flux_fact_ref& ref) { return {std::string(view(ref.kind)), std::string(view(ref.identity))}; }
inline flux_fact_ref fact_ref(const FactRef& ref) noexcept { return {str(ref.kind), str(ref.identity)}; }

inline Fact cpp_fact(const flux_fact& given) {
  const flux_fact fact = known(given, flux_fact{});
  Fact out;
  out.name = fact_ref(fact.name);
  if (fact.parent.kind.ptr != nullptr) out.parent = fact_ref(fact.parent);
  out.schema = optional(fact.schema);
  out.object = view(fact.object);
  out.definition = view(fact.definition);
  for (std::size_t i = 0; i < fact.property_count; ++i) {
    const flux_property& p = element(fact.properties, i, fact.property_size);
    out.properties.emplace_back(view(p.name), view(p.value));
  }
  for (std::size_t i = 0; i < fact.dependency_count; ++i) {
    const flux_dependency& d = element(fact.dependencies, i, fact.dependency_size);
    out.dependencies.push_back({fact_ref(d.on), (d.flags & FLUX_DEPENDENCY_SURVIVES) != 0});
  }
  out.part = (fact.flags & FLUX_FACT_PART) != 0;
  out.unmodelled = (fact.flags & FLUX_FACT_UNMODELLED) != 0;
  return out;
}

// A fact as the C table has it. `fact` must outlive it.
class CFact {
 public:
  explicit CFact(const Fact& fact) {
    for (const auto& [name, value] : fact.properties) properties_.push_back({str(name), str(value)});
    for (const Dependency& d : fact.dependencies)
      dependencies_.push_back({fact_ref(d.on), d.survives ? std::uint32_t{FLUX_DEPENDENCY_SURVIVES} : 0U, 0});
    c_.struct_size = sizeof c_;
    c_.flags = (fact.part ? std::uint32_t{FLUX_FACT_PART} : 0U) | (fact.unmodelled ? std::uint32_t{FLUX_FACT_UNMODELLED} : 0U);
    c_.name = fact_ref(fact.name);
    if (fact.parent) c_.parent = fact_ref(*fact.parent);
    c_.schema = optional_str(fact.schema);
    c_.object = str(fact.object);
    c_.definition = str(fact.definition);
    c_.properties = properties_.data();
    c_.property_count = static_cast<std::uint32_t>(properties_.size());
    c_.property_size = sizeof(flux_property);
    c_.dependencies = dependencies_.data();
    c_.dependency_count = static_cast<std::uint32_t>(dependencies_.size());
    c_.dependency_size = sizeof(flux_dependency);
  }
  CFact(const CFact&) = delete;
  CFact& operator=(const CFact&) = delete;
  const flux_fact* get() const noexcept { return &c_; }

 private:
  std::vector<flux_property> properties_;
  std::vector<flux_dependency> dependencies_;
  flux_fact c_{};
};

}  // namespace bridge
}  // namespace flux
