// The project whose runs are killed, and what must be true of its database at any time.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "scene.hpp"

namespace flux::testing {

// What is in the database, by a short name each: "03_index" the state of its history row or "none", "three_a" how often
// that line of the journal is there, "index" none, invalid or valid.
using Facts = std::map<std::string, std::string>;

// Five migrations that each write their line into a journal, the third of them with `-- flux: no-transaction`, and a
// repeatable before and after. They are all there, or not at all, or, the third, as far as its row says.
class KillProject {
 public:
  explicit KillProject(const Database& database);

  const Project& project() const noexcept { return project_; }
  Facts facts() const;
  // What the history says and the database does not show, or the other way round; "" where they agree.
  static std::string disagreement(const Facts& facts);
  // Goes on as its user would after a killed run: `flux apply`, and where that says 7 `flux resolve`. Returns what was
  // wrong: an exit code, or a database that is not as after a run without disturbance; "" for nothing.
  std::string finish(const Facts& undisturbed) const;

 private:
  std::string resolve(const Facts& found) const;

  const Database& database_;
  Project project_;
};

}  // namespace flux::testing
