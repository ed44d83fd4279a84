// A project folder and the built flux in it.
#pragma once

#include <string>
#include <vector>

#include "database.hpp"
#include "run_process.hpp"
#include "temp_dir.hpp"

namespace flux::testing {

class Project {
 public:
  // flux.toml names the database; `settings` are more lines of [flux], `backend_settings` of [backend]. The variable
  // FLUX_TEST_SETTINGS holds lines of [flux] for every project: by it the same tests run in another way as well.
  explicit Project(const Database& database, const std::string& settings = "", const std::string& backend_settings = "");

  // Writes migrations/NAME.
  void write(const std::string& name, const std::string& text) const;
  void remove(const std::string& name) const;
  // Writes migrations/ID.sql and migrations/ID.undo.sql.
  void migration(const std::string& id, const std::string& up, const std::string& undo) const;
  // Runs flux with these arguments in the folder.
  // `meanwhile` as in ProcessOptions.
  ProcessResult flux(const std::vector<std::string>& arguments, const std::function<void(int pid)>& meanwhile = {}) const;
  // The same; throws with what it wrote unless it exits with `code`.
  std::string must(const std::vector<std::string>& arguments, int code = 0) const;

  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  TempDir folder_;
};

// Lines of the history as "id state", by id; `key` is for the order of namespaces.
std::string applied_ids(const Database& database);

}  // namespace flux::testing
