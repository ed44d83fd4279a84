#include <flux/core/version.hpp>

namespace flux {

const char* version() noexcept { return FLUX_VERSION; }

}  // namespace flux
