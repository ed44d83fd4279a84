// Where backends are, found without running any of their code.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flux {

// What the host takes from outside to find backends.
struct BackendSearch {
  std::optional<std::filesystem::path> backend_dir;  // --backend-dir; must be absolute
  std::function<std::optional<std::string>(const std::string&)> getenv;  // empty: the process's own
};

// A folder that is looked into, first to last.
struct BackendFolder {
  std::string origin;  // "--backend-dir", "FLUX_BACKEND_PATH", "config", "user", "system" or "build"
  std::filesystem::path path;  // empty: not set
  std::string state;           // why nothing is found there: "not set", "does not exist", ...; empty: it is usable
};

// A backend's file as its ELF note describes it.
struct BackendFile {
  std::filesystem::path path;
  std::string name;      // from the file's name
  std::string problem;   // why it cannot be loaded; empty: none seen without loading it
  bool shadowed = false; // an earlier folder has the same name
};

std::vector<BackendFolder> backend_folders(const BackendSearch& search);
// Every libflux_backend_NAME.so, by folder, then name.
std::vector<BackendFile> list_backends(const BackendSearch& search);
// The file that serves `name`. Throws Error{backend} that says where it looked, or why the file is refused.
std::filesystem::path find_backend(const BackendSearch& search, std::string_view name);

}  // namespace flux
