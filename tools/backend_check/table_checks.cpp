// The table itself.
#include <set>

#include "check.hpp"
#include "scene.hpp"

namespace flux::check {
namespace {

std::string text(const char* given) { return given != nullptr ? given : ""; }

void table_is_static(Scene& scene) {
  const Subject again = load_subject(scene.subject().file);
  expect(again.given == scene.subject().given, "the same table from each call", "another address");
}

void table_size(Scene& scene) {
  const flux_backend_api& given = *scene.subject().given;
  expect(FLUX_HAS(&given, flux_backend_api, unregister_migration),
         "a struct_size that reaches the last required function", std::to_string(given.struct_size));
  expect(given.min_host_minor <= given.abi_minor, "a min_host_minor that is not above abi_minor",
         fmt::format("{} and {}", given.min_host_minor, given.abi_minor));
  expect(given.min_host_minor <= FLUX_ABI_MINOR, fmt::format("a min_host_minor of {} at most", FLUX_ABI_MINOR),
         std::to_string(given.min_host_minor));
}

void table_complete(Scene& scene) {
  const flux_backend_api& api = scene.subject().api;
  const std::pair<const char*, bool> required[] = {
      {"create", api.create != nullptr},
      {"destroy", api.destroy != nullptr},
      {"connect", api.connect != nullptr},
      {"disconnect", api.disconnect != nullptr},
      {"describe_target", api.describe_target != nullptr},
      {"list_history", api.list_history != nullptr},
      {"initialize", api.initialize != nullptr},
      {"lock", api.lock != nullptr},
      {"unlock", api.unlock != nullptr},
      {"begin", api.begin != nullptr},
      {"commit", api.commit != nullptr},
      {"rollback", api.rollback != nullptr},
      {"apply", api.apply != nullptr},
      {"register_migration", api.register_migration != nullptr},
      {"unregister_migration", api.unregister_migration != nullptr},
  };
  for (const auto& [name, there] : required) expect(there, fmt::format("the function {}", name), "NULL");
}

void table_texts(Scene& scene) {
  const flux_backend_api& api = scene.subject().api;
  const std::string name = text(api.name), schemes = text(api.uri_schemes), extension = text(api.script_extension);
  const bool named = !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
                     name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
  expect(named, "a name like [a-z][a-z0-9_]*", shown(name));
  expect(!text(api.version).empty(), "a version", "none");
  const bool listed = !schemes.empty() && schemes.find_first_of(" :/") == std::string::npos && schemes.front() != ',' &&
                      schemes.back() != ',' && schemes.find(",,") == std::string::npos;
  expect(listed, "URI schemes, comma separated, without blanks and colons", shown(schemes));
  expect(!extension.empty() && extension.find_first_of("./ ") == std::string::npos,
         "a script extension without the dot", shown(extension));
}

void keys_described(Scene& scene) {
  const flux_backend_api& api = scene.subject().api;
  if (api.key_count == 0) return;
  expect(api.keys != nullptr && api.key_size >= sizeof(flux_key), "keys, with key_size as their stride",
         fmt::format("a stride of {}", api.key_size));
  std::set<std::string> seen;
  for (const flux_key* key : keys_of(api)) {
    const std::string name = text(key->name), about = text(key->description);
    expect(!name.empty() && seen.insert(name).second, "a name of its own for each key", shown(name));
    expect(key->type >= FLUX_T_STRING && key->type <= FLUX_T_STRINGS, "a type of flux_value_type for " + name,
           std::to_string(key->type));
    expect(!about.empty() && about.find('\n') == std::string::npos, "one line that describes " + name, shown(about));
  }
}

void key_defaults(Scene& scene) {
  for (const flux_key* key : keys_of(scene.subject().api)) {
    if (key->default_value == nullptr) continue;
    expect(default_of(*key).has_value(), fmt::format("a default of {} as TOML text of its type", text(key->name)),
           key->default_value);
  }
}

void capabilities_backed(Scene& scene) {
  const flux_backend_api& api = scene.subject().api;
  constexpr std::uint64_t known =
      FLUX_CAP_TRANSACTIONAL_DDL | FLUX_CAP_LOCK | FLUX_CAP_CANCEL | FLUX_CAP_STATEMENT_OFFSETS;
  if (scene.subject().can(FLUX_CAP_CANCEL)) expect(api.cancel != nullptr, "cancel, behind FLUX_CAP_CANCEL", "NULL");
  expect(api.abi_minor > FLUX_ABI_MINOR || (api.capabilities & ~known) == 0, "no capability that this ABI has not",
         fmt::format("the bits {:#x}", api.capabilities & ~known));
}

void interfaces(Scene& scene) {
  const auto instance = scene.created();
  const auto get = scene.subject().api.get_interface;
  if (get == nullptr) return;
  expect(get(instance->self(), "flux.there-is-none.v1") == nullptr, "NULL for an interface that nobody has",
         "a pointer to something");
  const auto* split = static_cast<const flux_statements_v1*>(get(instance->self(), FLUX_IFACE_STATEMENTS_V1));
  if (split != nullptr)
    expect(FLUX_HAS(split, flux_statements_v1, split) && split->split != nullptr, "split in " FLUX_IFACE_STATEMENTS_V1,
           fmt::format("a struct_size of {}, or NULL", split->struct_size));
  const auto* batch = static_cast<const flux_batch_v1*>(get(instance->self(), FLUX_IFACE_BATCH_V1));
  if (batch != nullptr)
    expect(FLUX_HAS(batch, flux_batch_v1, apply_batch) && batch->apply_batch != nullptr,
           "apply_batch in " FLUX_IFACE_BATCH_V1, fmt::format("a struct_size of {}, or NULL", batch->struct_size));
}

void schema_table(Scene& scene) {
  const auto instance = scene.created();
  const auto* table =
      static_cast<const flux_schema_v1*>(scene.subject().api.get_interface(instance->self(), FLUX_IFACE_SCHEMA_V1));
  expect(FLUX_HAS(table, flux_schema_v1, read_definition), "a struct_size that reaches read_definition",
         std::to_string(table->struct_size));
  const std::pair<const char*, bool> required[] = {
      {"create_shadow", table->create_shadow != nullptr},
      {"drop_shadow", table->drop_shadow != nullptr},
      {"inspect", table->inspect != nullptr},
      {"change", table->change != nullptr},
      {"load", table->load != nullptr},
      {"check_loaded", table->check_loaded != nullptr},
      {"read_definition", table->read_definition != nullptr},
  };
  for (const auto& [name, there] : required)
    expect(there, fmt::format("the function {} in " FLUX_IFACE_SCHEMA_V1, name), "NULL");
}

}  // namespace

std::vector<Check> table_checks() {
  return {
      {"table-static", "Rules: the table that the entry function returns is static", 0, table_is_static},
      {"table-size", "flux_backend_api: struct_size, abi_minor and min_host_minor fit this host", 0, table_size},
      {"table-complete", "flux_backend_api: every function that is not called optional is there", 0, table_complete},
      {"table-texts", "flux_backend_api: name, version, uri_schemes and script_extension", 0, table_texts},
      {"keys-described", "flux_key: name, type and a description of one line; key_size is their stride", 0,
       keys_described},
      {"key-defaults", "flux_key.default_value: TOML text of the key's type", 0, key_defaults},
      {"capabilities-backed", "flux_capability: what is declared has its function", 0, capabilities_backed},
      {"interfaces", "get_interface: a feature's own table, size-prefixed, or NULL", 0, interfaces},
      {"schema-table", "flux_schema_v1: every function is there", needs_schema, schema_table},
  };
}

}  // namespace flux::check
