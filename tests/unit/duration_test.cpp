#include <doctest/doctest.h>

#include <string>

#include <flux/core/duration.hpp>

TEST_SUITE_BEGIN("duration");

TEST_CASE("durations are a number and a unit") {
  struct Row {
    const char* text;
    long long milliseconds;  // -1: refused
  };
  const Row rows[] = {{"250ms", 250}, {"60s", 60'000}, {"5m", 300'000}, {"5min", 300'000}, {"1h", 3'600'000}, {"0", 0}, {"0s", 0},
                      {"60", -1},     {"", -1},        {"s", -1},       {"-1s", -1},       {"1 s", -1},       {"1.5s", -1}, {"1d", -1},
                      {"99999999999999999999s", -1},   {"9999999999s", -1}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto parsed = flux::parse_duration(row.text);
    CHECK((parsed ? parsed->count() : -1) == row.milliseconds);
  }
}

TEST_SUITE_END();
