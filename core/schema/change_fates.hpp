// What becomes of each fact on the way from one schema to another.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include <flux/core/schema/change_plan.hpp>

namespace flux {

enum class Fate {
  keep,
  drop,
  make,
  replace,   // dropped and made again
  alter,     // in place
  with_all,  // in place, with all its parts
  carried,   // a part that is changed with the fact above it, whose fate is with_all
};

// Decides it for every fact of both schemas, which must outlive this.
class ChangeFates {
 public:
  ChangeFates(const Schema& from, const Schema& to, const ChangeFunction& change, bool online);

  Fate of(const FactRef& name) const;
  // The statements of what is altered.
  const std::vector<SchemaStep>& steps(const FactRef& name) const { return steps_.at(name); }
  bool online() const noexcept { return online_; }
  // Whether one of the statements that do this cannot share a transaction with what is around it.
  bool parts_transactions(ChangeKind kind, const Fact& fact) const;
  // Whether it can be made and dropped without its parent.
  bool separable(const FactRef& name) const;

 private:
  // Whether data goes with it where it is dropped, though it is made again.
  bool loses_data(const FactRef& name) const;
  bool changes_with_parts(const FactRef& name) const;
  bool goes(const FactRef& name) const;   // is dropped, for good or to be made again
  bool comes(const FactRef& name) const;  // is made, for the first time or again
  void set_ends();
  void decide(const FactRef& name);
  void replace(const FactRef& name);
  void change_with_parts(const FactRef& name);
  // It is a part, or depends on what goes: it must go and come again.
  void rebuild(const FactRef& name);
  void rebuild_dependents(const FactRef& name);
  SchemaChange change_of(const FactRef& name, bool with_parts) const;
  // Where the fate of a name stands; nullopt: in no schema is there such a fact.
  std::optional<std::size_t> place(const FactRef& name) const;
  void set(const FactRef& name, Fate fate) { fates_[place(name).value()] = fate; }

  const Schema &from_, &to_;
  const ChangeFunction& change_;
  bool online_;
  std::vector<Fate> fates_;  // of the facts of `to_`, and behind them those of `from_` that `to_` does not have
  std::unordered_map<FactRef, std::vector<SchemaStep>, FactRefHash> steps_;
};

}  // namespace flux
