// A folder with a project in it, and flux run there.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "run_process.hpp"
#include "temp_dir.hpp"

namespace flux::cli::test {

using Json = nlohmann::ordered_json;
using testing::ProcessResult;
using Environment = std::map<std::string, std::optional<std::string>>;

class Project {
 public:
  // Makes the folder alone, or with the flux.toml of a SQLite project and an empty migrations/.
  enum class Content { nothing, configured };
  explicit Project(Content content = Content::configured);

  const std::filesystem::path& folder() const { return dir_.path(); }
  // Writes a file, its path relative to the folder.
  void write(const std::string& file, std::string_view text) const;
  std::string read(const std::string& file) const;
  bool has(const std::string& file) const;
  // Three migrations: authors, books, loans; each with an undo, and nothing applied.
  void write_library() const;

  // Runs flux without a terminal, in an environment that holds nothing of the user's.
  ProcessResult flux(const std::vector<std::string>& arguments, const Environment& more = {}) const;
  // The same with `--format json`; fails the test where stdout is not one JSON document with its common members.
  Json json(std::vector<std::string> arguments) const;

  // The environment that flux runs in.
  static Environment environment();
  // `text` with what differs from run to run replaced: <dir>, <today>, <time>, <took>, <who>.
  std::string normal(std::string_view text) const;
  // The same for tables, whose columns depend on such: runs of blanks inside of a line become two.
  std::string normal_table(std::string_view text) const;

 private:
  testing::TempDir dir_;
};

// Today in ids: "20260131".
std::string today();

// The words of a command line, to be shown by a failing test.
std::string joined(const std::vector<std::string>& words);

}  // namespace flux::cli::test
