// flux/backend.hpp -- write a flux backend in C++17: derive from flux::MigrationBackend and register it.
//
// Header-only, depends on the standard library alone and is compiled into the backend: nothing of it
// crosses to the host. What crosses is the C table of flux/backend_abi.h, which the macro at the end
// makes from the class.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <flux/backend_abi.h>
#include <flux/c_text.hpp>

namespace flux {

// What a backend throws. Every member function of MigrationBackend may throw it; any other exception
// reaches the host as FLUX_E_INTERNAL with its what().
//
//     throw flux::BackendError(FLUX_E_SCRIPT, "no such table: users").sqlstate("42P01").offset(31);
class BackendError : public std::runtime_error {
 public:
  BackendError(flux_status_code code, const std::string& message) : std::runtime_error(message), code_(code) {}

  // More about it, as the database said it.
  BackendError& detail(std::string text) { return detail_ = std::move(text), *this; }
  // What the user can do next.
  BackendError& hint(std::string text) { return hint_ = std::move(text), *this; }
  // The database's own error code.
  BackendError& sqlstate(std::string text) { return sqlstate_ = std::move(text), *this; }
  // The key of the [backend] table that is wrong (FLUX_E_CONFIG).
  BackendError& key(std::string name) { return key_ = std::move(name), *this; }
  // The failing statement's index in its script, from 0.
  BackendError& statement(std::int64_t index) { return statement_ = index, *this; }
  // Where in the script's text the error is, in bytes from 0.
  BackendError& offset(std::int64_t bytes) { return offset_ = bytes, *this; }

  flux_status_code code() const noexcept { return code_; }
  const std::string& detail() const noexcept { return detail_; }
  const std::string& hint() const noexcept { return hint_; }
  const std::string& sqlstate() const noexcept { return sqlstate_; }
  const std::string& key() const noexcept { return key_; }
  std::int64_t statement() const noexcept { return statement_; }
  std::int64_t offset() const noexcept { return offset_; }

 private:
  flux_status_code code_;
  std::string detail_, hint_, sqlstate_, key_;
  std::int64_t statement_ = -1, offset_ = -1;
};

// A value of the [backend] table.
using ConfigValue = std::variant<std::string, std::int64_t, double, bool, std::vector<std::string>>;

// A key that a backend knows. `default_value` also fixes the key's type.
struct Key {
  std::string name;           // dotted where it lies in a sub-table
  ConfigValue default_value;
  std::string description;    // one line, shown by `flux backends NAME` and written by `flux init`
  bool required = false;
};

// The [backend] table, checked against the backend's keys: unknown keys and wrong types have been
// refused before the backend's constructor runs. Every known key has a value, its default where the
// file has none.
class BackendConfig {
 public:
  BackendConfig(const std::vector<Key>& keys, const flux_config* given) {
    for (const Key& key : keys) values_.emplace_back(key.name, key.default_value);
    std::vector<bool> set(keys.size(), false);
    for (std::size_t i = 0; given != nullptr && i < given->count; ++i) {
      const auto* kv = reinterpret_cast<const flux_kv*>(reinterpret_cast<const char*>(given->items) + i * given->kv_size);
      const std::string name(kv->key.ptr, kv->key.len);
      std::size_t at = 0;
      while (at < keys.size() && keys[at].name != name) ++at;
      if (at == keys.size()) throw BackendError(FLUX_E_CONFIG, "unknown key \"" + name + "\"").key(name);
      values_[at].second = converted(name, kv->value, keys[at].default_value);
      set[at] = true;
    }
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (keys[i].required && !set[i])
        throw BackendError(FLUX_E_CONFIG, "the key \"" + keys[i].name + "\" is required").key(keys[i].name);
  }

  // The value of a key that the backend has declared with this type; std::logic_error for another.
  const std::string& string(std::string_view key) const { return get<std::string>(key); }
  std::int64_t integer(std::string_view key) const { return get<std::int64_t>(key); }
  double number(std::string_view key) const { return get<double>(key); }
  bool boolean(std::string_view key) const { return get<bool>(key); }
  const std::vector<std::string>& strings(std::string_view key) const { return get<std::vector<std::string>>(key); }

 private:
  template <class T>
  const T& get(std::string_view key) const {
    for (const auto& [name, value] : values_)
      if (name == key)
        if (const T* found = std::get_if<T>(&value)) return *found;
    throw std::logic_error("the backend does not declare the key " + std::string(key) + " with this type");
  }

  static ConfigValue converted(const std::string& name, const flux_value& value, const ConfigValue& like) {
    static const char* const type_names[] = {"a string", "an integer", "a number", "a boolean", "a list of strings"};
    const std::size_t want = like.index() + 1;
    if (value.type == want) switch (want) {
        case FLUX_T_STRING: return std::string(value.u.s.ptr, value.u.s.len);
        case FLUX_T_INT: return value.u.i;
        case FLUX_T_FLOAT: return value.u.f;
        case FLUX_T_BOOL: return value.u.b != 0;
        case FLUX_T_STRINGS: {
          std::vector<std::string> list;
          for (std::size_t i = 0; i < value.u.list.count; ++i)
            list.emplace_back(value.u.list.items[i].ptr, value.u.list.items[i].len);
          return list;
        }
        default: break;
      }
    if (want == FLUX_T_FLOAT && value.type == FLUX_T_INT) return static_cast<double>(value.u.i);
    if (want == FLUX_T_STRINGS && value.type == FLUX_T_STRING)
      return std::vector<std::string>{std::string(value.u.s.ptr, value.u.s.len)};
    const char* have = value.type >= 1 && value.type <= 5 ? type_names[value.type - 1] : "another type";
    throw BackendError(FLUX_E_CONFIG, "the key \"" + name + "\" must be " + type_names[want - 1] + ", not " + have).key(name);
  }

  std::vector<std::pair<std::string, ConfigValue>> values_;
};

// The host, as a backend sees it. Copyable; valid for the life of the backend.
class Host {
 public:
  explicit Host(const flux_host* host) : host_(host) {}
  // Hands a line to the host's log. From any thread. Never write to stdout or stderr instead, and never
  // a password.
  void log(flux_log_level level, std::string_view message) const {
    host_->log(host_->ctx, level, flux_str{message.data(), message.size()});
  }
  // True once the user has asked to stop.
  bool is_cancelled() const { return host_->is_cancelled(host_->ctx) != 0; }
  // The absolute folder in which a relative path of the URI starts: that of flux.toml if the URI stands there.
  const char* base_directory() const { return host_->base_directory; }
  // The host's name and version: "flux 0.1.0".
  const char* version() const { return host_->version; }

 private:
  const flux_host* host_;
};

// One row of the history, keyed by (name_space, id).
struct HistoryRow {
  std::string name_space, id, hash, state = "applied";  // what the states mean, the host alone knows
  std::optional<std::string> undo;                       // the undo script as it was when applied
  std::optional<std::string> applied_by, flux_version, run_id;
  std::optional<std::string> script;     // the up script as it was when applied; not listed but read by read_script
  std::optional<std::string> done_hash;  // of the statements that are done
  std::optional<std::string> note;       // what people did to the row by hand
  std::int64_t applied_at_us = 0;     // µs since 1970 UTC; 0 when registering: use the database's clock
  std::int64_t duration_ms = -1;      // -1: unknown
  std::int64_t statements_started = -1, statements_done = -1, statements_total = -1;  // -1: unknown
  bool is_new = false;  // when registering: throw FLUX_E_CONFLICT where there is a row of this key already
};

// A script to run, or a part of one: UTF-8 without BOM, lines ended by LF. Views live for the call.
struct Script {
  std::string_view migration_id, text;
  // Earlier parts of this script ran just before on this connection, more parts follow: what one part changes of the
  // session must be there for the next one, yet not reach the history rows that are written between them.
  bool continued = false, continues = false;
  // How long a statement may wait for a lock (then FLUX_E_BUSY) and may run. 0: without end; -1: as the database is set.
  std::int64_t lock_timeout_ms = -1, statement_timeout_ms = -1;
};

// One statement of a script. `what` names it where a flag (flux_statement_flag) is set.
struct Statement {
  std::size_t offset = 0, length = 0;
  unsigned flags = 0;
  std::string what{};
};

// What every backend is. One instance serves one run; the host never overlaps two calls, but cancel().
// Derived classes have a constructor (Host, const BackendConfig&), and may hide the three static functions.
class MigrationBackend {
 public:
  MigrationBackend() = default;
  MigrationBackend(const MigrationBackend&) = delete;
  MigrationBackend& operator=(const MigrationBackend&) = delete;
  virtual ~MigrationBackend() = default;

  // The keys of the [backend] table.
  static std::vector<Key> keys() { return {}; }
  // A URI for `flux init` to write.
  static const char* uri_example() { return ""; }
  // The extension of its scripts, without the dot.
  static const char* script_extension() { return "sql"; }

  // Connects to the target. Throws FLUX_E_CONNECTION or FLUX_E_AUTH, within a time of its own.
  virtual void connect(std::string_view uri) = 0;
  virtual void disconnect() noexcept = 0;
  // One line about the connected target, for people; no secret.
  virtual std::string describe_target() = 0;

  // Hands each row of `name_space` to `emit`, in any order, each as it comes: a history can have hundreds of thousands.
  // Without FLUX_LIST_UNDO_TEXTS in `flags` a row that has an undo script has the empty text instead. None where there is
  // no history yet. Only reads.
  virtual void list_history(std::string_view name_space, std::uint32_t flags,
                            const std::function<void(const HistoryRow&)>& emit) = 0;
  // Creates the history, or adds to an older one what it lacks. Idempotent; under the lock, outside a transaction.
  virtual void initialize() = 0;

  // Takes the migration lock within `timeout_ms`, or throws FLUX_E_LOCKED naming the holder where it can.
  // The lock dies with the process.
  virtual void lock(std::int64_t timeout_ms) = 0;
  virtual void unlock() = 0;

  // A transaction around apply and the two below. Throw FLUX_E_STATE for begin inside one, commit
  // without one. A failed commit has rolled back, unless it throws FLUX_E_CONNECTION: outcome unknown.
  virtual void begin() = 0;
  virtual void commit() = 0;
  virtual void rollback() = 0;

  // Runs a script. FLUX_E_SCRIPT with statement index and offset where it fails. What the script changes of
  // the session must reach neither the history nor the next script.
  virtual void apply(const Script& script) = 0;
  // Writes one row, replacing one of the same key unless the row says that it is new.
  virtual void register_migration(const HistoryRow& row) = 0;
  // Deletes one row; throws FLUX_E_CONFLICT where there is none.
  virtual void unregister_migration(std::string_view name_space, std::string_view id) = 0;

  // Ends the running call from another thread; called only with FLUX_CAP_CANCEL.
  virtual void cancel() noexcept {}

  // What follows is optional: what a backend does not override, the host does without.

  // After a call that threw FLUX_E_CONNECTION: connects again and waits until what the lost connection was doing has
  // ended at the server, so that the history now says what became of it. Takes the migration lock again where it was
  // held and is lost. Throws FLUX_E_CONNECTION where that is not found out within `timeout_ms`; time in which the
  // server is seen to be at work on it does not count.
  virtual void reconnect(std::int64_t timeout_ms) {
    static_cast<void>(timeout_ms);
    throw unsupported();
  }
  // Who holds the migration lock and since when, in one line; none where nobody does. Only reads.
  virtual std::optional<std::string> describe_lock() { throw unsupported(); }
  // Ends the session that holds the migration lock, if there is one.
  virtual void break_lock() { throw unsupported(); }
  // What failed statements have left in the target for people to look at, a line each with what to do. Only reads.
  virtual std::vector<std::string> list_leftovers() { throw unsupported(); }
  // The script that was registered with a row; none where none is kept. Only reads.
  virtual std::optional<std::string> read_script(std::string_view name_space, std::string_view id) {
    static_cast<void>(name_space);
    static_cast<void>(id);
    throw unsupported();
  }

 private:
  static BackendError unsupported() { return BackendError(FLUX_E_UNSUPPORTED, "this backend does not do that"); }
};

// Optional: a backend that also derives from this lets the host check a script before it runs, and run one without a
// transaction, part by part (Script::continued).
class StatementSplitter {
 public:
  virtual ~StatementSplitter() = default;
  // Hands each non-empty statement to `emit`, in order; needs no connection. Throws FLUX_E_SCRIPT with the
  // offset where the script cannot be split.
  virtual void split(const Script& script, const std::function<void(const Statement&)>& emit) = 0;
};

// A script and the history row behind it, in one transaction: both or neither.
struct Unit {
  std::optional<Script> script;   // none: nothing runs
  std::optional<HistoryRow> row;  // none: the history stays as it is. A duration_ms of -1: as the backend measures it
  bool removes = false;           // the row is deleted: its name_space and id alone count
};

// Optional: a backend that also derives from this gets many units at once, to send them without waiting in between.
class BatchApplier {
 public:
  virtual ~BatchApplier() = default;
  // Unit `index` is committed, or inside a transaction of the host's, has run. To be called in order. `duration_ms`: of
  // its transaction; -1: unknown.
  using Settled = std::function<void(std::size_t index, std::int64_t duration_ms)>;
  // Does for each unit in order what begin, apply, register_migration (or unregister_migration) and commit do; inside a
  // transaction that the host has begun, without begin and commit. Whether a row that is_new is there already, or one
  // that is to be removed is not, is found out in the unit's transaction before its script runs: FLUX_E_CONFLICT.
  // What it throws is about the first unit that is not settled: nothing is left of it, and none after it has run.
  // FLUX_E_UNSUPPORTED: that unit cannot be run this way, the host does it by the other functions. FLUX_E_CONNECTION:
  // what has become of the units that are not settled is not known.
  virtual void apply_batch(const std::vector<Unit>& units, const Settled& settled) = 0;
};

// Optional, in a header of its own (flux/schema.hpp): a backend that also derives from this can inspect and change schemas.
class SchemaEditor;

// The bridge from the class to the C table. Authors need nothing of it but the macro below.
namespace bridge {

template <class Class>
const void* schema_table() noexcept;  // flux/schema.hpp

inline Script script(const flux_script* s) {
  flux_script defaults{};
  defaults.lock_timeout_ms = defaults.statement_timeout_ms = -1;
  const flux_script given = known(*s, defaults);
  Script out{view(given.migration_id), view(given.text)};
  out.continued = (given.flags & FLUX_SCRIPT_CONTINUED) != 0;
  out.continues = (given.flags & FLUX_SCRIPT_CONTINUES) != 0;
  out.lock_timeout_ms = given.lock_timeout_ms;
  out.statement_timeout_ms = given.statement_timeout_ms;
  return out;
}

// Ends a listing whose callback asked for it.
struct Stop {
  flux_status status;
};

inline flux_status report(const flux_host* host, flux_err* err, flux_status code, std::string_view message,
                          const BackendError* more = nullptr) noexcept {
  if (err == nullptr) return code;
  flux_error_info info{};
  info.struct_size = sizeof info;
  info.code = code;
  info.message = str(message);
  info.statement_index = info.byte_offset = -1;
  if (more != nullptr) {
    info.detail = str(more->detail());
    info.hint = str(more->hint());
    info.sqlstate = str(more->sqlstate());
    info.key = str(more->key());
    info.statement_index = more->statement();
    info.byte_offset = more->offset();
  }
  host->set_error(err, &info);
  return code;
}

// Runs `work` and turns what it throws into a status and an error record.
template <class Work>
flux_status guard(const flux_host* host, flux_err* err, Work&& work) noexcept {
  try {
    work();
    return FLUX_OK;
  } catch (const Stop& stop) {
    return stop.status;
  } catch (const BackendError& e) {
    return report(host, err, e.code(), e.what(), &e);
  } catch (const std::bad_alloc&) {
    return report(host, err, FLUX_E_NOMEM, "out of memory");
  } catch (const std::exception& e) {
    return report(host, err, FLUX_E_INTERNAL, e.what());
  } catch (...) {
    return report(host, err, FLUX_E_INTERNAL, "the backend threw something that is not a std::exception");
  }
}

template <class Class>
struct Instance {
  const flux_host* host;
  Class backend;
  Instance(const flux_host* h, const BackendConfig& config) : host(h), backend(Host(h), config) {}
};

template <class Class>
struct Table {
  static Instance<Class>* self(flux_backend* p) noexcept { return reinterpret_cast<Instance<Class>*>(p); }

  template <class Work>
  static flux_status call(flux_backend* p, flux_err* err, Work&& work) noexcept {
    return guard(self(p)->host, err, [&] { work(self(p)->backend); });
  }

  static flux_status create(const flux_host* host, const flux_config* config, flux_backend** out, flux_err* err) noexcept {
    return guard(host, err, [&] {
      *out = reinterpret_cast<flux_backend*>(new Instance<Class>(host, BackendConfig(Class::keys(), config)));
    });
  }
  static void destroy(flux_backend* p) noexcept { delete self(p); }
  static flux_status connect(flux_backend* p, flux_str uri, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) { b.connect(view(uri)); });
  }
  static void disconnect(flux_backend* p) noexcept { self(p)->backend.disconnect(); }
  static flux_status describe_target(flux_backend* p, flux_text_fn emit, void* ctx, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) { emit(ctx, str(b.describe_target())); });
  }
  static flux_status list_history(flux_backend* p, flux_str name_space, std::uint32_t flags, flux_history_fn emit, void* ctx,
                                  flux_err* err) noexcept {
    return call(p, err, [&](Class& b) {
      b.list_history(view(name_space), flags, [&](const HistoryRow& row) {
        const flux_history_row out = c_row(row);
        if (const flux_status status = emit(ctx, &out); status != FLUX_OK) throw Stop{status};
      });
    });
  }
  static flux_status initialize(flux_backend* p, flux_err* err) noexcept {
    return call(p, err, [](Class& b) { b.initialize(); });
  }
  static flux_status lock(flux_backend* p, std::int64_t timeout_ms, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) { b.lock(timeout_ms); });
  }
  static flux_status unlock(flux_backend* p, flux_err* err) noexcept {
    return call(p, err, [](Class& b) { b.unlock(); });
  }
  static flux_status begin(flux_backend* p, flux_err* err) noexcept {
    return call(p, err, [](Class& b) { b.begin(); });
  }
  static flux_status commit(flux_backend* p, flux_err* err) noexcept {
    return call(p, err, [](Class& b) { b.commit(); });
  }
  static flux_status rollback(flux_backend* p, flux_err* err) noexcept {
    return call(p, err, [](Class& b) { b.rollback(); });
  }
  static flux_status apply(flux_backend* p, const flux_script* s, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) { b.apply(script(s)); });
  }
  static flux_status register_migration(flux_backend* p, const flux_history_row* row, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) { b.register_migration(cpp_row(*row)); });
  }
  static flux_status unregister_migration(flux_backend* p, flux_str name_space, flux_str id, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) { b.unregister_migration(view(name_space), view(id)); });
  }
  static void cancel(flux_backend* p) noexcept { self(p)->backend.cancel(); }
  static flux_status reconnect(flux_backend* p, std::int64_t timeout_ms, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) { b.reconnect(timeout_ms); });
  }
  static flux_status describe_lock(flux_backend* p, flux_text_fn emit, void* ctx, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) {
      if (const auto holder = b.describe_lock()) emit(ctx, str(*holder));
    });
  }
  static flux_status break_lock(flux_backend* p, flux_err* err) noexcept {
    return call(p, err, [](Class& b) { b.break_lock(); });
  }
  static flux_status list_leftovers(flux_backend* p, flux_text_fn emit, void* ctx, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) {
      for (const std::string& line : b.list_leftovers()) emit(ctx, str(line));
    });
  }
  static flux_status read_script(flux_backend* p, flux_str name_space, flux_str id, flux_text_fn emit, void* ctx, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) {
      if (const auto text = b.read_script(view(name_space), view(id))) emit(ctx, str(*text));
    });
  }

  static flux_status split(flux_backend* p, const flux_script* s, flux_statement_fn emit, void* ctx, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) {
      b.split(script(s), [&](const Statement& statement) {
        flux_statement out{sizeof out, statement.flags, statement.offset, statement.length, str(statement.what)};
        if (const flux_status status = emit(ctx, &out); status != FLUX_OK) throw Stop{status};
      });
    });
  }

  static flux_status apply_batch(flux_backend* p, const flux_unit* units, std::size_t count, std::size_t unit_size,
                                 flux_settled_fn settled, void* ctx, flux_err* err) noexcept {
    return call(p, err, [&](Class& b) {
      std::vector<Unit> list(count);
      for (std::size_t i = 0; i < count; ++i) {
        const auto* unit = reinterpret_cast<const flux_unit*>(reinterpret_cast<const char*>(units) + i * unit_size);
        if (unit->script != nullptr) list[i].script = script(unit->script);
        if (unit->row != nullptr) list[i].row = cpp_row(*unit->row);
        list[i].removes = (unit->flags & FLUX_UNIT_REMOVES) != 0;
      }
      b.apply_batch(list, [&](std::size_t index, std::int64_t duration_ms) { settled(ctx, index, duration_ms); });
    });
  }

  static const void* get_interface(flux_backend*, const char* id) noexcept {
    if constexpr (std::is_base_of_v<StatementSplitter, Class>) {
      static const flux_statements_v1 statements{sizeof statements, 0, &Table::split};
      if (std::string_view(id) == FLUX_IFACE_STATEMENTS_V1) return &statements;
    }
    if constexpr (std::is_base_of_v<BatchApplier, Class>) {
      static const flux_batch_v1 batch{sizeof batch, 0, &Table::apply_batch};
      if (std::string_view(id) == FLUX_IFACE_BATCH_V1) return &batch;
    }
    if constexpr (std::is_base_of_v<SchemaEditor, Class>) {
      if (std::string_view(id) == FLUX_IFACE_SCHEMA_V1) return schema_table<Class>();
    }
    static_cast<void>(id);
    return nullptr;
  }

  static flux_history_row c_row(const HistoryRow& row) noexcept {
    flux_history_row out{};
    out.struct_size = sizeof out;
    out.name_space = str(row.name_space);
    out.id = str(row.id);
    out.hash = str(row.hash);
    out.state = str(row.state);
    out.undo = optional_str(row.undo);
    out.applied_by = optional_str(row.applied_by);
    out.flux_version = optional_str(row.flux_version);
    out.applied_at_us = row.applied_at_us;
    out.duration_ms = row.duration_ms;
    out.statements_done = row.statements_done;
    out.run_id = optional_str(row.run_id);
    out.script = optional_str(row.script);
    out.done_hash = optional_str(row.done_hash);
    out.note = optional_str(row.note);
    out.statements_started = row.statements_started;
    out.statements_total = row.statements_total;
    return out;
  }
  static HistoryRow cpp_row(const flux_history_row& given) {
    flux_history_row defaults{};
    defaults.duration_ms = defaults.statements_done = defaults.statements_started = defaults.statements_total = -1;
    const flux_history_row row = known(given, defaults);
    HistoryRow out;
    out.name_space = view(row.name_space);
    out.id = view(row.id);
    out.hash = view(row.hash);
    out.state = view(row.state);
    out.undo = optional(row.undo);
    out.applied_by = optional(row.applied_by);
    out.flux_version = optional(row.flux_version);
    out.applied_at_us = row.applied_at_us;
    out.duration_ms = row.duration_ms;
    out.statements_done = row.statements_done;
    out.run_id = optional(row.run_id);
    out.script = optional(row.script);
    out.done_hash = optional(row.done_hash);
    out.note = optional(row.note);
    out.statements_started = row.statements_started;
    out.statements_total = row.statements_total;
    out.is_new = (row.flags & FLUX_ROW_NEW) != 0;
    return out;
  }
};

// A default as TOML text.
inline std::string toml(const ConfigValue& value) {
  struct Writer {
    std::string operator()(const std::string& s) const {
      std::string out = "\"";
      for (const char c : s) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
      }
      return out + '"';
    }
    std::string operator()(std::int64_t i) const { return std::to_string(i); }
    std::string operator()(double f) const { return std::to_string(f); }
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(const std::vector<std::string>& list) const {
      std::string out = "[";
      for (const std::string& item : list) out += (out.size() > 1 ? ", " : "") + (*this)(item);
      return out + "]";
    }
  };
  return std::visit(Writer{}, value);
}

// The keys as the C table wants them; keeps the strings that they point to.
struct KeyTable {
  std::vector<Key> keys;
  std::vector<std::string> defaults;
  std::vector<flux_key> rows;
  explicit KeyTable(std::vector<Key> known) : keys(std::move(known)) {
    for (const Key& key : keys) defaults.push_back(toml(key.default_value));
    for (std::size_t i = 0; i < keys.size(); ++i)
      rows.push_back(flux_key{keys[i].name.c_str(), static_cast<std::uint32_t>(keys[i].default_value.index() + 1),
                              keys[i].required ? 1U : 0U, keys[i].required ? nullptr : defaults[i].c_str(),
                              keys[i].description.c_str()});
  }
};

template <class Class>
const flux_backend_api* table(const char* name, const char* version, const char* schemes, std::uint64_t capabilities) noexcept {
  try {
    static const KeyTable keys(Class::keys());
    static const flux_backend_api api = [&] {
      using T = Table<Class>;
      flux_backend_api a{};
      a.struct_size = sizeof a;
      a.abi_minor = FLUX_ABI_MINOR;
      a.min_host_minor = 0;
      a.key_size = sizeof(flux_key);
      a.capabilities = capabilities;
      a.name = name;
      a.version = version;
      a.uri_schemes = schemes;
      a.uri_example = Class::uri_example();
      a.script_extension = Class::script_extension();
      a.keys = keys.rows.data();
      a.key_count = keys.rows.size();
      a.create = &T::create;
      a.destroy = &T::destroy;
      a.connect = &T::connect;
      a.disconnect = &T::disconnect;
      a.describe_target = &T::describe_target;
      a.list_history = &T::list_history;
      a.initialize = &T::initialize;
      a.lock = &T::lock;
      a.unlock = &T::unlock;
      a.begin = &T::begin;
      a.commit = &T::commit;
      a.rollback = &T::rollback;
      a.apply = &T::apply;
      a.register_migration = &T::register_migration;
      a.unregister_migration = &T::unregister_migration;
      a.cancel = &T::cancel;
      a.get_interface = &T::get_interface;
      a.reconnect = &T::reconnect;
      a.describe_lock = &T::describe_lock;
      a.break_lock = &T::break_lock;
      a.list_leftovers = &T::list_leftovers;
      a.read_script = &T::read_script;
      return a;
    }();
    return &api;
  } catch (...) {
    return nullptr;  // the host says that the backend gave no table
  }
}

}  // namespace bridge
}  // namespace flux

// Makes `Class` the backend of this shared object. Use once, at global scope.
// `name` is a string literal, [a-z][a-z0-9_]*, the file being libflux_backend_NAME.so; `schemes` the URI schemes,
// comma separated; `capabilities` bits of flux_capability, each a promise that the conformance checks prove.
#define FLUX_REGISTER_BACKEND(Class, name, version, schemes, capabilities)               \
  FLUX_BACKEND_NOTE(name);                                                               \
  extern "C" FLUX_EXPORT const flux_backend_api* flux_backend_entry_v1(void) {           \
    return ::flux::bridge::table<Class>(name, version, schemes, capabilities);           \
  }                                                                                      \
  static_assert(true, "")
