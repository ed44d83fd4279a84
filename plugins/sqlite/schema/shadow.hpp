// Throw-away databases in memory.
#pragma once

#include <sqlite3.h>

#include <map>
#include <memory>
#include <string>

namespace flux::sqlite {

// Keeps databases in memory that other connections of this process open by a URI. Gone with this, at the latest with
// the process: nothing is ever left to be swept.
class Shadows {
 public:
  // Makes one, and returns the URI. Throws FLUX_E_CONNECTION.
  std::string create();
  // Ends it, once the last connection to it is closed; nothing where there is none.
  void drop(const std::string& uri) { keepers_.erase(uri); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  // A connection to each: a database in memory lives as long as there is one.
  std::map<std::string, std::unique_ptr<sqlite3, Close>> keepers_;
};

}  // namespace flux::sqlite
