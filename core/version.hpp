// The version of flux.
#pragma once

namespace flux {

const char* version() noexcept;  // "0.1.0"

}  // namespace flux
