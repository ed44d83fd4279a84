// One instance of a backend, called by its C table alone.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "outcome.hpp"
#include "subject.hpp"

namespace flux::check {

// A row of the history by value.
struct Row {
  std::string name_space, id, hash = "sha256:00", state = "applied";
  std::optional<std::string> undo, applied_by, flux_version;
  std::int64_t applied_at_us = 0, duration_ms = -1, statements_done = -1;
  std::optional<std::string> run_id, script, done_hash, note;
  std::int64_t statements_started = -1, statements_total = -1;
  std::uint32_t flags = 0;        // flux_row_flag
  std::uint32_t struct_size = 0;  // of a row that was listed
};

// A script and the way to run it.
struct ScriptCall {
  std::string text;
  std::uint32_t flags = 0;  // flux_script_flag
  std::int64_t lock_timeout_ms = -1, statement_timeout_ms = -1;
};

// A unit of a batch.
struct UnitCall {
  std::optional<std::string> text;
  std::optional<Row> row;
  bool removes = false;
};

// One statement of a script, as split.
struct StatementFound {
  std::uint32_t flags = 0;
  std::uint64_t offset = 0, length = 0;
  std::string what;
};

struct LogLine {
  std::int32_t level = 0;
  std::string text;
};

// The structs of a call: as this checker knows them; with members behind that only a newer host would have; or ending
// early, as those of an older host, with garbage where the rest would be.
enum class StructSize { exact, larger, smaller };

// What a check sets otherwise than a plain host.
struct InstanceOptions {
  std::optional<Settings> settings;  // in place of the subject's
  StructSize sizes = StructSize::exact;
  bool null_err = false;  // every call is given no place for its error
  std::string base_directory = "/";
};

// Calls may come from any thread, but only cancel() may overlap another.
class Instance {
 public:
  // Creates an instance; throws Failed where that fails.
  explicit Instance(const Subject& subject, InstanceOptions options = {});
  // The same, with create's own answer; `*this` is of use only where that is FLUX_OK.
  Instance(const Subject& subject, InstanceOptions options, Outcome& created);
  ~Instance();  // destroys it
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const flux_backend_api& api() const noexcept { return subject_.api; }
  flux_backend* self() const noexcept { return self_; }
  const InstanceOptions& options() const noexcept { return options_; }

  Outcome connect(const std::string& uri);
  void disconnect();
  void destroy();  // before the destructor does
  Outcome describe_target(std::vector<std::string>& lines);
  // The rows as they come. `stop_after`: emit answers `stop_status` to the row of that number, from 1.
  Outcome list(const std::string& name_space, std::uint32_t flags, std::vector<Row>& rows, std::size_t stop_after = 0,
               flux_status stop_status = FLUX_E_STOP);
  Outcome initialize();
  Outcome lock(std::int64_t timeout_ms);
  Outcome unlock();
  Outcome begin();
  Outcome commit();
  Outcome rollback();
  Outcome apply(const std::string& text);
  Outcome apply(const ScriptCall& call);
  Outcome register_row(const Row& row);
  Outcome unregister(const std::string& name_space, const std::string& id);
  void cancel();

  // Optional functions; FLUX_E_UNSUPPORTED where the table has none.
  Outcome reconnect(std::int64_t timeout_ms);
  Outcome describe_lock(std::vector<std::string>& lines);
  Outcome break_lock();
  Outcome list_leftovers(std::vector<std::string>& lines);
  Outcome read_script(const std::string& name_space, const std::string& id, std::vector<std::string>& texts);

  // Features; throw NotDeclared where the backend has them not.
  Outcome split(const std::string& text, std::vector<StatementFound>& found, std::size_t stop_after = 0);
  Outcome apply_batch(const std::vector<UnitCall>& units, std::vector<std::size_t>& settled);
  bool has_interface(const char* id) const;

  // What the host's is_cancelled answers from now on.
  void set_cancelled(bool cancelled) noexcept { cancelled_ = cancelled; }
  std::vector<LogLine> log();
  // How often any backend of this process has called set_error with NULL.
  static int null_reports() noexcept;

 private:
  template <class Call>
  Outcome timed(Call&& call);
  Outcome create();
  Outcome no_function() const;
  void fill_host();

  const Subject& subject_;
  InstanceOptions options_;
  struct LargeHost {
    flux_host host;
    unsigned char more[64];
  } host_{};
  flux_backend* self_ = nullptr;
  std::atomic<bool> cancelled_ = false;
  std::mutex log_mutex_;
  std::vector<LogLine> log_;
};

}  // namespace flux::check
