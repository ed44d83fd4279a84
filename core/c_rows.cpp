#include "c_rows.hpp"

#include <fmt/core.h>

#include <chrono>

#include <flux/core/error.hpp>

namespace flux {
namespace {

RowState state_of(const std::string& word, const std::string& id) {
  for (const RowState state : {RowState::applied, RowState::interrupted, RowState::undo_interrupted, RowState::repeatable,
                               RowState::repeatable_interrupted})
    if (word == name(state)) return state;
  Failure f;
  f.code = ErrorCode::history;
  f.message = fmt::format("the history row of {} has the unknown state \"{}\"", id, word);
  f.migration_id = id;
  f.hint = "it may have been written by a newer flux";
  throw Error(std::move(f));
}

}  // namespace

flux_str str(std::string_view text) noexcept { return {text.data(), text.size()}; }
flux_str optional_str(const std::optional<std::string>& text) noexcept { return text ? flux_str{text->data(), text->size()} : flux_str{nullptr, 0}; }
std::string text(flux_str s) { return s.ptr != nullptr ? std::string(s.ptr, s.len) : std::string(); }
std::optional<std::string> optional_text(flux_str s) { return s.ptr != nullptr ? std::optional<std::string>(std::in_place, s.ptr, s.len) : std::nullopt; }

HistoryRow row_of(const flux_history_row& given) {
  HistoryRow row;
  row.id = text(given.id);
  row.hash = text(given.hash);
  row.state = state_of(text(given.state), row.id);
  row.undo = optional_text(given.undo);
  row.applied_by = optional_text(given.applied_by);
  row.flux_version = optional_text(given.flux_version);
  row.applied_at = Timestamp(std::chrono::microseconds(given.applied_at_us));
  if (given.duration_ms >= 0) row.duration = std::chrono::milliseconds(given.duration_ms);
  const auto known = [](std::int64_t number) { return number >= 0 ? std::optional(number) : std::nullopt; };
  row.statements_done = known(given.statements_done);
  if (!FLUX_HAS(&given, flux_history_row, statements_total)) return row;
  row.run_id = optional_text(given.run_id);
  row.done_hash = optional_text(given.done_hash);
  row.note = optional_text(given.note);
  row.statements_started = known(given.statements_started);
  row.statements_total = known(given.statements_total);
  return row;
}

flux_history_row c_key(std::string_view name_space, std::string_view id) noexcept {
  flux_history_row row{};
  row.struct_size = sizeof row;
  row.name_space = str(name_space);
  row.id = str(id);
  return row;
}

flux_history_row c_row(std::string_view name_space, const HistoryRow& row) noexcept {
  flux_history_row given = c_key(name_space, row.id);
  given.flags = row.is_new ? unsigned{FLUX_ROW_NEW} : 0U;
  given.hash = str(row.hash);
  given.state = str(name(row.state));
  given.undo = optional_str(row.undo);
  given.applied_by = optional_str(row.applied_by);
  given.flux_version = optional_str(row.flux_version);
  given.applied_at_us = row.applied_at.time_since_epoch().count();
  given.duration_ms = row.duration ? row.duration->count() : -1;
  given.statements_done = row.statements_done.value_or(-1);
  given.run_id = optional_str(row.run_id);
  given.script = optional_str(row.script);
  given.done_hash = optional_str(row.done_hash);
  given.note = optional_str(row.note);
  given.statements_started = row.statements_started.value_or(-1);
  given.statements_total = row.statements_total.value_or(-1);
  return given;
}

}  // namespace flux
