#include <flux/core/schema/replay.hpp>

#include <fmt/core.h>

#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace flux {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot_write(const fs::path& path, const std::string& why) {
  Failure f;
  f.code = ErrorCode::config;
  f.message = fmt::format("cannot write {}: {}", path.string(), why);
  throw Error(std::move(f));
}

// Whoever may write to the history must not choose where files are written.
void require_inside(const std::string& id) {
  const fs::path path(id);
  const bool inside = path.is_relative() && std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
  if (inside) return;
  Failure f;
  f.code = ErrorCode::history;
  f.message = fmt::format("the history has a migration whose id would be a file elsewhere: {}", id);
  f.hint = "no migration tool writes such a row: find out who has";
  throw Error(std::move(f));
}

}  // namespace

Migrator shadow_migrator(const Config& config, const MigratorOptions& options, const Shadow& shadow) {
  Config in_shadow = config;
  in_shadow.database_uri = shadow.uri();
  MigratorOptions silent = options;
  silent.log = Log::silent();
  return Migrator(std::move(in_shadow), std::move(silent));
}

std::vector<Failure> replay(const Config& config, const MigratorOptions& options, const Shadow& shadow) {
  Migrator migrator = shadow_migrator(config, options, shadow);
  return migrator.run(migrator.plan(ApplyRequest{})).failures;
}

void apply_all(const Config& config, const MigratorOptions& options, const Shadow& shadow) {
  std::vector<Failure> failures = replay(config, options, shadow);
  if (failures.empty()) return;
  const ErrorCode code = failures.front().code;
  failures.front().message = fmt::format("the migrations cannot be replayed in a shadow database: {}", failures.front().message);
  throw Error(code, std::move(failures));
}

AppliedFolder::AppliedFolder(const std::vector<Migrator::AppliedScript>& scripts, const std::string& extension) {
  std::string pattern = (fs::temp_directory_path() / "flux-applied-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) cannot_write(pattern, std::strerror(errno));
  path_ = pattern;
  try {
    for (const Migrator::AppliedScript& script : scripts) {
      require_inside(script.id);
      write(script.id + "." + extension, script.text);
    }
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
    throw;
  }
}

AppliedFolder::~AppliedFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void AppliedFolder::write(const std::string& file, const std::string& text) const {
  const fs::path path = path_ / file;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) cannot_write(path, std::strerror(errno));
}

}  // namespace flux
