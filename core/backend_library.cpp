#include <dlfcn.h>
#include <fmt/core.h>

#include <boost/dll/shared_library.hpp>
#include <cstring>
#include <map>
#include <mutex>

#include <flux/core/backend.hpp>

#include "backend_note.hpp"

namespace flux {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& problem, std::string hint = "") {
  Failure f;
  f.code = ErrorCode::backend;
  f.message = fmt::format("{} {}", file.string(), problem);
  f.hint = std::move(hint);
  throw Error(std::move(f));
}

// An unresolved symbol must be an error here, not the end of the process when it is called. What is linked with -z now sees
// to that for itself; rtld_now would besides bind all of the libraries that it needs, which takes longer than all else.
bool binds_at_once(const std::filesystem::path& file) {
  std::string ignored;
  const auto note = read_backend_note(file, ignored);
  return note && note->binds_at_once;
}

// Loads `file` for the life of the process: unloading a library whose exceptions, error categories or threads may still be
// around is not safe, so the registry is never destroyed.
boost::dll::shared_library& loaded(const std::filesystem::path& file) {
  static std::mutex mutex;
  static auto* const registry = new std::map<std::filesystem::path, boost::dll::shared_library>;
  const std::lock_guard guard(mutex);
  const auto at = registry->find(file);
  if (at != registry->end()) return at->second;
  boost::dll::fs::error_code error;
  ::dlerror();
  boost::dll::shared_library library;
  using Mode = boost::dll::load_mode::type;
  library.load(file, (binds_at_once(file) ? Mode::rtld_lazy : Mode::rtld_now) | Mode::rtld_local, error);
  if (error) {
    const char* text = ::dlerror();  // Boost's own error code says "Bad file descriptor" whatever it was
    std::string why = text != nullptr ? text : error.message();
    const std::string named = file.string() + ": ";
    if (why.starts_with(named)) why.erase(0, named.size());
    refuse(file, "cannot be loaded: " + why);
  }
  return registry->emplace(file, std::move(library)).first->second;
}

struct Required {
  const char* name;
  std::size_t offset;
};
#define FLUX_REQUIRED(member) \
  Required { #member, offsetof(flux_backend_api, member) }
constexpr Required required[] = {
    FLUX_REQUIRED(name),          FLUX_REQUIRED(version),    FLUX_REQUIRED(uri_schemes),
    FLUX_REQUIRED(create),        FLUX_REQUIRED(destroy),    FLUX_REQUIRED(connect),
    FLUX_REQUIRED(disconnect),    FLUX_REQUIRED(describe_target),
    FLUX_REQUIRED(list_history),  FLUX_REQUIRED(initialize), FLUX_REQUIRED(lock),
    FLUX_REQUIRED(unlock),        FLUX_REQUIRED(begin),      FLUX_REQUIRED(commit),
    FLUX_REQUIRED(rollback),      FLUX_REQUIRED(apply),      FLUX_REQUIRED(register_migration),
    FLUX_REQUIRED(unregister_migration),
};
#undef FLUX_REQUIRED

// The table as this host knows it: what the backend's is too short for is null.
flux_backend_api copied(const flux_backend_api& given) {
  flux_backend_api api{};
  std::memcpy(&api, &given, std::min<std::size_t>(given.struct_size, sizeof api));
  return api;
}

void check(const std::filesystem::path& file, const flux_backend_api& api, std::string_view name) {
  if (api.min_host_minor > FLUX_ABI_MINOR)
    refuse(file, fmt::format("needs flux backend ABI {}.{}; this flux provides {}.{}", FLUX_ABI_MAJOR, api.min_host_minor, FLUX_ABI_MAJOR, FLUX_ABI_MINOR),
           "upgrade flux");
  for (const Required& member : required) {
    const void* value = nullptr;
    std::memcpy(&value, reinterpret_cast<const char*>(&api) + member.offset, sizeof value);
    if (value == nullptr) refuse(file, fmt::format("is incomplete: \"{}\" is missing", member.name), "this is a fault of the backend; tell its author");
  }
  if (api.key_count > 0 && (api.keys == nullptr || api.key_size < sizeof(flux_key)))
    refuse(file, "is incomplete: \"keys\" is missing", "this is a fault of the backend; tell its author");
  if (api.name != name) refuse(file, fmt::format("is the backend \"{}\" inside, not \"{}\"", api.name, name));
}

std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> items;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    if (end > at) items.emplace_back(list.substr(at, end - at));
    at = end + 1;
  }
  return items;
}

std::vector<BackendKey> keys_of(const flux_backend_api& api) {
  static constexpr const char* types[] = {"string", "integer", "number", "boolean", "list of strings"};
  std::vector<BackendKey> keys;
  for (std::size_t i = 0; i < api.key_count; ++i) {
    // Elements may be longer than this host's: the stride is the backend's.
    const auto& key = *reinterpret_cast<const flux_key*>(reinterpret_cast<const char*>(api.keys) + i * api.key_size);
    keys.push_back({key.name, key.type >= 1 && key.type <= std::size(types) ? types[key.type - 1] : "unknown",
                    key.default_value != nullptr ? std::optional<std::string>(key.default_value) : std::nullopt,
                    key.description != nullptr ? key.description : "", key.required != 0});
  }
  return keys;
}

std::vector<std::string> capabilities_of(const flux_backend_api& api) {
  static constexpr std::pair<std::uint64_t, const char*> names[] = {
      {FLUX_CAP_TRANSACTIONAL_DDL, "transactional_ddl"},
      {FLUX_CAP_LOCK, "lock"},
      {FLUX_CAP_CANCEL, "cancel"},
      {FLUX_CAP_STATEMENT_OFFSETS, "statement_offsets"},
  };
  std::vector<std::string> list;
  for (const auto& [bit, name] : names)
    if ((api.capabilities & bit) != 0) list.emplace_back(name);
  return list;
}

}  // namespace

std::shared_ptr<const BackendLibrary> BackendLibrary::load(const std::filesystem::path& file, std::string_view name) {
  if (!file.is_absolute()) refuse(file, "is not an absolute path");
  boost::dll::shared_library& library = loaded(file);
  if (!library.has(FLUX_ENTRY_SYMBOL)) refuse(file, "is not a flux backend: it does not export " FLUX_ENTRY_SYMBOL);
  const auto& entry = library.get<const flux_backend_api*()>(FLUX_ENTRY_SYMBOL);
  const flux_backend_api* given = entry();
  if (given == nullptr || given->struct_size < offsetof(flux_backend_api, create)) refuse(file, "gave no table of functions");
  const flux_backend_api api = copied(*given);
  check(file, api, name);

  const std::shared_ptr<BackendLibrary> made(new BackendLibrary);
  made->api_ = api;
  BackendInfo& info = made->info_;
  info.name = api.name;
  info.version = api.version;
  info.uri_schemes = split_list(api.uri_schemes);
  info.uri_example = api.uri_example != nullptr ? api.uri_example : "";
  info.script_extension = api.script_extension != nullptr && *api.script_extension != '\0' ? api.script_extension : "sql";
  info.capabilities = capabilities_of(api);
  info.keys = keys_of(api);
  info.file = file;
  info.abi_major = FLUX_ABI_MAJOR;
  info.abi_minor = static_cast<int>(api.abi_minor);
  return made;
}

}  // namespace flux
