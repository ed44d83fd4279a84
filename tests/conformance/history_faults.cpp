// Faults of the history.
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <ctime>
#include <fstream>
#include <map>

#include "fault.hpp"

namespace toy {
namespace {

// Changes a row before it is written. The texts that it points to must live on.
template <class Change>
void written(flux_backend_api& t, Change) {
  t.register_migration = [](flux_backend* self, const flux_history_row* given, flux_err* e) {
    flux_history_row row = *given;
    Change()(row);
    return good().register_migration(self, &row, e);
  };
}

// Changes a row before it is listed.
template <class Change>
void listed(flux_backend_api& t, Change) {
  t.list_history = [](flux_backend* self, flux_str name_space, std::uint32_t flags, flux_history_fn emit, void* ctx,
                      flux_err* e) {
    return list_changed(self, name_space, flags, emit, ctx, e, [](flux_history_row& row) { Change()(row); });
  };
}

// A text that lives on.
flux_str kept(std::string text) {
  static std::map<std::string, bool> all;
  return str(all.emplace(std::move(text), true).first->first);
}

std::vector<std::string> ids(flux_backend* self, flux_str name_space) {
  std::vector<std::string> out;
  good().list_history(
      self, name_space, 0,
      [](void* ctx, const flux_history_row* row) -> flux_status {
        static_cast<std::vector<std::string>*>(ctx)->push_back(text(row->id));
        return FLUX_OK;
      },
      &out, nullptr);
  return out;
}

void remove_all(flux_backend* self, flux_str name_space) {
  for (const std::string& id : ids(self, name_space)) good().unregister_migration(self, name_space, str(id), nullptr);
}

}  // namespace

std::vector<Fault> history_faults() {
  return {
      {"list-before-initialize",
       [](flux_backend_api& t) {
         t.list_history = [](flux_backend*, flux_str name_space, std::uint32_t, flux_history_fn emit, void* ctx,
                             flux_err*) {
           flux_history_row row{};
           row.struct_size = sizeof row;
           row.name_space = name_space;
           row.id = str("flux-check-of-nobody");
           return emit(ctx, &row);
         };
       }},
      {"list-writes-nothing",
       [](flux_backend_api& t) {
         t.list_history = [](flux_backend* self, flux_str name_space, std::uint32_t flags, flux_history_fn emit,
                             void* ctx, flux_err* e) {
           std::ofstream(folder() + "/history-was-read") << "once";
           return good().list_history(self, name_space, flags, emit, ctx, e);
         };
       }},
      {"initialize-raced",
       [](flux_backend_api& t) {
         t.initialize = [](flux_backend* self, flux_err* e) {
           const std::string file = folder() + "/initialized-by", own = std::to_string(getpid());
           std::string by;
           std::ifstream(file) >> by;
           if (!by.empty() && by != own) return report(e, FLUX_E_FAILED, "the history exists already");
           std::ofstream(file) << own;
           return good().initialize(self, e);
         };
       }},
      {"initialize-twice",
       [](flux_backend_api& t) {
         t.initialize = [](flux_backend* self, flux_err* e) {
           remove_all(self, str("flux-check"));
           return good().initialize(self, e);
         };
       }},
      {"list-ten-thousand",
       [](flux_backend_api& t) {
         t.list_history = [](flux_backend* self, flux_str name_space, std::uint32_t flags, flux_history_fn emit,
                             void* ctx, flux_err* e) {
           static int left;
           static flux_history_fn to;
           left = 5000;
           to = emit;
           const auto some = [](void* given, const flux_history_row* row) {
             return left-- > 0 ? to(given, row) : FLUX_OK;
           };
           return good().list_history(self, name_space, flags, some, ctx, e);
         };
       }},
      {"list-stops",
       [](flux_backend_api& t) {
         t.list_history = [](flux_backend* self, flux_str name_space, std::uint32_t flags, flux_history_fn emit,
                             void* ctx, flux_err* e) {
           static flux_history_fn to;
           to = emit;
           const auto deaf = [](void* given, const flux_history_row* row) -> flux_status {
             to(given, row);
             return FLUX_OK;
           };
           return good().list_history(self, name_space, flags, deaf, ctx, e);
         };
       }},
      {"list-without-undo",
       [](flux_backend_api& t) {
         t.list_history = [](flux_backend* self, flux_str name_space, std::uint32_t, flux_history_fn emit, void* ctx,
                             flux_err* e) {
           return good().list_history(self, name_space, FLUX_LIST_UNDO_TEXTS, emit, ctx, e);
         };
       }},
      {"list-in-transaction",
       [](flux_backend_api& t) {
         track_transactions(t);
         t.list_history = [](flux_backend* self, flux_str name_space, std::uint32_t flags, flux_history_fn emit,
                             void* ctx, flux_err* e) -> flux_status {
           return in_transaction() ? FLUX_OK : good().list_history(self, name_space, flags, emit, ctx, e);
         };
       }},
      {"larger-row",
       [](flux_backend_api& t) {
         written(t, [](flux_history_row& row) {
           if (row.struct_size != sizeof row) row.hash = str("another size");
         });
       }},
      {"smaller-row",
       [](flux_backend_api& t) { written(t, [](flux_history_row& row) { row.struct_size = sizeof row; }); }},
      {"listed-row-struct", [](flux_backend_api& t) { listed(t, [](flux_history_row& row) { row.struct_size = 0; }); }},
      {"strings-by-length",
       [](flux_backend_api& t) {
         written(t, [](flux_history_row& row) {
           if (row.undo.ptr != nullptr) row.undo.len = std::strlen(row.undo.ptr);
         });
       }},
      {"row-round-trip",
       [](flux_backend_api& t) { written(t, [](flux_history_row& row) {
                                   row.note = {nullptr, 0};
                                 }); }},
      {"row-unset",
       [](flux_backend_api& t) {
         listed(t, [](flux_history_row& row) {
           if (row.applied_by.ptr == nullptr) row.applied_by = str("");
         });
       }},
      {"row-empty-texts",
       [](flux_backend_api& t) {
         written(t, [](flux_history_row& row) {
           if (row.note.ptr != nullptr && row.note.len == 0) row.note.ptr = nullptr;
         });
       }},
      {"row-replaced",
       [](flux_backend_api& t) {
         written(t, [](flux_history_row& row) {
           static std::map<std::string, std::string> undo;
           std::string& known = undo[text(row.id)];
           if (row.undo.ptr != nullptr) known = text(row.undo);
           if (row.undo.ptr == nullptr && !known.empty()) row.undo = str(known);
         });
       }},
      {"row-new-conflict", [](flux_backend_api& t) { written(t, [](flux_history_row& row) { row.flags = 0; }); }},
      {"row-removed",
       [](flux_backend_api& t) {
         t.unregister_migration = [](flux_backend* self, flux_str name_space, flux_str id, flux_err* e) {
           const flux_status status = good().unregister_migration(self, name_space, id, e);
           if (status == FLUX_OK) remove_all(self, name_space);
           return status;
         };
       }},
      {"missing-row-conflict",
       [](flux_backend_api& t) {
         t.unregister_migration = [](flux_backend* self, flux_str name_space, flux_str id, flux_err*) -> flux_status {
           good().unregister_migration(self, name_space, id, nullptr);
           return FLUX_OK;
         };
       }},
      {"name-spaces",
       [](flux_backend_api& t) {
         t.list_history = [](flux_backend* self, flux_str name_space, std::uint32_t flags, flux_history_fn emit,
                             void* ctx, flux_err* e) {
           if (text(name_space) != "flux-check-2")
             good().list_history(self, str("flux-check-2"), flags, emit, ctx, nullptr);
           return good().list_history(self, name_space, flags, emit, ctx, e);
         };
       }},
      {"ids-odd",
       [](flux_backend_api& t) {
         written(t, [](flux_history_row& row) {
           std::string id = text(row.id);
           std::replace(id.begin(), id.end(), '%', '_');
           row.id = kept(id);
         });
       }},
      {"ids-long",
       [](flux_backend_api& t) {
         written(t, [](flux_history_row& row) { row.id.len = std::min<std::size_t>(row.id.len, 254); });
       }},
      {"ids-alike",
       [](flux_backend_api& t) {
         written(t, [](flux_history_row& row) {
           std::string id = text(row.id);
           std::transform(id.begin(), id.end(), id.begin(), [](unsigned char c) { return std::tolower(c); });
           row.id = kept(id);
         });
       }},
      {"undo-texts",
       [](flux_backend_api& t) {
         written(t, [](flux_history_row& row) { row.undo.len = std::min<std::size_t>(row.undo.len, 65535); });
       }},
      {"script-kept",
       [](flux_backend_api& t) {
         t.read_script = [](flux_backend* self, flux_str name_space, flux_str id, flux_text_fn emit, void* ctx,
                            flux_err* e) {
           if (text(id) == "without") emit(ctx, str(""));
           return good().read_script(self, name_space, id, emit, ctx, e);
         };
       }},
      {"script-not-listed",
       [](flux_backend_api& t) { listed(t, [](flux_history_row& row) { row.script = str("the up script"); }); }},
      {"row-seen-by-others",
       [](flux_backend_api& t) {
         track_transactions(t);
         t.register_migration = [](flux_backend* self, const flux_history_row* row, flux_err* e) {
           if (!in_transaction()) good().begin(self, nullptr);
           return good().register_migration(self, row, e);
         };
       }},
      {"applied-at-kept",
       [](flux_backend_api& t) {
         written(t, [](flux_history_row& row) { row.applied_at_us -= row.applied_at_us % 1000; });
       }},
      {"applied-at-clock",
       [](flux_backend_api& t) {
         written(t, [](flux_history_row& row) {
           if (row.applied_at_us == 0) row.applied_at_us = 1;
         });
       }},
      {"applied-at-zones",
       [](flux_backend_api& t) {
         listed(t, [](flux_history_row& row) {
           const std::time_t seconds = row.applied_at_us / 1000000;
           std::tm local{};
           localtime_r(&seconds, &local);
           row.applied_at_us += local.tm_gmtoff * 1000000;
         });
       }},
  };
}

}  // namespace toy
