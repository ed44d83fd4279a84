// The throw-away databases of the example: folders below the one for temporary files.
#pragma once

#include <string>

namespace memo {

// An empty folder that is there until destroyed; what a process that has died has left, the next one sweeps away.
class ShadowFolder {
 public:
  // Makes it. Throws flux::BackendError.
  ShadowFolder();
  ~ShadowFolder();  // removes it with all that is in it
  ShadowFolder(const ShadowFolder&) = delete;
  ShadowFolder& operator=(const ShadowFolder&) = delete;

  const std::string& path() const noexcept { return path_; }

  // Removes those whose makers have died.
  static void sweep();

 private:
  std::string path_;
  int fd_ = -1;  // with the lock that says that its maker lives
};

}  // namespace memo
