#include <flux/core/duration.hpp>

#include <charconv>
#include <cstdint>

namespace flux {

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [unit_begin, problem] = std::from_chars(text.data(), end, number);
  constexpr std::int64_t most = 1'000'000'000;  // far beyond any use, far below an overflow
  if (problem != std::errc() || number < 0 || number > most) return std::nullopt;
  const std::string_view unit(unit_begin, static_cast<std::size_t>(end - unit_begin));
  if (unit == "ms") return std::chrono::milliseconds(number);
  if (unit == "s") return std::chrono::seconds(number);
  if (unit == "m" || unit == "min") return std::chrono::minutes(number);
  if (unit == "h") return std::chrono::hours(number);
  if (unit.empty() && number == 0) return std::chrono::milliseconds(0);
  return std::nullopt;
}

}  // namespace flux
