// The error of a database that is not there.
#pragma once

#include <flux/core/error.hpp>

namespace flux {

// Whether it says that the database itself is not there, in the words of SQL: 3D000.
inline bool is_missing_database(const Error& error) noexcept { return error.failures().front().sqlstate == "3D000"; }

}  // namespace flux
