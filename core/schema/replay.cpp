#include <flux/core/schema/replay.hpp>

#include <fmt/core.h>

#include <stdlib.h>

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

}  // namespace

Migrator shadow_migrator(const Config& config, const MigratorOptions& options, const Shadow& shadow) {
  Config in_shadow = config;
  in_shadow.database_uri = shadow.uri();
  MigratorOptions silent = options;
  silent.log = Log::silent();
  return Migrator(std::move(in_shadow), std::move(silent));
}

void apply_all(const Config& config, const MigratorOptions& options, const Shadow& shadow) {
  Migrator migrator = shadow_migrator(config, options, shadow);
  const Report report = migrator.run(migrator.plan(ApplyRequest{}));
  if (report.ok()) return;
  std::vector<Failure> failures = report.failures;
  failures.front().message = fmt::format("the migrations cannot be replayed in a shadow database: {}", failures.front().message);
  throw Error(report.failures.front().code, std::move(failures));
}

AppliedFolder::AppliedFolder(const std::vector<Migrator::AppliedScript>& scripts, const std::string& extension) {
  std::string pattern = (fs::temp_directory_path() / "flux-applied-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) cannot_write(pattern, std::strerror(errno));
  path_ = pattern;
  try {
    for (const Migrator::AppliedScript& script : scripts) write(script.id + "." + extension, script.text);
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
