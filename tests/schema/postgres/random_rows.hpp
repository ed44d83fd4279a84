// What is in the tables of a database, to see what a change has done to it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "database.hpp"
#include "session.hpp"

namespace flux::testing {

// What may be expected to stay, by what it is about: "rows of public.t", "values of public.t.a", "file of public.t".
class TableLook {
 public:
  // Of the tables and columns that are the same on both sides.
  TableLook(const Schema& from, const Schema& to);
  std::map<std::string, std::string> look(Session& session) const;
  // What is not as it was, though none of the steps said so; "" where nothing is.
  std::string unannounced(const std::map<std::string, std::string>& before,
                          const std::map<std::string, std::string>& after, const std::vector<PlannedStep>& steps) const;
  // Empties all tables of `schema`.
  static std::string truncate(const Schema& schema);

 private:
  struct About {
    std::string table, column;
    std::vector<std::string> above;  // what the table inherits from
  };
  std::string query_;
  std::map<std::string, About> about_;
};

}  // namespace flux::testing
