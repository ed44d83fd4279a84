// Durations as they are written in flux.toml and in directives.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace flux {

// "250ms", "60s", "5m", "1h"; "0" and "0s" are zero. nullopt for anything else, a bare number included.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace flux
