// Ids of new migrations: YYYYMMDD_NNN_slug.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flux::cli {

// "Create users!" as "create-users": ASCII letters in lower case, digits and other letters as they are, everything else
// a single '-'. Empty where nothing is left, and for text that is not UTF-8.
std::string slug(std::string_view name);

struct NewId {
  std::string id;
  // An id that is there already and sorts after the new one; empty: none does.
  std::string newer;
};

// The next free id of `today`, "20260131", or of the newest day among `existing` where that lies in the future, so that
// it sorts after all of them where it can. nullopt where a day has its 999 migrations.
std::optional<NewId> next_id(const std::vector<std::string>& existing, const std::string& today,
                             const std::string& slug);

// The id of a new migration in `folder`, which need not be there, whose files have `extension`. Throws Error{usage} where
// `name` holds nothing to name a file by, or the day is full.
NewId next_migration_id(const std::filesystem::path& folder, const std::string& extension, const std::string& name);

// "20260131" in the local time zone.
std::string date_of(std::chrono::system_clock::time_point time);

}  // namespace flux::cli
