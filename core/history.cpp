#include <flux/core/history.hpp>

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <limits>
#include <set>
#include <stdexcept>

#include <flux/core/text_store.hpp>

namespace flux {
namespace {

const HistoryEntry* find_in(const std::vector<HistoryEntry>& rows, std::string_view id) {
  const auto at = std::lower_bound(rows.begin(), rows.end(), id,
                                   [](const HistoryEntry& row, std::string_view wanted) { return row.id < wanted; });
  return at != rows.end() && at->id == id ? &*at : nullptr;
}

std::optional<std::int64_t> known(std::int64_t number) noexcept { return number >= 0 ? std::optional(number) : std::nullopt; }

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

std::string HistoryEntry::hash() const {
  if (has_digest_) return hash_text(hash_);
  std::string_view text;
  std::memcpy(&text, hash_.data(), sizeof text);
  return std::string(text);
}

std::optional<std::string_view> HistoryEntry::note() const noexcept {
  return details_ != nullptr && details_->note ? std::optional<std::string_view>(*details_->note) : std::nullopt;
}

std::optional<std::chrono::milliseconds> HistoryEntry::duration() const noexcept {
  const std::int64_t ms = details_ != nullptr ? details_->duration_ms : duration_ms_;
  return ms >= 0 ? std::optional<std::chrono::milliseconds>(ms) : std::nullopt;
}

std::optional<std::int64_t> HistoryEntry::statements_started() const noexcept { return known(details_ != nullptr ? details_->started : statements_); }
std::optional<std::int64_t> HistoryEntry::statements_done() const noexcept { return known(details_ != nullptr ? details_->done : statements_); }
std::optional<std::int64_t> HistoryEntry::statements_total() const noexcept { return known(details_ != nullptr ? details_->total : statements_); }

HistoryRow HistoryEntry::row() const {
  if (has_undo && (details_ == nullptr || !details_->undo)) throw std::logic_error("a history row whose undo script was not read");
  HistoryRow row;
  row.id = id;
  row.hash = hash();
  row.state = state;
  row.applied_by = writer_->applied_by;
  row.flux_version = writer_->flux_version;
  if (const auto run = run_id()) row.run_id = std::string(*run);
  row.applied_at = applied_at;
  row.duration = duration();
  row.statements_started = statements_started();
  row.statements_done = statements_done();
  row.statements_total = statements_total();
  if (details_ == nullptr) return row;
  row.undo = details_->undo;
  row.done_hash = details_->done_hash;
  row.note = details_->note;
  return row;
}

// What the entries point to.
struct History::Texts {
  TextStore store;  // of ids and hashes
  std::set<HistoryEntry::Writer> writers;
  std::deque<HistoryEntry::Details> details;
  std::string_view last_run;

  // What one command has written often stands together.
  std::string_view same_run(std::string_view run_id) { return run_id == last_run ? last_run : last_run = store.keep(run_id); }
  const HistoryEntry::Details* same_details(HistoryEntry::Details&& wanted) {
    return !details.empty() && details.back() == wanted ? &details.back() : &details.emplace_back(std::move(wanted));
  }
};

History::History(UndoTexts undo_texts) : undo_texts_(undo_texts), texts_(std::make_shared<Texts>()) {}

History::History(const std::vector<HistoryRow>& rows) : History() {
  for (const HistoryRow& row : rows) add(row);
  sort();
}

std::shared_ptr<const void> History::texts() const noexcept { return texts_; }

void History::add(const HistoryRow& row) {
  HistoryEntry entry;
  entry.id = texts_->store.keep(row.id);
  if (const auto digest = parse_hash(row.hash)) {
    entry.hash_ = *digest;
    entry.has_digest_ = true;
  } else {
    const std::string_view text = texts_->store.keep(row.hash);
    static_assert(sizeof text <= sizeof entry.hash_);
    std::memcpy(entry.hash_.data(), &text, sizeof text);
  }
  entry.state = row.state;
  entry.has_undo = row.undo.has_value();
  entry.applied_at = row.applied_at;
  entry.writer_ = &*texts_->writers.insert({row.applied_by, row.flux_version}).first;
  if (row.run_id) entry.run_id_ = texts_->same_run(*row.run_id);
  HistoryEntry::Details details{undo_texts_ == UndoTexts::read ? row.undo : std::nullopt, row.done_hash, row.note, row.statements_started.value_or(-1),
                                row.statements_done.value_or(-1), row.statements_total.value_or(-1), row.duration ? row.duration->count() : -1};
  const auto fits = [](std::int64_t number) { return number <= std::numeric_limits<std::int32_t>::max(); };
  if (details.undo || details.done_hash || details.note || details.started != details.done || details.total != details.done || !fits(details.done) || !fits(details.duration_ms)) {
    entry.details_ = texts_->same_details(std::move(details));
  } else {
    entry.duration_ms_ = static_cast<std::int32_t>(details.duration_ms);
    entry.statements_ = static_cast<std::int32_t>(details.done);
  }
  const bool repeatable = row.state == RowState::repeatable || row.state == RowState::repeatable_interrupted;
  (repeatable ? repeatables_ : migrations_).push_back(entry);
}

void History::sort() {
  const auto by_id = [](const HistoryEntry& a, const HistoryEntry& b) { return a.id < b.id; };
  for (auto* rows : {&migrations_, &repeatables_})
    if (!std::is_sorted(rows->begin(), rows->end(), by_id)) std::sort(rows->begin(), rows->end(), by_id);
}

const HistoryEntry* History::find(std::string_view id) const { return find_in(migrations_, id); }
const HistoryEntry* History::find_repeatable(std::string_view id) const { return find_in(repeatables_, id); }

std::string History::fingerprint() const {
  std::string text;
  for (const auto* rows : {&migrations_, &repeatables_})
    for (const HistoryEntry& row : *rows)
      text += fmt::format("{}\n{}\n{}\n{}\n{}\n", row.id, row.hash(), name(row.state), row.applied_at.time_since_epoch().count(), row.statements_done().value_or(-1));
  return script_hash(text);
}

}  // namespace flux
