// Faults of recovery, of flux.statements.v1 and of flux.batch.v1.
#include <string_view>
#include <vector>

#include "fault.hpp"

namespace toy {
namespace {

flux_statements_v1 statements{};
flux_batch_v1 batch{};
flux_statement_fn statement_to = nullptr;
void* statement_ctx = nullptr;

const flux_statements_v1& good_statements(flux_backend* self) {
  return *static_cast<const flux_statements_v1*>(good().get_interface(self, FLUX_IFACE_STATEMENTS_V1));
}
const flux_batch_v1& good_batch(flux_backend* self) {
  return *static_cast<const flux_batch_v1*>(good().get_interface(self, FLUX_IFACE_BATCH_V1));
}

void other_interfaces(flux_backend_api& t) {
  t.get_interface = [](flux_backend* self, const char* id) -> const void* {
    if (std::string_view(id) == FLUX_IFACE_STATEMENTS_V1 && statements.split != nullptr) return &statements;
    if (std::string_view(id) == FLUX_IFACE_BATCH_V1 && batch.apply_batch != nullptr) return &batch;
    return good().get_interface(self, id);
  };
}

using Split = flux_status (*)(flux_backend*, const flux_script*, flux_statement_fn, void*, flux_err*);
using ApplyBatch = flux_status (*)(flux_backend*, const flux_unit*, std::size_t, std::size_t, flux_settled_fn, void*,
                                   flux_err*);

void other_split(flux_backend_api& t, Split split) {
  statements = {sizeof statements, 0, split};
  other_interfaces(t);
}

void other_batch(flux_backend_api& t, ApplyBatch apply) {
  batch = {sizeof batch, 0, apply};
  other_interfaces(t);
}

// Statements as the toy finds them, changed.
template <class Change>
flux_status split_changed(flux_backend* self, const flux_script* s, flux_statement_fn emit, void* ctx, flux_err* e,
                          Change) {
  statement_to = emit;
  statement_ctx = ctx;
  const auto changed = [](void*, const flux_statement* given) {
    flux_statement copy = *given;
    Change()(copy);
    return statement_to(statement_ctx, &copy);
  };
  return good_statements(self).split(self, s, changed, nullptr, e);
}

// A batch of changed units.
template <class Change>
flux_status batch_changed(flux_backend* self, const flux_unit* units, std::size_t count, std::size_t size,
                          flux_settled_fn settled, void* ctx, flux_err* e, Change) {
  std::vector<flux_unit> copies;
  for (std::size_t i = 0; i < count; ++i) {
    copies.push_back(*reinterpret_cast<const flux_unit*>(reinterpret_cast<const char*>(units) + i * size));
    Change()(copies.back());
  }
  return good_batch(self).apply_batch(self, copies.data(), count, sizeof(flux_unit), settled, ctx, e);
}

}  // namespace

std::vector<Fault> feature_faults() {
  return {
      {"lost-connection",
       [](flux_backend_api& t) {
         t.list_history = [](flux_backend* self, flux_str ns, std::uint32_t flags, flux_history_fn emit, void* ctx,
                             flux_err* e) {
           return as(good().list_history(self, ns, flags, emit, ctx, nullptr), FLUX_E_CONNECTION, FLUX_E_FAILED, e);
         };
       }},
      {"reconnect",
       [](flux_backend_api& t) {
         t.reconnect = [](flux_backend*, std::int64_t, flux_err*) -> flux_status { return FLUX_OK; };
       }},
      {"reconnect-keeps-lock",
       [](flux_backend_api& t) {
         t.reconnect = [](flux_backend* self, std::int64_t timeout_ms, flux_err* e) {
           const flux_status status = good().reconnect(self, timeout_ms, e);
           good().unlock(self, nullptr);
           return status;
         };
       }},
      {"leftovers",
       [](flux_backend_api& t) {
         t.list_leftovers = [](flux_backend*, flux_text_fn emit, void* ctx, flux_err*) -> flux_status {
           emit(ctx, str("an index: drop it"));
           return FLUX_OK;
         };
       }},
      {"split-offsets",
       [](flux_backend_api& t) {
         other_split(t, [](flux_backend* self, const flux_script* s, flux_statement_fn emit, void* ctx, flux_err* e) {
           return split_changed(self, s, emit, ctx, e,
                                [](flux_statement& found) { found.length += found.offset > 20 ? 1 : 0; });
         });
       }},
      {"split-nothing",
       [](flux_backend_api& t) {
         other_split(t, [](flux_backend* self, const flux_script* s, flux_statement_fn emit, void* ctx, flux_err* e) {
           const flux_statement empty{sizeof empty, 0, 0, 0, {nullptr, 0}};
           if (text(s->text).rfind('#', 0) == 0) emit(ctx, &empty);
           return good_statements(self).split(self, s, emit, ctx, e);
         });
       }},
      {"split-last",
       [](flux_backend_api& t) {
         other_split(t, [](flux_backend* self, const flux_script* s, flux_statement_fn emit, void* ctx, flux_err* e) {
           flux_script cut = *s;
           const std::string whole = text(s->text);
           cut.text.len = whole.find('\'') != std::string::npos ? whole.size() : whole.rfind(';') + 1;
           return good_statements(self).split(self, &cut, emit, ctx, e);
         });
       }},
      {"split-quoted",
       [](flux_backend_api& t) {
         other_split(t, [](flux_backend* self, const flux_script* s, flux_statement_fn emit, void* ctx, flux_err* e) {
           const flux_statement half{sizeof half, 0, 0, 1, {nullptr, 0}};
           if (text(s->text).find("a;b'") != std::string::npos) emit(ctx, &half);
           return good_statements(self).split(self, s, emit, ctx, e);
         });
       }},
      {"split-unfinished",
       [](flux_backend_api& t) {
         other_split(
             t,
             [](flux_backend* self, const flux_script* s, flux_statement_fn emit, void* ctx, flux_err*) -> flux_status {
               const flux_status status = good_statements(self).split(self, s, emit, ctx, nullptr);
               return status == FLUX_E_SCRIPT ? flux_status{FLUX_OK} : status;
             });
       }},
      {"split-transaction-control",
       [](flux_backend_api& t) {
         other_split(t, [](flux_backend* self, const flux_script* s, flux_statement_fn emit, void* ctx, flux_err* e) {
           return split_changed(self, s, emit, ctx, e, [](flux_statement& found) { found.flags = 0; });
         });
       }},
      {"split-stops",
       [](flux_backend_api& t) {
         other_split(t, [](flux_backend* self, const flux_script* s, flux_statement_fn emit, void* ctx, flux_err* e) {
           statement_to = emit;
           const auto deaf = [](void* to, const flux_statement* found) -> flux_status {
             statement_to(to, found);
             return FLUX_OK;
           };
           return good_statements(self).split(self, s, deaf, ctx, e);
         });
       }},
      {"batch-applies",
       [](flux_backend_api& t) {
         other_batch(t, [](flux_backend* self, const flux_unit* u, std::size_t n, std::size_t size,
                           flux_settled_fn settled, void* ctx, flux_err* e) {
           const flux_status status = good_batch(self).apply_batch(
               self, u, n, size, [](void*, std::size_t, std::int64_t) {}, nullptr, e);
           for (std::size_t i = n; status == FLUX_OK && i > 0; --i) settled(ctx, i - 1, 0);
           return status;
         });
       }},
      {"batch-error-stops",
       [](flux_backend_api& t) {
         other_batch(t, [](flux_backend* self, const flux_unit* u, std::size_t n, std::size_t size,
                           flux_settled_fn settled, void* ctx, flux_err* e) {
           const flux_status status = good_batch(self).apply_batch(self, u, n, size, settled, ctx, e);
           const auto quiet = [](void*, std::size_t, std::int64_t) {};
           if (status == FLUX_E_SCRIPT)
             for (std::size_t i = 2; i < n; ++i)
               good_batch(self).apply_batch(
                   self, reinterpret_cast<const flux_unit*>(reinterpret_cast<const char*>(u) + i * size), 1, size,
                   quiet, nullptr, nullptr);
           return status;
         });
       }},
      {"batch-conflict-new",
       [](flux_backend_api& t) {
         other_batch(t, [](flux_backend* self, const flux_unit* u, std::size_t n, std::size_t size,
                           flux_settled_fn settled, void* ctx, flux_err* e) {
           return batch_changed(self, u, n, size, settled, ctx, e, [](flux_unit& unit) {
             if (unit.row != nullptr && text(unit.row->id) == "taken") unit.row = nullptr;
           });
         });
       }},
      {"batch-conflict-removed",
       [](flux_backend_api& t) {
         other_batch(t, [](flux_backend* self, const flux_unit* u, std::size_t n, std::size_t size,
                           flux_settled_fn settled, void* ctx, flux_err* e) {
           return batch_changed(self, u, n, size, settled, ctx, e, [](flux_unit& unit) {
             if (unit.script != nullptr && text(unit.script->text).find("there_is_none") != std::string::npos)
               unit.row = nullptr;
           });
         });
       }},
      {"batch-removes",
       [](flux_backend_api& t) {
         other_batch(t, [](flux_backend* self, const flux_unit* u, std::size_t n, std::size_t size,
                           flux_settled_fn settled, void* ctx, flux_err* e) {
           return batch_changed(self, u, n, size, settled, ctx, e, [](flux_unit& unit) { unit.flags = 0; });
         });
       }},
      {"batch-in-transaction",
       [](flux_backend_api& t) {
         other_batch(t, [](flux_backend* self, const flux_unit* u, std::size_t n, std::size_t size,
                           flux_settled_fn settled, void* ctx, flux_err* e) {
           const flux_status status = good_batch(self).apply_batch(self, u, n, size, settled, ctx, e);
           good().commit(self, nullptr);
           return status;
         });
       }},
      {"batch-halves",
       [](flux_backend_api& t) {
         other_batch(t, [](flux_backend* self, const flux_unit* u, std::size_t n, std::size_t size,
                           flux_settled_fn settled, void* ctx, flux_err* e) {
           for (std::size_t i = 0; i < n; ++i)
             if (reinterpret_cast<const flux_unit*>(reinterpret_cast<const char*>(u) + i * size)->row == nullptr)
               return report(e, FLUX_E_INTERNAL, "a unit without a row");
           return good_batch(self).apply_batch(self, u, n, size, settled, ctx, e);
         });
       }},
      {"batch-stride",
       [](flux_backend_api& t) {
         other_batch(t, [](flux_backend* self, const flux_unit* u, std::size_t n, std::size_t, flux_settled_fn settled,
                           void* ctx, flux_err* e) {
           return good_batch(self).apply_batch(self, u, n, sizeof(flux_unit), settled, ctx, e);
         });
       }},
  };
}

}  // namespace toy
