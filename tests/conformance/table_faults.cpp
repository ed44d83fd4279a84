// Faults of the table and of what it says.
#include <algorithm>
#include <vector>

#include "fault.hpp"

namespace toy {
namespace {

// The keys, of which the first is another.
void first_key(flux_backend_api& table, void (*change)(flux_key& key)) {
  static std::vector<flux_key> keys(table.keys, table.keys + table.key_count);
  change(keys[0]);
  table.keys = keys.data();
}

// create with those items of the configuration that `keep` wants.
flux_status create_with(const flux_host* host, const flux_config* config, flux_backend** out, flux_err* err,
                        bool (*keep)(const flux_kv& kv)) {
  std::vector<flux_kv> kept;
  for (std::size_t i = 0; i < config->count; ++i) {
    const auto& kv =
        *reinterpret_cast<const flux_kv*>(reinterpret_cast<const char*>(config->items) + i * config->kv_size);
    if (keep(kv)) kept.push_back(kv);
  }
  const flux_config changed{sizeof changed, sizeof(flux_kv), kept.data(), kept.size()};
  return good().create(host, &changed, out, err);
}

const flux_key* known(const flux_kv& kv) {
  const flux_key* const end = good().keys + good().key_count;
  const flux_key* const at =
      std::find_if(good().keys, end, [&](const flux_key& key) { return text(kv.key) == key.name; });
  return at != end ? at : nullptr;
}

}  // namespace

std::vector<Fault> table_faults() {
  return {
      // Its own name in the note, another ABI in the table.
      {"note-equals-table", [](flux_backend_api& t) { t.abi_minor = 1; }},
      // What the entry function does for itself.
      {"table-static", [](flux_backend_api&) {}},
      {"table-size", [](flux_backend_api& t) { t.min_host_minor = 7; }},
      {"table-complete", [](flux_backend_api& t) { t.commit = nullptr; }},
      {"table-texts", [](flux_backend_api& t) { t.uri_schemes = "toy://, toys"; }},
      {"keys-described",
       [](flux_backend_api& t) { first_key(t, [](flux_key& key) { key.description = "one\ntwo"; }); }},
      {"key-defaults",
       [](flux_backend_api& t) { first_key(t, [](flux_key& key) { key.default_value = "toy.store"; }); }},
      {"capabilities-backed", [](flux_backend_api& t) { t.cancel = nullptr; }},
      {"interfaces",
       [](flux_backend_api& t) {
         t.get_interface = [](flux_backend*, const char*) -> const void* { return &good(); };
       }},
      {"config-defaults",
       [](flux_backend_api& t) {
         t.create = [](const flux_host* h, const flux_config* c, flux_backend** out, flux_err* e) {
           good().create(h, c, out, nullptr);
           return c->count == 0 ? report(e, FLUX_E_CONFIG, "\"file\" is missing") : flux_status{FLUX_OK};
         };
       }},
      {"config-unknown-key",
       [](flux_backend_api& t) {
         t.create = [](const flux_host* h, const flux_config* c, flux_backend** out, flux_err* e) {
           return create_with(h, c, out, e, [](const flux_kv& kv) { return known(kv) != nullptr; });
         };
       }},
      {"config-wrong-type",
       [](flux_backend_api& t) {
         t.create = [](const flux_host* h, const flux_config* c, flux_backend** out, flux_err* e) {
           return create_with(h, c, out, e, [](const flux_kv& kv) {
             return known(kv) == nullptr || known(kv)->type == kv.value.type;
           });
         };
       }},
      {"larger-config",
       [](flux_backend_api& t) {
         t.create = [](const flux_host* h, const flux_config* c, flux_backend** out, flux_err* e) {
           flux_config changed = *c;
           changed.kv_size = sizeof(flux_kv);
           return good().create(h, &changed, out, e);
         };
       }},
      {"larger-host",
       [](flux_backend_api& t) {
         t.create = [](const flux_host* h, const flux_config* c, flux_backend** out, flux_err* e) {
           const flux_status status = good().create(h, c, out, e);
           return h->struct_size == sizeof *h ? status : report(e, FLUX_E_INTERNAL, "another host");
         };
       }},
  };
}

}  // namespace toy
