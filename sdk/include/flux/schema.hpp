// flux/schema.hpp -- schema as code for a backend in C++17: derive also from flux::SchemaEditor.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <flux/backend.hpp>
#include <flux/fact.hpp>

namespace flux {

// What a backend also derives from that can inspect and change schemas. Throws BackendError as all of it does.
class SchemaEditor {
 public:
  virtual ~SchemaEditor() = default;

  // Makes an empty throw-away database at the server that `server_uri` names, else at that of the connected target, and
  // returns the URI that another instance connects to. Sweeps away those that a run which has died has left.
  virtual std::string create_shadow(const std::optional<std::string>& server_uri) = 0;
  // Ends it, whoever is connected to it. Nothing where it is gone already.
  virtual void drop_shadow(const std::optional<std::string>& server_uri, const std::string& uri) = 0;

  // Hands every fact of the connected database to `emit`, but those that the database itself, or this backend for its
  // history, has made. Columns in their order. One consistent look; only reads.
  virtual void inspect(const std::function<void(const Fact&)>& emit) = 0;

  // The statements of one difference, in their order; none where nothing needs to be done. nullopt: that cannot be done in
  // place. Then flux drops and makes again; a part that cannot even be made alone changes with its parent (with_parts).
  // Needs no connection.
  virtual std::optional<std::vector<SchemaStep>> change(const SchemaChange& change) = 0;

  // Runs one definition in a throw-away database, as fast as it can; nothing is left of one that fails (FLUX_E_SCRIPT).
  // Bodies of functions are not looked into.
  virtual void load(std::string_view sql) = 0;
  // What is wrong with what was loaded and could not be looked into before: the fact, and one sentence.
  virtual std::vector<std::pair<FactRef, std::string>> check_loaded() { return {}; }
  // What one statement of a definition file defines and uses, as far as its text shows. `sql` begins with the comments
  // above the statement. Throws FLUX_E_SCRIPT where it defines nothing. Needs no connection.
  virtual std::vector<Mention> read_definition(std::string_view sql) = 0;
};

namespace bridge {

template <class Class>
struct SchemaTable {
  template <class Work>
  static flux_status call(flux_backend* p, flux_err* err, Work&& work) noexcept {
    return Table<Class>::call(p, err, std::forward<Work>(work));
  }

  static flux_status create_shadow(flux_backend* p, flux_str server_uri, flux_text_fn emit, void* ctx, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) { emit(ctx, str(b.create_shadow(optional(server_uri)))); });
  }
  static flux_status drop_shadow(flux_backend* p, flux_str server_uri, flux_str uri, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) { b.drop_shadow(optional(server_uri), std::string(view(uri))); });
  }
  static flux_status inspect(flux_backend* p, flux_fact_fn emit, void* ctx, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) {
      b.inspect([&](const Fact& fact) {
        const CFact out(fact);
        if (const flux_status status = emit(ctx, out.get()); status != FLUX_OK) throw Stop{status};
      });
    });
  }
  static flux_status change(flux_backend* p, const flux_change* given, flux_step_fn emit, void* ctx, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) {
      const flux_change change = known(*given, flux_change{});
      // Pointers into `facts` are taken when it is complete.
      std::vector<Fact> facts;
      facts.reserve(2 + change.from_part_count + change.to_part_count + change.dependent_count);
      const auto take = [&](const flux_fact* fact) { return fact == nullptr ? nullptr : &facts.emplace_back(cpp_fact(*fact)); };
      const auto take_all = [&](const flux_fact* const* list, std::size_t count, std::vector<const Fact*>& into) {
        for (std::size_t i = 0; i < count; ++i) into.push_back(take(list[i]));
      };
      SchemaChange out;
      out.from = take(change.from);
      out.to = take(change.to);
      take_all(change.from_parts, change.from_part_count, out.from_parts);
      take_all(change.to_parts, change.to_part_count, out.to_parts);
      take_all(change.dependents, change.dependent_count, out.dependents);
      out.online = (change.flags & FLUX_CHANGE_ONLINE) != 0;
      out.rename = (change.flags & FLUX_CHANGE_RENAME) != 0;
      out.with_parts = (change.flags & FLUX_CHANGE_WITH_PARTS) != 0;
      const auto steps = b.change(out);
      if (!steps) throw BackendError(FLUX_E_UNSUPPORTED, "that cannot be changed in place");
      for (const SchemaStep& step : *steps) {
        flux_step c_step{};
        c_step.struct_size = sizeof c_step;
        c_step.flags = (step.rebuilds_dependents ? std::uint32_t{FLUX_STEP_REBUILDS_DEPENDENTS} : 0U) |
                       (step.commits ? std::uint32_t{FLUX_STEP_COMMITS} : 0U);
        c_step.sql = str(step.sql);
        if (!step.remark.empty()) c_step.remark = str(step.remark);
        c_step.hazards = step.hazards;
        if (const flux_status status = emit(ctx, &c_step); status != FLUX_OK) throw Stop{status};
      }
    });
  }
  static flux_status load(flux_backend* p, flux_str sql, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) { b.load(view(sql)); });
  }
  static flux_status check_loaded(flux_backend* p, flux_problem_fn emit, void* ctx, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) {
      for (const auto& [name, message] : b.check_loaded()) {
        const flux_fact_ref ref = fact_ref(name);
        emit(ctx, &ref, str(message));
      }
    });
  }
  static flux_status read_definition(flux_backend* p, flux_str sql, flux_mention_fn emit, void* ctx, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) {
      for (const Mention& mention : b.read_definition(view(sql))) {
        flux_mention out{};
        out.struct_size = sizeof out;
        out.role = mention.role;
        if (!mention.kind.empty()) out.kind = str(mention.kind);
        out.name = str(mention.name);
        out.old_name = str(mention.old_name);
        if (const flux_status status = emit(ctx, &out); status != FLUX_OK) throw Stop{status};
      }
    });
  }
};

template <class Class>
const void* schema_table() noexcept {
  using T = SchemaTable<Class>;
  static const flux_schema_v1 table{sizeof table, 0, &T::create_shadow, &T::drop_shadow, &T::inspect, &T::change, &T::load, &T::check_loaded, &T::read_definition};
  return &table;
}

}  // namespace bridge
}  // namespace flux
