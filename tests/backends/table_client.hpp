// Loads a backend's file and calls its C table as the host does: what the tests of every backend use.
#pragma once

#include <dlfcn.h>
#include <flux/backend_abi.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace flux::testing {

// What a call reported instead of FLUX_OK. what() is the message with the detail and the hint.
struct Failure : std::runtime_error {
  flux_status code;
  std::string message, detail, hint, sqlstate, key;
  std::int64_t statement_index = -1, byte_offset = -1;
  int reports = 0;  // how often set_error was called: a contract-abiding backend does it once

  Failure(flux_status status, const flux_error_info& info, int times)
      : std::runtime_error(text(info.message) + " | " + text(info.detail) + " | " + text(info.hint)),
        code(status),
        message(text(info.message)),
        detail(text(info.detail)),
        hint(text(info.hint)),
        sqlstate(text(info.sqlstate)),
        key(text(info.key)),
        statement_index(info.statement_index),
        byte_offset(info.byte_offset),
        reports(times) {}

  static std::string text(flux_str s) { return s.ptr == nullptr ? std::string() : std::string(s.ptr, s.len); }
};

using Value = std::variant<std::string, std::int64_t, double, bool, std::vector<std::string>>;
using Config = std::vector<std::pair<std::string, Value>>;

// One history row by value.
struct Row {
  std::string name_space, id, hash = "sha256:00", state = "applied";
  std::optional<std::string> undo, applied_by, flux_version;
  std::int64_t applied_at_us = 0, duration_ms = -1, statements_done = -1;
  std::optional<std::string> run_id, script, done_hash, note;
  std::int64_t statements_started = -1, statements_total = -1;
  bool is_new = false;  // FLUX_ROW_NEW
};

// How a script is run, besides its text.
struct ScriptOptions {
  unsigned flags = 0;  // flux_script_flag
  std::int64_t lock_timeout_ms = -1, statement_timeout_ms = -1;
};

// A script and its row in one transaction.
struct Unit {
  std::optional<std::string> text;
  std::optional<Row> row;
  bool removes = false;
  ScriptOptions options = {};
};

struct Statement {
  std::size_t offset = 0, length = 0;
  unsigned flags = 0;
  std::string what;
};

struct LogLine {
  int level = 0;
  std::string text;
};

// Loads `file` (never unloaded again) and returns its table; std::runtime_error with the loader's text.
inline const flux_backend_api& load_table(const std::string& file) {
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  const auto entry = reinterpret_cast<flux_backend_entry_fn>(dlsym(library, FLUX_ENTRY_SYMBOL));
  if (entry == nullptr) throw std::runtime_error(file + " does not export " FLUX_ENTRY_SYMBOL);
  const flux_backend_api* table = entry();
  if (table == nullptr) throw std::runtime_error(file + " gave no table");
  return *table;
}

// One instance of a backend. Calls throw Failure. Only cancel() and request_cancel() may overlap another call.
class TableClient {
 public:
  TableClient(const std::string& file, const Config& config) : api_(load_table(file)) {
    host_.struct_size = sizeof host_;
    host_.abi_minor = FLUX_ABI_MINOR;
    host_.base_directory = base_directory_.c_str();
    host_.version = "flux 0.0.0-test";
    host_.ctx = this;
    host_.set_error = [](flux_err* err, const flux_error_info* info) {
      auto* sink = reinterpret_cast<Sink*>(err);
      sink->failure.emplace(info->code, *info, ++sink->times);
    };
    host_.log = [](void* ctx, std::int32_t level, flux_str text) {
      auto* self = static_cast<TableClient*>(ctx);
      const std::lock_guard guard(self->log_mutex_);
      self->log_.push_back({level, Failure::text(text)});
    };
    host_.is_cancelled = [](void* ctx) -> std::int32_t { return static_cast<TableClient*>(ctx)->cancelled_ ? 1 : 0; };
    create(config);
  }
  ~TableClient() {
    if (self_ != nullptr) api_.destroy(self_);
  }
  TableClient(const TableClient&) = delete;
  TableClient& operator=(const TableClient&) = delete;

  const flux_backend_api& api() const { return api_; }
  flux_backend* self() const { return self_; }

  void connect(std::string_view uri) {
    check([&](flux_err* e) { return api_.connect(self_, str(uri), e); });
  }
  void disconnect() { api_.disconnect(self_); }
  std::string describe_target() {
    std::string out;
    check([&](flux_err* e) {
      return api_.describe_target(self_, append, &out, e);
    });
    return out;
  }

  // The rows of `name_space`, sorted by id.
  std::vector<Row> list_history(std::string_view name_space = "", std::uint32_t flags = FLUX_LIST_UNDO_TEXTS) {
    std::vector<Row> rows;
    check([&](flux_err* e) {
      return api_.list_history(
          self_, str(name_space), flags,
          [](void* ctx, const flux_history_row* row) -> flux_status {
            static_cast<std::vector<Row>*>(ctx)->push_back(copied(*row));
            return FLUX_OK;
          },
          &rows, e);
    });
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.id < b.id; });
    return rows;
  }
  void initialize() {
    check([&](flux_err* e) { return api_.initialize(self_, e); });
  }
  void lock(std::int64_t timeout_ms) {
    check([&](flux_err* e) { return api_.lock(self_, timeout_ms, e); });
  }
  void unlock() {
    check([&](flux_err* e) { return api_.unlock(self_, e); });
  }
  void begin() {
    check([&](flux_err* e) { return api_.begin(self_, e); });
  }
  void commit() {
    check([&](flux_err* e) { return api_.commit(self_, e); });
  }
  void rollback() {
    check([&](flux_err* e) { return api_.rollback(self_, e); });
  }
  void apply(std::string_view text, std::string_view id = "20260101_001_test", const ScriptOptions& options = {}) {
    const flux_script script = scripted(text, id, options);
    check([&](flux_err* e) { return api_.apply(self_, &script, e); });
  }
  void register_migration(const Row& row) {
    const flux_history_row out = c_row(row);
    check([&](flux_err* e) { return api_.register_migration(self_, &out, e); });
  }
  // The durations of the units that were settled are in `settled`, whatever happens.
  void apply_batch(const std::vector<Unit>& units, std::vector<std::int64_t>& settled) {
    const auto* batch = static_cast<const flux_batch_v1*>(api_.get_interface(self_, FLUX_IFACE_BATCH_V1));
    if (batch == nullptr) throw std::runtime_error("the backend has no " FLUX_IFACE_BATCH_V1);
    std::vector<flux_script> scripts(units.size());
    std::vector<flux_history_row> rows(units.size());
    std::vector<flux_unit> given;
    for (std::size_t i = 0; i < units.size(); ++i) {
      const Unit& unit = units[i];
      if (unit.text) scripts[i] = scripted(*unit.text, unit.row ? unit.row->id : "20260101_001_test", unit.options);
      if (unit.row) rows[i] = c_row(*unit.row);
      given.push_back({sizeof(flux_unit), unit.removes ? unsigned{FLUX_UNIT_REMOVES} : 0U, unit.text ? &scripts[i] : nullptr,
                       unit.row ? &rows[i] : nullptr});
    }
    const auto note = [](void* ctx, std::size_t index, std::int64_t duration_ms) {
      auto& into = *static_cast<std::vector<std::int64_t>*>(ctx);
      if (index != into.size()) std::abort();  // not in order
      into.push_back(duration_ms);
    };
    check([&](flux_err* e) {
      return batch->apply_batch(self_, given.data(), given.size(), sizeof(flux_unit), note, &settled, e);
    });
  }
  void unregister_migration(std::string_view name_space, std::string_view id) {
    check([&](flux_err* e) { return api_.unregister_migration(self_, str(name_space), str(id), e); });
  }
  void reconnect(std::int64_t timeout_ms) {
    check([&](flux_err* e) { return api_.reconnect(self_, timeout_ms, e); });
  }
  // "" where nobody holds it.
  std::string describe_lock() {
    std::string out;
    check([&](flux_err* e) { return api_.describe_lock(self_, append, &out, e); });
    return out;
  }
  void break_lock() {
    check([&](flux_err* e) { return api_.break_lock(self_, e); });
  }
  std::vector<std::string> list_leftovers() {
    std::vector<std::string> out;
    check([&](flux_err* e) {
      return api_.list_leftovers(
          self_,
          [](void* ctx, flux_str text) { static_cast<std::vector<std::string>*>(ctx)->push_back(Failure::text(text)); },
          &out, e);
    });
    return out;
  }
  // "" where none is kept.
  std::string read_script(std::string_view name_space, std::string_view id) {
    std::string out;
    check([&](flux_err* e) { return api_.read_script(self_, str(name_space), str(id), append, &out, e); });
    return out;
  }
  // begin, apply, register, commit: what the host does for one migration; rolls back where one of them fails.
  void migrate(const std::string& id, std::string_view text) {
    begin();
    try {
      apply(text, id);
      Row row;
      row.id = id;
      register_migration(row);
      commit();
    } catch (const Failure&) {
      rollback();
      throw;
    }
  }

  // The statements of a script; needs no connection.
  std::vector<Statement> split(std::string_view text) {
    const auto* statements =
        static_cast<const flux_statements_v1*>(api_.get_interface(self_, FLUX_IFACE_STATEMENTS_V1));
    if (statements == nullptr) throw std::runtime_error("the backend has no " FLUX_IFACE_STATEMENTS_V1);
    const flux_script script = scripted(text, "split");
    std::vector<Statement> out;
    check([&](flux_err* e) {
      return statements->split(
          self_, &script,
          [](void* ctx, const flux_statement* s) -> flux_status {
            static_cast<std::vector<Statement>*>(ctx)->push_back({static_cast<std::size_t>(s->offset),
                                                                  static_cast<std::size_t>(s->length), s->flags,
                                                                  Failure::text(s->what)});
            return FLUX_OK;
          },
          &out, e);
    });
    return out;
  }

  // From any thread: the backend's cancel, and what the host's is_cancelled answers from now on.
  void cancel() { api_.cancel(self_); }
  void request_cancel(bool wanted = true) { cancelled_ = wanted; }

  // What was logged so far.
  std::vector<LogLine> log() {
    const std::lock_guard guard(log_mutex_);
    return log_;
  }

 private:
  struct Sink {
    std::optional<Failure> failure;
    int times = 0;
  };

  template <class Call>
  static void check(Call&& call) {
    Sink sink;
    const flux_status status = call(reinterpret_cast<flux_err*>(&sink));
    if (status == FLUX_OK) return;
    if (!sink.failure) throw std::runtime_error("status " + std::to_string(status) + " without set_error");
    if (sink.failure->code != status) throw std::runtime_error("the status and the error record differ");
    throw *sink.failure;
  }

  void create(const Config& config) {
    std::vector<std::vector<flux_str>> lists(config.size());
    std::vector<flux_kv> items;
    for (std::size_t i = 0; i < config.size(); ++i) {
      flux_kv kv{};
      kv.key = str(config[i].first);
      const Value& value = config[i].second;
      kv.value.type = static_cast<std::uint32_t>(value.index() + 1);
      if (const auto* s = std::get_if<std::string>(&value)) kv.value.u.s = str(*s);
      if (const auto* n = std::get_if<std::int64_t>(&value)) kv.value.u.i = *n;
      if (const auto* f = std::get_if<double>(&value)) kv.value.u.f = *f;
      if (const auto* b = std::get_if<bool>(&value)) kv.value.u.b = *b ? 1 : 0;
      if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
        for (const std::string& item : *list) lists[i].push_back(str(item));
        kv.value.u.list = {lists[i].data(), lists[i].size()};
      }
      items.push_back(kv);
    }
    const flux_config table{sizeof table, sizeof(flux_kv), items.data(), items.size()};
    check([&](flux_err* e) { return api_.create(&host_, &table, &self_, e); });
  }

  static flux_str str(std::string_view text) { return {text.data() == nullptr ? "" : text.data(), text.size()}; }
  static flux_str str(const std::optional<std::string>& text) { return text ? str(*text) : flux_str{nullptr, 0}; }
  static flux_str str(const std::string& text) { return {text.data(), text.size()}; }

  static flux_script scripted(std::string_view text, std::string_view id, const ScriptOptions& options = {}) {
    return {sizeof(flux_script),      options.flags, str(id), str(text), options.lock_timeout_ms,
            options.statement_timeout_ms};
  }
  static flux_history_row c_row(const Row& row) {
    flux_history_row out{};
    out.struct_size = sizeof out;
    out.name_space = str(row.name_space);
    out.id = str(row.id);
    out.hash = str(row.hash);
    out.state = str(row.state);
    out.undo = str(row.undo);
    out.applied_by = str(row.applied_by);
    out.flux_version = str(row.flux_version);
    out.applied_at_us = row.applied_at_us;
    out.duration_ms = row.duration_ms;
    out.statements_done = row.statements_done;
    out.flags = row.is_new ? FLUX_ROW_NEW : 0;
    out.run_id = str(row.run_id);
    out.script = str(row.script);
    out.done_hash = str(row.done_hash);
    out.note = str(row.note);
    out.statements_started = row.statements_started;
    out.statements_total = row.statements_total;
    return out;
  }
  static void append(void* ctx, flux_str text) { *static_cast<std::string*>(ctx) += Failure::text(text); }
  static std::optional<std::string> optional(flux_str s) {
    return s.ptr == nullptr ? std::nullopt : std::optional<std::string>(std::in_place, s.ptr, s.len);
  }
  static Row copied(const flux_history_row& row) {
    return {Failure::text(row.name_space),
            Failure::text(row.id),
            Failure::text(row.hash),
            Failure::text(row.state),
            optional(row.undo),
            optional(row.applied_by),
            optional(row.flux_version),
            row.applied_at_us,
            row.duration_ms,
            row.statements_done,
            optional(row.run_id),
            optional(row.script),
            optional(row.done_hash),
            optional(row.note),
            row.statements_started,
            row.statements_total};
  }

  const flux_backend_api& api_;
  flux_host host_{};
  std::string base_directory_ = std::filesystem::current_path().string();
  flux_backend* self_ = nullptr;
  std::atomic<bool> cancelled_ = false;
  std::mutex log_mutex_;
  std::vector<LogLine> log_;
};

// What `call` fails with; std::runtime_error where it does not fail.
template <class Call>
Failure failure_of(Call&& call) {
  try {
    call();
  } catch (const Failure& failure) {
    return failure;
  }
  throw std::runtime_error("the call was expected to fail, and succeeded");
}

}  // namespace flux::testing
