// Faults of flux.schema.v1.
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

#include "fault.hpp"
#include "shadow_folder.hpp"
#include "store.hpp"

namespace toy {
namespace {

flux_schema_v1 schema{};

const flux_schema_v1& good_schema() {
  return *static_cast<const flux_schema_v1*>(good().get_interface(nullptr, FLUX_IFACE_SCHEMA_V1));
}

// The toy's schema table, to be changed.
flux_schema_v1& other_schema(flux_backend_api& t) {
  schema = good_schema();
  t.get_interface = [](flux_backend* self, const char* id) -> const void* {
    return std::string_view(id) == FLUX_IFACE_SCHEMA_V1 ? &schema : good().get_interface(self, id);
  };
  return schema;
}

// What is emitted, changed before it goes on. Change may refuse it, by false.
template <class Given, class Emit>
struct Changed {
  Emit emit;
  void* ctx;
  template <class Change>
  static flux_status through(void* given, const Given* what) {
    const auto& to = *static_cast<Changed*>(given);
    Given copy = *what;
    return Change()(copy) ? to.emit(to.ctx, &copy) : flux_status{FLUX_OK};
  }
  // Goes on whatever the answer is.
  static flux_status deaf(void* given, const Given* what) {
    const auto& to = *static_cast<Changed*>(given);
    to.emit(to.ctx, what);
    return FLUX_OK;
  }
};
using ChangedFact = Changed<flux_fact, flux_fact_fn>;
using ChangedStep = Changed<flux_step, flux_step_fn>;
using ChangedMention = Changed<flux_mention, flux_mention_fn>;

template <class Change>
void other_facts(flux_backend_api& t, Change) {
  other_schema(t).inspect = [](flux_backend* self, flux_fact_fn emit, void* ctx, flux_err* e) {
    ChangedFact to{emit, ctx};
    return good_schema().inspect(self, &ChangedFact::through<Change>, &to, e);
  };
}

template <class Change>
void other_steps(flux_backend_api& t, Change) {
  other_schema(t).change = [](flux_backend* self, const flux_change* c, flux_step_fn emit, void* ctx, flux_err* e) {
    ChangedStep to{emit, ctx};
    return good_schema().change(self, c, &ChangedStep::through<Change>, &to, e);
  };
}

template <class Change>
void other_mentions(flux_backend_api& t, Change) {
  other_schema(t).read_definition = [](flux_backend* self, flux_str sql, flux_mention_fn emit, void* ctx, flux_err* e) {
    ChangedMention to{emit, ctx};
    return good_schema().read_definition(self, sql, &ChangedMention::through<Change>, &to, e);
  };
}

// Answers the differences that `wrong` says with nothing to do.
template <class Wrong>
void no_steps(flux_backend_api& t, Wrong) {
  other_schema(t).change = [](flux_backend* self, const flux_change* c, flux_step_fn emit, void* ctx, flux_err* e) {
    return Wrong()(*c) ? flux_status{FLUX_OK} : good_schema().change(self, c, emit, ctx, e);
  };
}

// Emits a note that is not there.
flux_status emit_ghost(flux_fact_fn emit, void* ctx) {
  flux_fact ghost{};
  ghost.struct_size = sizeof ghost;
  ghost.name = {str("note"), str("ghost")};
  ghost.object = str("ghost");
  ghost.definition = str("put ghost");
  ghost.property_size = sizeof(flux_property);
  ghost.dependency_size = sizeof(flux_dependency);
  return emit(ctx, &ghost);
}

std::string store_file() { return folder() + "/toy.store"; }

// A text that is there until the next one is kept.
flux_str kept(std::string text) {
  static std::string last;
  last = std::move(text);
  return str(last);
}

std::vector<Fault> shadow_faults() {
  return {
      {"shadow-empty",
       [](flux_backend_api& t) {
         other_schema(t).inspect = [](flux_backend* self, flux_fact_fn emit, void* ctx, flux_err* e) {
           emit_ghost(emit, ctx);
           return good_schema().inspect(self, emit, ctx, e);
         };
       }},
      {"shadow-at-target",
       [](flux_backend_api& t) {
         other_schema(t).create_shadow = [](flux_backend* self, flux_str server, flux_text_fn emit, void* ctx,
                                            flux_err* e) {
           return server.ptr == nullptr ? report(e, FLUX_E_STATE, "no server is named")
                                        : good_schema().create_shadow(self, server, emit, ctx, e);
         };
       }},
      {"shadow-apart",
       [](flux_backend_api& t) {
         other_schema(t).create_shadow = [](flux_backend*, flux_str, flux_text_fn emit, void* ctx,
                                            flux_err*) -> flux_status {
           static const memo::ShadowFolder only;
           emit(ctx, kept("toy:" + only.path()));
           return FLUX_OK;
         };
       }},
      {"shadow-leaves-target",
       [](flux_backend_api& t) {
         other_schema(t).create_shadow = [](flux_backend*, flux_str server, flux_text_fn emit, void* ctx,
                                            flux_err*) -> flux_status {
           emit(ctx, server);
           return FLUX_OK;
         };
       }},
      {"shadow-migrates",
       [](flux_backend_api& t) {
         t.initialize = [](flux_backend* self, flux_err* e) {
           return folder().find("shadow") != std::string::npos ? report(e, FLUX_E_UNSUPPORTED, "not in a shadow")
                                                               : good().initialize(self, e);
         };
       }},
      {"shadow-dropped",
       [](flux_backend_api& t) {
         other_schema(t).drop_shadow = [](flux_backend*, flux_str, flux_str, flux_err*) -> flux_status {
           return FLUX_OK;
         };
       }},
      {"shadow-dropped-twice",
       [](flux_backend_api& t) {
         other_schema(t).drop_shadow = [](flux_backend* self, flux_str server, flux_str uri, flux_err* e) {
           static std::set<std::string> gone;
           return gone.insert(text(uri)).second ? good_schema().drop_shadow(self, server, uri, e)
                                                : report(e, FLUX_E_FAILED, "there is no such shadow");
         };
       }},
      {"shadow-swept",
       [](flux_backend_api& t) {
         other_schema(t).create_shadow = [](flux_backend*, flux_str, flux_text_fn emit, void* ctx,
                                            flux_err*) -> flux_status {
           static std::vector<std::unique_ptr<memo::ShadowFolder>> made;
           made.push_back(std::make_unique<memo::ShadowFolder>());
           emit(ctx, kept("toy:" + made.back()->path()));
           return FLUX_OK;
         };
       }},
      {"shadow-kept",
       [](flux_backend_api& t) {
         other_schema(t).create_shadow = [](flux_backend* self, flux_str server, flux_text_fn emit, void* ctx,
                                            flux_err* e) {
           for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::temp_directory_path()))
             if (entry.path().filename().string().find("shadow") != std::string::npos)
               std::filesystem::remove_all(entry.path());
           return good_schema().create_shadow(self, server, emit, ctx, e);
         };
       }},
  };
}

std::vector<Fault> inspect_faults() {
  return {
      {"inspect-names",
       [](flux_backend_api& t) { other_facts(t, [](flux_fact& f) { return f.name.identity = str("same"), true; }); }},
      {"inspect-parents",
       [](flux_backend_api& t) {
         other_facts(t, [](flux_fact& f) { return f.parent = {str("box"), str("there is none")}, true; });
       }},
      {"inspect-properties",
       [](flux_backend_api& t) {
         other_facts(t, [](flux_fact& f) {
           static const flux_property unsorted[] = {{str("b"), str("1")}, {str("a"), str("2")}};
           f.properties = unsorted;
           f.property_count = 2;
           return true;
         });
       }},
      {"inspect-structs",
       [](flux_backend_api& t) { other_facts(t, [](flux_fact& f) { return f.property_size = 0, true; }); }},
      {"inspect-modelled",
       [](flux_backend_api& t) { other_facts(t, [](flux_fact& f) { return f.flags = FLUX_FACT_UNMODELLED, true; }); }},
      {"inspect-again",
       [](flux_backend_api& t) {
         other_facts(t, [](flux_fact& f) {
           static int count = 0;
           f.definition = kept(text(f.definition) + " " + std::to_string(++count));
           return true;
         });
       }},
      {"inspect-any-past",
       [](flux_backend_api& t) {
         static std::map<flux_backend*, int> loads;
         static int of_this = 0;
         other_facts(t, [](flux_fact& f) {
           f.definition = kept(text(f.definition) + " " + std::to_string(of_this));
           return true;
         });
         static const auto inspect = schema.inspect;
         schema.inspect = [](flux_backend* self, flux_fact_fn emit, void* ctx, flux_err* e) {
           of_this = loads[self];
           return inspect(self, emit, ctx, e);
         };
         schema.load = [](flux_backend* self, flux_str sql, flux_err* e) {
           ++loads[self];
           return good_schema().load(self, sql, e);
         };
       }},
      {"inspect-writes-nothing",
       [](flux_backend_api& t) {
         other_schema(t).inspect = [](flux_backend* self, flux_fact_fn emit, void* ctx, flux_err* e) {
           std::ofstream(folder() + "/looked-at");
           return good_schema().inspect(self, emit, ctx, e);
         };
       }},
      {"inspect-without-history",
       [](flux_backend_api& t) {
         other_schema(t).inspect = [](flux_backend* self, flux_fact_fn emit, void* ctx, flux_err* e) {
           if (!memo::read_store(store_file()).history.empty()) emit_ghost(emit, ctx);
           return good_schema().inspect(self, emit, ctx, e);
         };
       }},
      {"inspect-stops",
       [](flux_backend_api& t) {
         other_schema(t).inspect = [](flux_backend* self, flux_fact_fn emit, void* ctx, flux_err* e) {
           ChangedFact to{emit, ctx};
           return good_schema().inspect(self, &ChangedFact::deaf, &to, e);
         };
       }},
  };
}

std::vector<Fault> change_faults() {
  return {
      {"change-makes",
       [](flux_backend_api& t) {
         other_steps(t, [](flux_step& s) { return s.sql.len = text(s.sql).rfind(' '), true; });
       }},
      {"change-drops", [](flux_backend_api& t) { no_steps(t, [](const flux_change& c) { return c.to == nullptr; }); }},
      {"change-alters",
       [](flux_backend_api& t) {
         no_steps(t, [](const flux_change& c) { return c.from != nullptr && c.to != nullptr; });
       }},
      {"change-renames",
       [](flux_backend_api& t) {
         other_schema(t).change = [](flux_backend* self, const flux_change* c, flux_step_fn emit, void* ctx,
                                     flux_err* e) {
           flux_change changed = *c;
           changed.flags = 0;
           return good_schema().change(self, &changed, emit, ctx, e);
         };
       }},
      {"change-unconnected",
       [](flux_backend_api& t) {
         static std::set<flux_backend*> connected;
         t.connect = [](flux_backend* self, flux_str uri, flux_err* e) {
           connected.insert(self);
           return good().connect(self, uri, e);
         };
         other_schema(t).change = [](flux_backend* self, const flux_change* c, flux_step_fn emit, void* ctx,
                                     flux_err* e) {
           return connected.count(self) == 0 ? report(e, FLUX_E_STATE, "not connected")
                                             : good_schema().change(self, c, emit, ctx, e);
         };
       }},
      {"change-larger-structs",
       [](flux_backend_api& t) {
         other_schema(t).change = [](flux_backend* self, const flux_change* c, flux_step_fn emit, void* ctx,
                                     flux_err* e) {
           return c->struct_size != sizeof *c ? report(e, FLUX_E_INTERNAL, "another host")
                                              : good_schema().change(self, c, emit, ctx, e);
         };
       }},
      {"change-steps",
       [](flux_backend_api& t) { other_steps(t, [](flux_step& s) { return s.sql = kept(text(s.sql) + ";"), true; }); }},
      {"change-stops",
       [](flux_backend_api& t) {
         other_schema(t).change = [](flux_backend* self, const flux_change* c, flux_step_fn emit, void* ctx,
                                     flux_err* e) {
           ChangedStep to{emit, ctx};
           return good_schema().change(self, c, &ChangedStep::deaf, &to, e);
         };
       }},
  };
}

std::vector<Fault> definition_faults() {
  return {
      {"load-error",
       [](flux_backend_api& t) {
         other_schema(t).load = [](flux_backend* self, flux_str sql, flux_err* e) {
           const flux_status status = good_schema().load(self, sql, e);
           if (status != FLUX_OK) good_schema().load(self, str("put half 1"), nullptr);
           return status;
         };
       }},
      {"load-comments",
       [](flux_backend_api& t) {
         other_schema(t).load = [](flux_backend* self, flux_str sql, flux_err* e) {
           return text(sql).find('#') != std::string::npos ? report(e, FLUX_E_SCRIPT, "syntax error")
                                                           : good_schema().load(self, sql, e);
         };
       }},
      {"check-loaded",
       [](flux_backend_api& t) {
         other_schema(t).check_loaded = [](flux_backend*, flux_problem_fn emit, void* ctx, flux_err*) -> flux_status {
           const flux_fact_ref name{str("note"), str("flux_check_one")};
           emit(ctx, &name, str("it is not nice"));
           return FLUX_OK;
         };
       }},
      {"read-definition",
       [](flux_backend_api& t) {
         other_mentions(t, [](flux_mention& m) { return m.name = kept("the/" + text(m.name)), true; });
       }},
      {"read-definition-refuses",
       [](flux_backend_api& t) {
         other_schema(t).read_definition = [](flux_backend* self, flux_str sql, flux_mention_fn emit, void* ctx,
                                              flux_err*) -> flux_status {
           good_schema().read_definition(self, sql, emit, ctx, nullptr);
           return FLUX_OK;
         };
       }},
      {"read-definition-renamed",
       [](flux_backend_api& t) { other_mentions(t, [](flux_mention& m) { return m.role != FLUX_MENTION_RENAMED; }); }},
      {"read-definition-stops",
       [](flux_backend_api& t) {
         other_schema(t).read_definition = [](flux_backend* self, flux_str sql, flux_mention_fn emit, void* ctx,
                                              flux_err* e) {
           ChangedMention to{emit, ctx};
           return good_schema().read_definition(self, sql, &ChangedMention::deaf, &to, e);
         };
       }},
      {"schema-null-err",
       [](flux_backend_api& t) {
         other_schema(t).load = [](flux_backend* self, flux_str sql, flux_err* e) {
           const flux_status status = good_schema().load(self, sql, e);
           const flux_error_info info{};
           if (status != FLUX_OK && e == nullptr) host()->set_error(nullptr, &info);
           return status;
         };
       }},
  };
}

}  // namespace

std::vector<Fault> schema_faults() {
  std::vector<Fault> out = {
      {"schema-table", [](flux_backend_api& t) { other_schema(t).check_loaded = nullptr; }},
  };
  for (const auto group : {shadow_faults, inspect_faults, change_faults, definition_faults})
    for (const Fault& fault : group()) out.push_back(fault);
  return out;
}

}  // namespace toy
