// The ELF note of a backend, read without running any of its code.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace flux {

struct BackendNote {
  std::uint32_t abi_major = 0, abi_minor = 0;
  std::string name;
  bool binds_at_once = false;  // linked with -z now: the loader finds all that it refers to, or refuses it
};

// The note of `file`; nullopt, with `problem` as the end of a sentence about the file, where it has none.
std::optional<BackendNote> read_backend_note(const std::filesystem::path& file, std::string& problem);

}  // namespace flux
