// What the target database says was applied.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flux {

enum class RowState { applied, interrupted, repeatable };
const char* name(RowState state) noexcept;

using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
// "2026-01-31T12:00:00.123456Z"
std::string iso8601(Timestamp time);

struct HistoryRow {
  std::string id;  // of a repeatable: with its folder
  std::string hash;
  RowState state = RowState::applied;
  std::optional<std::string> undo;  // as it was when applied
  std::optional<std::string> applied_by;
  std::optional<std::string> flux_version;
  Timestamp applied_at{};
  std::optional<std::chrono::milliseconds> duration;
  std::optional<std::int64_t> statements_done;
};

// The rows of one namespace, by id.
class History {
 public:
  History() = default;
  explicit History(std::vector<HistoryRow> rows);

  // Applied and interrupted migrations by id, without repeatables.
  const std::vector<HistoryRow>& migrations() const noexcept { return migrations_; }
  // The last run of each repeatable that is kept (run=on-change).
  const std::vector<HistoryRow>& repeatables() const noexcept { return repeatables_; }
  const HistoryRow* find(std::string_view id) const;             // a migration; null: not there
  const HistoryRow* find_repeatable(std::string_view id) const;  // null: not there

 private:
  std::vector<HistoryRow> migrations_, repeatables_;
};

}  // namespace flux
