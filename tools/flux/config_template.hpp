// The flux.toml that `flux init` writes.
#pragma once

#include <flux/core/backend.hpp>
#include <string>

namespace flux::cli {

// A file that is valid as it is, with every key of flux and of the backend, described.
std::string config_template(const BackendInfo& backend);

// Whether the target is a file, so that the example URI can be used as it is. A server's would be somebody's.
bool has_usable_example(const BackendInfo& backend);

}  // namespace flux::cli
