// Times in the history.
#include <cstdlib>
#include <ctime>

#include "check.hpp"
#include "helper.hpp"
#include "scene.hpp"

namespace flux::check {
namespace {

constexpr std::int64_t hour_us = 3600LL * 1000 * 1000;

std::int64_t now_us() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

std::int64_t time_of(const Scene& scene, Instance& instance, const std::string& id) {
  for (const Row& row : scene.rows(instance))
    if (row.id == id) return row.applied_at_us;
  fail("a row of the id " + id, "none");
}

void applied_at_kept(Scene& scene) {
  const auto instance = scene.ready();
  for (const std::int64_t at : {std::int64_t{1767323045123457}, std::int64_t{1767323045123000},
                                std::int64_t{1767323045000000}, std::int64_t{1}, std::int64_t{4102444799999999}}) {
    Row row = Scene::row("time");
    row.applied_at_us = at;
    must(instance->register_row(row), "register_migration");
    const std::int64_t got = time_of(scene, *instance, "time");
    expect(got == at, fmt::format("applied_at_us as it was registered: {}", at), std::to_string(got));
  }
}

void applied_at_clock(Scene& scene) {
  const auto instance = scene.ready();
  Row row = Scene::row("clock");
  row.applied_at_us = 0;
  must(instance->register_row(row), "register_migration with applied_at_us 0");
  const std::int64_t got = time_of(scene, *instance, "clock");
  // The database's clock may be another machine's.
  expect(std::abs(got - now_us()) < hour_us, "the database's time of now",
         fmt::format("{} s beside it", (got - now_us()) / 1000000));
}

// In a process whose environment says another time zone.
void write_in_zone(Scene& scene, const char* zone) {
  Helper helper([&](const Helper::Line& line) {
    setenv("TZ", zone, 1);
    tzset();
    const auto instance = scene.ready();
    must(instance->register_row(Scene::row("given")), "register_migration");
    Row row = Scene::row("clock");
    row.applied_at_us = 0;
    must(instance->register_row(row), "register_migration");
    instance->disconnect();
    line.say("done");
  });
  helper.hear();
}

void applied_at_zones(Scene& scene) {
  for (const char* zone : {"Pacific/Kiritimati", "America/Anchorage", "<+14>-14", "<-09>9"}) {
    write_in_zone(scene, zone);
    Helper reader([&](const Helper::Line& line) {
      setenv("TZ", "<-11>11", 1);
      tzset();
      const auto instance = scene.connected();
      line.say(std::to_string(time_of(scene, *instance, "given")));
      line.say(std::to_string(time_of(scene, *instance, "clock")));
    });
    const std::string given = reader.hear(), clock = reader.hear();
    expect(given == std::to_string(Scene::row("").applied_at_us),
           fmt::format("{}, written by a process in the zone {}", Scene::row("").applied_at_us, zone), given);
    const std::int64_t beside = std::stoll(clock) - now_us();
    expect(std::abs(beside) < hour_us, fmt::format("the time of now, written by a process in the zone {}", zone),
           fmt::format("{} s beside it", beside / 1000000));
  }
}

}  // namespace

std::vector<Check> history_time_checks() {
  return {
      {"applied-at-kept", "flux_history_row.applied_at_us: microseconds since 1970 UTC", 0, applied_at_kept},
      {"applied-at-clock", "flux_history_row.applied_at_us: when registering, 0: the database's clock", 0,
       applied_at_clock},
      {"applied-at-zones", "flux_history_row.applied_at_us: UTC, whatever the time zone of a process", 0,
       applied_at_zones},
  };
}

}  // namespace flux::check
