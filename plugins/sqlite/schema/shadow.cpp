#include "shadow.hpp"

#include <unistd.h>

#include <atomic>
#include <flux/backend.hpp>

#include "../target.hpp"

namespace flux::sqlite {

std::string Shadows::create() {
  static std::atomic<unsigned> count{0};
  Target target;
  target.shared = "flux-shadow-" + std::to_string(getpid()) + "-" + std::to_string(++count);
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI;
  const int result = sqlite3_open_v2(target.sqlite_name().c_str(), &handle, flags, nullptr);
  std::unique_ptr<sqlite3, Close> keeper(handle);
  if (result != SQLITE_OK)
    throw BackendError(FLUX_E_CONNECTION, std::string("no database in memory can be made: ") + sqlite3_errstr(result));
  const std::string uri = "sqlite::memory:?shared=" + target.shared;
  keepers_[uri] = std::move(keeper);
  return uri;
}

}  // namespace flux::sqlite
