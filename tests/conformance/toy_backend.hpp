// A backend that keeps every promise and declares all of them: a folder with one file, after the SDK's example.
#pragma once

#include <flux/backend_abi.h>

namespace toy {

// Its table, as flux/backend.hpp makes it; static.
const flux_backend_api* table();

}  // namespace toy
