// The files of one folder of migrations, by name alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <flux/core/migration_set.hpp>
#include <flux/core/text_store.hpp>

namespace flux {

// The migration directory itself, or one of its folders of repeatables.
struct ScriptFolder {
  std::filesystem::path path;
  std::string id_prefix;       // "pre-apply/"; "" for the directory itself
  std::optional<Phase> phase;  // none: the directory itself
};

enum class FileKind : std::uint8_t { script, undo, python };

// Small, as there can be hundreds of thousands.
struct ListedFile {
  const char* text;
  std::uint16_t size, stem_size;
  FileKind kind;

  std::string_view name() const noexcept { return {text, size}; }       // in the folder
  std::string_view stem() const noexcept { return {text, stem_size}; }  // the id without the folder's prefix
};

// The files of a folder that are scripts by their names. The names live as long as the listing.
struct DirectoryListing {
  std::vector<ListedFile> files;             // by stem, then by name
  std::vector<std::string> other_case;       // files whose extension is right but for its case, by name
  std::vector<std::string> near_folders;     // what is named like pre-apply or post-apply, but not so, by name
  std::error_code error;                     // the folder cannot be read
  TextStore names;
};

DirectoryListing list_folder(const ScriptFolder& folder, const std::string& extension);

}  // namespace flux
