// The schema that migrations lead to, found out in a throw-away database.
#pragma once

#include <filesystem>

#include <flux/core/migrator.hpp>
#include <flux/core/schema/shadow.hpp>

namespace flux {

// A project whose target is the shadow. Its log is silent: what is worth a warning in the target is not in here.
Migrator shadow_migrator(const Config& config, const MigratorOptions& options, const Shadow& shadow);

// Applies everything in the directory of `config` to the shadow: what failed.
std::vector<Failure> replay(const Config& config, const MigratorOptions& options, const Shadow& shadow);
// The same; throws Error with what failed.
void apply_all(const Config& config, const MigratorOptions& options, const Shadow& shadow);

// A folder of migrations that holds what was applied to a target. Gone when destroyed.
class AppliedFolder {
 public:
  AppliedFolder(const std::vector<Migrator::AppliedScript>& scripts, const std::string& extension);
  ~AppliedFolder();
  AppliedFolder(const AppliedFolder&) = delete;
  AppliedFolder& operator=(const AppliedFolder&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  void write(const std::string& file, const std::string& text) const;
  std::filesystem::path path_;
};

}  // namespace flux
