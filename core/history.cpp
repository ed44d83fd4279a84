#include <flux/core/history.hpp>

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <algorithm>

#include <flux/core/hash.hpp>

namespace flux {
namespace {

const HistoryRow* find_in(const std::vector<HistoryRow>& rows, std::string_view id) {
  const auto at = std::lower_bound(rows.begin(), rows.end(), id,
                                   [](const HistoryRow& row, std::string_view wanted) { return row.id < wanted; });
  return at != rows.end() && at->id == id ? &*at : nullptr;
}

}  // namespace

const char* name(RowState state) noexcept {
  switch (state) {
    case RowState::applied: return "applied";
    case RowState::interrupted: return "interrupted";
    case RowState::undo_interrupted: return "undo_interrupted";
    case RowState::repeatable: return "repeatable";
    case RowState::repeatable_interrupted: return "repeatable_interrupted";
  }
  return "";
}

bool is_interrupted(RowState state) noexcept {
  return state == RowState::interrupted || state == RowState::undo_interrupted || state == RowState::repeatable_interrupted;
}

std::string iso8601(Timestamp time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (time - seconds).count());
}

History::History(std::vector<HistoryRow> rows) {
  for (HistoryRow& row : rows)
    (row.state == RowState::repeatable || row.state == RowState::repeatable_interrupted ? repeatables_ : migrations_).push_back(std::move(row));
  const auto by_id = [](const HistoryRow& a, const HistoryRow& b) { return a.id < b.id; };
  std::sort(migrations_.begin(), migrations_.end(), by_id);
  std::sort(repeatables_.begin(), repeatables_.end(), by_id);
}

const HistoryRow* History::find(std::string_view id) const { return find_in(migrations_, id); }
const HistoryRow* History::find_repeatable(std::string_view id) const { return find_in(repeatables_, id); }

std::string History::fingerprint() const {
  std::string text;
  for (const auto* rows : {&migrations_, &repeatables_})
    for (const HistoryRow& row : *rows)
      text += fmt::format("{}\n{}\n{}\n{}\n{}\n", row.id, row.hash, name(row.state), row.applied_at.time_since_epoch().count(), row.statements_done.value_or(-1));
  return script_hash(text);
}

}  // namespace flux
