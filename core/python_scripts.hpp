// Python migrations: files whose apply() and undo() return the script.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <flux/core/error.hpp>

namespace flux {

struct PythonFile {
  std::filesystem::path path;
  std::string name;        // as the user would name it
  bool repeatable = false; // must have no undo()
};

// What one file gave: its scripts, or what is wrong with it.
struct PythonScripts {
  std::string up;
  std::optional<std::string> undo;
  std::optional<Failure> problem;
};

// Evaluates `files`, in order, in one python3 process that can import modules of `project_folder`. One result for each file.
std::vector<PythonScripts> evaluate_python(const std::vector<PythonFile>& files, const std::filesystem::path& project_folder);

}  // namespace flux
