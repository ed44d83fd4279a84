// Which other programs use a database file.
#pragma once

#include <string>
#include <vector>

namespace flux::sqlite {

// Who is in the way of a lock on one of `files` (absolute paths), for people, a line per file: "/srv/app.db is locked
// by pid 12 (sqlite3)", as far as /proc tells this user; without pids where it does not. Takes a quarter of a second at
// most.
std::string describe_lock_holders(const std::vector<std::string>& files);

}  // namespace flux::sqlite
