// The database that a URI names.
#pragma once

#include <flux/backend.hpp>
#include <string>
#include <string_view>

namespace flux::sqlite {

enum class OpenMode { read_only, read_write, create };

struct Target {
  std::string file;  // absolute, symbolic links resolved; empty: in memory
  OpenMode mode = OpenMode::create;
  std::string shared{};  // of a database in memory that several connections of this process use: its name

  bool in_memory() const { return file.empty(); }
  // "sqlite /srv/app.db" or "sqlite :memory:"
  std::string description() const { return "sqlite " + (in_memory() ? std::string(":memory:") : file); }
  // What SQLite opens; of a database in memory with SQLITE_OPEN_URI.
  std::string sqlite_name() const;
  // The file whose lock keeps other runs of Flux out; not of a database in memory.
  std::string lock_file() const { return file + "-flux.lock"; }
  // Throws FLUX_E_FAILED where the URI or the file's permissions say that it is not to be written.
  void require_writable() const;
  // What is thrown then.
  BackendError not_writable() const;
  // Is there such a file? Throws FLUX_E_CONNECTION where something else than a file has its name.
  bool exists() const;
};

// Reads `uri` as README.md describes. A relative path starts at the absolute folder `base`. Throws
// FLUX_E_CONNECTION for a URI that names no SQLite database and for one in a folder that does not exist.
Target parse_target(std::string_view uri, const std::string& base);

}  // namespace flux::sqlite
