#include "timestamp.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

namespace flux::sqlite {
namespace {

constexpr std::int64_t us_per_second = 1'000'000;
constexpr std::int64_t seconds_per_day = 86'400;

// Days since 1970-01-01 of a day in the Gregorian calendar, and back. Years are counted from March, so that the leap
// day is their last, in eras of 400 years.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

struct Date {
  std::int64_t year, month, day;
};

Date date_of(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;
  const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day_of_year - (153 * shifted + 2) / 5 + 1};
}

// Takes parts off the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  char take_one_of(std::string_view wanted) {
    if (rest_.empty() || wanted.find(rest_.front()) == std::string_view::npos) return '\0';
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  std::optional<std::int64_t> number(std::size_t digits) {
    if (rest_.size() < digits) return std::nullopt;
    std::int64_t value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return std::nullopt;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  // Digits behind a decimal point, as microseconds.
  std::int64_t fraction() {
    std::int64_t us = 0;
    for (std::int64_t unit = us_per_second / 10; const auto digit = number(1); unit /= 10) us += *digit * unit;
    return us;
  }

 private:
  std::string_view rest_;
};

// "12:00[:00[.123456]]" as microseconds.
std::optional<std::int64_t> time_of_day(Reader& reader) {
  const auto hour = reader.number(2);
  if (!hour || reader.take_one_of(":") == '\0') return std::nullopt;
  const auto minute = reader.number(2);
  if (!minute) return std::nullopt;
  std::int64_t us = (*hour * 60 + *minute) * 60 * us_per_second;
  if (reader.take_one_of(":") == '\0') return us;
  const auto second = reader.number(2);
  if (!second) return std::nullopt;
  us += *second * us_per_second;
  if (reader.take_one_of(".") != '\0') us += reader.fraction();
  return us;
}

// "Z", "+01:00", "-0130" or nothing: what is to be subtracted.
std::optional<std::int64_t> zone(Reader& reader) {
  const char sign = reader.take_one_of("Zz+-");
  if (sign == '\0' || sign == 'Z' || sign == 'z') return 0;
  const auto hours = reader.number(2);
  reader.take_one_of(":");
  const auto minutes = reader.number(2);
  if (!hours || !minutes) return std::nullopt;
  return (sign == '-' ? -1 : 1) * (*hours * 60 + *minutes) * 60 * us_per_second;
}

}  // namespace

std::string format_timestamp(std::int64_t us) {
  std::int64_t seconds = us / us_per_second, fraction = us % us_per_second;
  if (fraction < 0) {
    fraction += us_per_second;
    --seconds;
  }
  std::int64_t days = seconds / seconds_per_day, second = seconds % seconds_per_day;
  if (second < 0) {
    second += seconds_per_day;
    --days;
  }
  const Date date = date_of(days);
  const auto n = [](std::int64_t value) { return static_cast<long long>(value); };
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%04lld-%02lld-%02lld %02lld:%02lld:%02lld.", n(date.year), n(date.month),
                n(date.day), n(second / 3600), n(second / 60 % 60), n(second % 60));
  std::array<char, 16> digits{};
  const bool whole_ms = fraction % 1000 == 0;
  std::snprintf(digits.data(), digits.size(), whole_ms ? "%03lld" : "%06lld", n(whole_ms ? fraction / 1000 : fraction));
  return std::string(out.data()) + digits.data();
}

std::int64_t parse_timestamp(std::string_view text) {
  Reader reader(text);
  const auto year = reader.number(4);
  if (!year || reader.take_one_of("-") == '\0') return 0;
  const auto month = reader.number(2);
  if (!month || *month < 1 || *month > 12 || reader.take_one_of("-") == '\0') return 0;
  const auto day = reader.number(2);
  if (!day) return 0;
  std::int64_t us = days_of(*year, *month, *day) * seconds_per_day * us_per_second;
  if (reader.take_one_of(" T") != '\0') {
    const auto time = time_of_day(reader);
    const auto offset = zone(reader);
    if (!time || !offset) return 0;
    us += *time - *offset;
  }
  return reader.done() ? us : 0;
}

std::int64_t timestamp_of_number(double number) {
  constexpr double julian_day_1970 = 2'440'587.5, first_julian_day = 1'721'059.5, last_julian_day = 5'373'484.5;
  constexpr double most_seconds = 1e11, most_ms = 1e14, most_us = 1e17;
  if (number >= first_julian_day && number <= last_julian_day)
    return std::llround((number - julian_day_1970) * static_cast<double>(seconds_per_day * us_per_second));
  if (!(std::fabs(number) < most_us)) return 0;
  if (std::fabs(number) < most_seconds) return std::llround(number * 1e6);
  return std::llround(std::fabs(number) < most_ms ? number * 1e3 : number);
}

}  // namespace flux::sqlite
