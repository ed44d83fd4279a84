#include <flux/core/backend_search.hpp>

#include <fmt/format.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include <flux/backend_abi.h>
#include <flux/core/backend.hpp>
#include <flux/core/error.hpp>

#include "backend_note.hpp"
#include "config_file.hpp"
#include "file_safety.hpp"

namespace flux {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "libflux_backend_", suffix = ".so";

std::string file_name(std::string_view name) { return fmt::format("{}{}{}", prefix, name, suffix); }

std::optional<std::string> variable(const BackendSearch& search, const std::string& name) {
  if (search.getenv) return search.getenv(name);
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

// The folder of the running program; where /proc is not mounted, of the path by which it was started.
fs::path executable_folder() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (!error) return self.parent_path();
  const auto* started_as = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  return started_as != nullptr ? fs::canonical(started_as, error).parent_path() : fs::path();
}

std::optional<fs::path> home_folder(const BackendSearch& search, const char* xdg, const char* below_home) {
  if (const auto given = variable(search, xdg); given && fs::path(*given).is_absolute()) return fs::path(*given);
  if (const auto home = variable(search, "HOME"); home && fs::path(*home).is_absolute()) return fs::path(*home) / below_home;
  return std::nullopt;
}

// What stands beside a program in its build tree may be its owner's: whoever runs that trusts them already.
std::optional<uid_t> trusted_beside(const BackendFolder& folder) {
  struct stat info {};
  const bool known = folder.origin == "build" && ::stat((executable_folder() / ".").c_str(), &info) == 0;
  return known ? std::optional(info.st_uid) : std::nullopt;
}

class Folders {
 public:
  void add(std::string origin, const fs::path& path) {
    BackendFolder folder{std::move(origin), path, ""};
    std::error_code error;
    if (!path.is_absolute()) folder.state = "refused: the path is not absolute";
    else if (!fs::exists(path, error)) folder.state = error ? "refused: it cannot be examined: " + error.message() : "does not exist";
    else if (!fs::is_directory(path, error)) folder.state = "is not a folder";
    else if (std::string why = unsafe_reason(path, trusted_beside(folder)); !why.empty()) folder.state = "refused: " + why;
    list_.push_back(std::move(folder));
  }

  // A list of folders separated by ":".
  void add_path(const std::string& origin, const std::string& list) {
    if (list.empty()) list_.push_back({origin, "", "not set"});
    for (std::size_t at = 0; at <= list.size();) {
      const std::size_t end = std::min(list.find(':', at), list.size());
      if (end > at) add(origin, list.substr(at, end - at));
      at = end + 1;
    }
  }

  // backend_dirs of a configuration of the user's or the system's; a file that cannot be read is a folder of that name
  // that says why.
  void add_configured(const fs::path& file) {
    std::error_code error;
    if (!fs::exists(file, error)) return;
    if (const std::string why = unsafe_reason(file); !why.empty()) {
      list_.push_back({file.string(), file, "refused: " + why});
      return;
    }
    try {
      for (const ConfigSection& section : read_config_file(file))
        for (const ConfigEntry& entry : section.entries) {
          const auto* dirs = std::get_if<std::vector<std::string>>(&entry.value);
          if (!section.name.empty() || entry.key != "backend_dirs" || dirs == nullptr)
            list_.push_back({file.string(), file, fmt::format("the key \"{}\" is not backend_dirs, a list of strings", entry.key)});
          else
            for (const std::string& dir : *dirs) add(file.string(), dir);
        }
    } catch (const Error& e) {
      list_.push_back({file.string(), file, e.what()});
    }
  }

  std::vector<BackendFolder> take() { return std::move(list_); }

 private:
  std::vector<BackendFolder> list_;
};

// Beside the executable where it stands in a prefix, so that a prefix can be moved; else where it was configured to be.
fs::path system_folder() {
  const fs::path own = executable_folder();
  const fs::path beside = (own / ".." / FLUX_LIBDIR / "flux" / "backends").lexically_normal();
  std::error_code error;
  if (!own.empty() && !has_elevated_privileges() && fs::is_directory(beside, error)) return beside;
  return FLUX_SYSTEM_BACKEND_DIR;
}

std::string problem_of(const fs::path& file, const BackendFolder& folder, const std::string& name) {
  if (std::string why = unsafe_reason(file, trusted_beside(folder)); !why.empty()) return "is refused: " + why;
  std::string problem;
  const auto note = read_backend_note(file, problem);
  if (!note) return problem;
  if (note->abi_major != FLUX_ABI_MAJOR)
    return fmt::format("was built for flux backend ABI {}; this flux supports {}", note->abi_major, FLUX_ABI_MAJOR);
  if (note->name != name) return fmt::format("is the backend \"{}\"; its file must be named {}", note->name, file_name(note->name));
  return "";
}

bool is_backend_name(std::string_view name) {
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

[[noreturn]] void refuse(std::string message, std::string detail, std::string hint) {
  Failure f;
  f.code = ErrorCode::backend;
  f.message = std::move(message);
  f.detail = std::move(detail);
  f.hint = std::move(hint);
  throw Error(std::move(f));
}

// A package cannot have "_" in its name.
std::string how_to_install(std::string_view name) {
  std::string package = fmt::format("flux-backend-{}", name);
  std::replace(package.begin(), package.end(), '_', '-');
  std::error_code error;
  const bool from_package = executable_folder() == "/usr/bin" && fs::exists("/usr/bin/apt", error);
  return from_package ? fmt::format("install it with `apt install {}`", package) : fmt::format("install the package {}", package);
}

// "mysql" is no backend, but what URIs of one begin with.
std::optional<std::string> backend_of_scheme(const BackendSearch& search, std::string_view scheme) {
  for (const BackendFile& file : list_backends(search)) {
    if (!file.problem.empty() || file.shadowed) continue;
    try {
      const auto library = BackendLibrary::load(file.path, file.name);
      const std::vector<std::string>& schemes = library->info().uri_schemes;
      if (std::find(schemes.begin(), schemes.end(), scheme) != schemes.end()) return file.name;
    } catch (const Error&) {  // one that cannot be loaded is not the one to name
    }
  }
  return std::nullopt;
}

// The database itself was named in place of its kind. Nothing behind the scheme is repeated: it may hold a password.
[[noreturn]] void refuse_uri(const BackendSearch& search, std::string_view uri) {
  const std::string_view scheme = uri.substr(0, uri.find(':'));
  const std::string name = backend_of_scheme(search, scheme).value_or(std::string(scheme));
  refuse(fmt::format("\"{}:\" begins a database URI, and the name of a backend is wanted", scheme), "",
         fmt::format("the backend is \"{}\", as in `flux init {}`; the URI is given as database_uri in flux.toml", name, name));
}

[[noreturn]] void refuse_not_found(const BackendSearch& search, std::string_view name) {
  if (name.find(':') != std::string_view::npos) refuse_uri(search, name);
  std::string looked = fmt::format("looked for {} in:", file_name(name));
  for (const BackendFolder& folder : backend_folders(search)) {
    looked += fmt::format("\n  {:<18}{}", folder.origin, folder.path.string());
    if (!folder.state.empty()) looked += fmt::format("{}({})", folder.path.empty() ? "" : "  ", folder.state);
  }
  std::vector<std::string> installed;
  for (const BackendFile& file : list_backends(search))
    if (file.problem.empty() && !file.shadowed) installed.push_back(file.name);
  looked += fmt::format("\ninstalled: {}", installed.empty() ? "none" : fmt::format("{}", fmt::join(installed, ", ")));
  auto near = nearest(name, installed);
  if (!near) near = backend_of_scheme(search, name);
  refuse(fmt::format("backend \"{}\" not found", name), looked,
         near ? fmt::format("did you mean \"{}\"?", *near) : fmt::format("{}, or name its folder with --backend-dir", how_to_install(name)));
}

}  // namespace

std::vector<BackendFolder> backend_folders(const BackendSearch& search) {
  Folders folders;
  if (!has_elevated_privileges()) {
    if (search.backend_dir) folders.add("--backend-dir", *search.backend_dir);
    const auto path = variable(search, "FLUX_BACKEND_PATH");
    folders.add_path("FLUX_BACKEND_PATH", path.value_or(""));
    if (const auto config = home_folder(search, "XDG_CONFIG_HOME", ".config")) folders.add_configured(*config / "flux" / "config.toml");
    folders.add_configured("/etc/flux/config.toml");
    if (const auto data = home_folder(search, "XDG_DATA_HOME", ".local/share")) folders.add("user", *data / "flux" / "backends");
    // A program that runs from its build tree uses the backends built with it.
    const fs::path build = executable_folder().parent_path();
    std::error_code error;
    if (!build.empty() && fs::exists(build / "CMakeCache.txt", error)) folders.add("build", build / "backends");
  }
  folders.add("system", system_folder());
  return folders.take();
}

std::vector<BackendFile> list_backends(const BackendSearch& search) {
  std::vector<BackendFile> files;
  std::set<std::string> seen;
  for (const BackendFolder& folder : backend_folders(search)) {
    if (!folder.state.empty()) continue;
    std::vector<BackendFile> here;
    std::error_code error;
    for (fs::directory_iterator at(folder.path, error), end; !error && at != end; at.increment(error)) {
      const std::string file = at->path().filename().string();
      if (!file.starts_with(prefix) || !file.ends_with(suffix) || file.size() < prefix.size() + suffix.size()) continue;
      const std::string name = file.substr(prefix.size(), file.size() - prefix.size() - suffix.size());
      if (is_backend_name(name)) here.push_back({at->path(), name, problem_of(at->path(), folder, name), false});
    }
    std::sort(here.begin(), here.end(), [](const BackendFile& a, const BackendFile& b) { return a.name < b.name; });
    for (BackendFile& file : here) {
      file.shadowed = !seen.insert(file.name).second;
      files.push_back(std::move(file));
    }
  }
  return files;
}

fs::path find_backend(const BackendSearch& search, std::string_view name) {
  for (const BackendFolder& folder : backend_folders(search)) {
    // A folder that was asked for by name must be usable; to go on in silence would load another file than was meant. That
    // below HOME was not: it counts where it holds the backend. HOME may be somebody else's, as behind setpriv.
    std::error_code unseen;
    const bool asked_for = folder.origin != "user" || fs::exists(folder.path / file_name(name), unseen);
    if (folder.origin == "--backend-dir" && folder.state.starts_with("does not"))
      refuse(fmt::format("the backend folder {} (--backend-dir) {}", folder.path.string(), folder.state), "", "");
    if (folder.state.starts_with("refused") && asked_for)
      refuse(fmt::format("the backend folder {} ({}) is {}", folder.path.string(), folder.origin, folder.state), "", "");
    if (!folder.state.empty()) continue;
    const fs::path file = folder.path / file_name(name);
    std::error_code error;
    const fs::file_status status = fs::symlink_status(file, error);
    if (status.type() == fs::file_type::none) refuse(fmt::format("{} cannot be examined: {}", file.string(), error.message()), "", "");
    if (!fs::exists(status)) continue;
    if (const std::string problem = problem_of(file, folder, std::string(name)); !problem.empty())
      refuse(fmt::format("{} {}", file.string(), problem), "", "");
    return file;
  }
  refuse_not_found(search, name);
}

}  // namespace flux
