// What the target database says was applied.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <flux/core/hash.hpp>

namespace flux {

enum class RowState : std::uint8_t {
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

// A row as a History keeps it: small, for there can be hundreds of thousands. It lives as long as the history.
class HistoryEntry {
 public:
  std::string_view id;  // of a repeatable: with its folder
  Timestamp applied_at{};
  RowState state = RowState::applied;
  bool has_undo = false;

  std::string hash() const;
  // The hash where it is one that flux writes; null: another one, such as an MD5.
  const Digest* digest() const noexcept { return has_digest_ ? &hash_ : nullptr; }
  std::optional<std::string_view> applied_by() const noexcept { return writer_->applied_by; }
  std::optional<std::string_view> flux_version() const noexcept { return writer_->flux_version; }
  std::optional<std::string_view> run_id() const noexcept { return run_id_.data() != nullptr ? std::optional(run_id_) : std::nullopt; }
  std::optional<std::string_view> note() const noexcept;
  std::optional<std::chrono::milliseconds> duration() const noexcept;
  std::optional<std::int64_t> statements_started() const noexcept;
  std::optional<std::int64_t> statements_done() const noexcept;
  std::optional<std::int64_t> statements_total() const noexcept;
  // In full. Only where the undo texts were read as well.
  HistoryRow row() const;

 private:
  friend class History;
  // What many rows have the same of.
  struct Writer {
    std::optional<std::string> applied_by, flux_version;
    auto operator<=>(const Writer&) const = default;
  };
  // What few rows have, or have in a way for which there is no room.
  struct Details {
    std::optional<std::string> undo, done_hash, note;
    std::int64_t started = -1, done = -1, total = -1, duration_ms = -1;
    bool operator==(const Details&) const = default;
  };

  bool has_digest_ = false;
  std::int32_t duration_ms_ = -1;
  std::int32_t statements_ = -1;  // started, done and total: they are the same
  Digest hash_{};                 // or, without has_digest_, the std::string_view of its text
  std::string_view run_id_;
  const Writer* writer_ = nullptr;
  const Details* details_ = nullptr;  // where it is there, it counts
};

// Whether the undo scripts that rows keep are read with the history; most of what looks at a history needs none.
enum class UndoTexts { left_out, read };

// The rows of one namespace, by id. A copy shares them.
class History {
 public:
  History() : History(UndoTexts::read) {}
  explicit History(UndoTexts undo_texts);
  explicit History(const std::vector<HistoryRow>& rows);

  // Adds a row, in any order; sort() then makes the history fit to be read.
  void add(const HistoryRow& row);
  void sort();

  UndoTexts undo_texts() const noexcept { return undo_texts_; }
  // Applied and interrupted migrations by id, without repeatables.
  const std::vector<HistoryEntry>& migrations() const noexcept { return migrations_; }
  // Of repeatables: the last run where that is kept (run=on-change), and those that were interrupted.
  const std::vector<HistoryEntry>& repeatables() const noexcept { return repeatables_; }
  const HistoryEntry* find(std::string_view id) const;             // a migration; null: not there
  const HistoryEntry* find_repeatable(std::string_view id) const;  // null: not there
  // "sha256:HEX" of what was applied, in which state and when: another one where anything has changed since.
  std::string fingerprint() const;
  // As long as this is held, the ids and the entries' texts live.
  std::shared_ptr<const void> texts() const noexcept;

 private:
  struct Texts;
  UndoTexts undo_texts_ = UndoTexts::read;
  std::shared_ptr<Texts> texts_;
  std::vector<HistoryEntry> migrations_, repeatables_;
};

}  // namespace flux
