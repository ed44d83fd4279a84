// What the target database says was applied.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flux {

enum class RowState {
  applied,
  interrupted,             // an up script without a transaction stopped half way
  undo_interrupted,        // an undo script did
  repeatable,              // the last run of a repeatable with run=on-change
  repeatable_interrupted,  // a repeatable without a transaction stopped half way
};
const char* name(RowState state) noexcept;  // "undo_interrupted"
bool is_interrupted(RowState state) noexcept;

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
  std::optional<std::string> run_id;     // of the run that wrote it
  std::optional<std::string> script;     // the up script as it was when applied; only written, see Backend::read_script
  std::optional<std::string> done_hash;  // interrupted: of the statements that are done
  std::optional<std::string> note;       // what people did to the row by hand, a line each
  std::optional<std::int64_t> statements_started, statements_total;
  bool is_new = false;  // to be written only where there is none of this id
};

// The rows of one namespace, by id.
class History {
 public:
  History() = default;
  explicit History(std::vector<HistoryRow> rows);

  // Applied and interrupted migrations by id, without repeatables.
  const std::vector<HistoryRow>& migrations() const noexcept { return migrations_; }
  // Of repeatables: the last run where that is kept (run=on-change), and those that were interrupted.
  const std::vector<HistoryRow>& repeatables() const noexcept { return repeatables_; }
  const HistoryRow* find(std::string_view id) const;             // a migration; null: not there
  const HistoryRow* find_repeatable(std::string_view id) const;  // null: not there
  // "sha256:HEX" of what was applied, in which state and when: another one where anything has changed since.
  std::string fingerprint() const;

 private:
  std::vector<HistoryRow> migrations_, repeatables_;
};

}  // namespace flux
