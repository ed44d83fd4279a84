#include "directory_listing.hpp"

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "ascii_lower.hpp"

namespace flux {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

// Null at the end, and with errno where the folder cannot be read on.
const dirent* next(DIR* folder) {
  errno = 0;
  return ::readdir(folder);
}

// Like the name of a folder of repeatables, but for the case of its letters or what is between the words.
bool is_near_folder(std::string_view name) {
  if (name == "pre-apply" || name == "post-apply") return false;
  std::string letters = ascii_lower(name);
  std::erase_if(letters, [](char c) { return c == '-' || c == '_' || c == '.'; });
  return letters == "preapply" || letters == "postapply";
}

}  // namespace

DirectoryListing list_folder(const ScriptFolder& folder, const std::string& extension) {
  DirectoryListing listing;
  const std::string suffix = "." + extension, undo_suffix = ".undo." + extension;
  const std::unique_ptr<DIR, CloseFolder> open(::opendir(folder.path.c_str()));
  if (!open) {
    listing.error = std::error_code(errno, std::generic_category());
    return listing;
  }
  const auto add = [&](std::string_view name, std::string_view ending, FileKind kind) {
    const std::string_view kept = listing.names.keep(name);
    const auto size = static_cast<std::uint16_t>(kept.size());  // at most NAME_MAX
    listing.files.push_back({kept.data(), size, static_cast<std::uint16_t>(size - ending.size()), kind});
  };
  while (const dirent* entry = next(open.get())) {
    const std::string_view name = entry->d_name;
    if (name.starts_with('.') || name == "__init__.py") continue;
    if (name.ends_with(undo_suffix)) add(name, undo_suffix, FileKind::undo);
    else if (name.ends_with(suffix)) add(name, suffix, FileKind::script);
    else if (name.ends_with(".py")) add(name, ".py", FileKind::python);
    else if (ascii_lower(name).ends_with(suffix)) listing.other_case.push_back((folder.path / name).string());
    else if (is_near_folder(name)) listing.near_folders.emplace_back(name);
  }
  if (errno != 0) listing.error = std::error_code(errno, std::generic_category());
  std::sort(listing.files.begin(), listing.files.end(),
            [](const ListedFile& a, const ListedFile& b) {
              const int order = a.stem().compare(b.stem());
              return order != 0 ? order < 0 : a.name() < b.name();
            });
  std::sort(listing.other_case.begin(), listing.other_case.end());
  std::sort(listing.near_folders.begin(), listing.near_folders.end());
  return listing;
}

}  // namespace flux
