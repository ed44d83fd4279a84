// The [backend] table in the form of the ABI.
#pragma once

#include <vector>

#include <flux/backend_abi.h>
#include <flux/core/config.hpp>

namespace flux {

// Borrows from `settings`, which must outlive it.
class BackendConfigTable {
 public:
  explicit BackendConfigTable(const std::vector<BackendSetting>& settings);
  const flux_config* get() const noexcept { return &config_; }

 private:
  std::vector<std::vector<flux_str>> lists_;
  std::vector<flux_kv> items_;
  flux_config config_{};
};

}  // namespace flux
