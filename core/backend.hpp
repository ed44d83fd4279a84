// A loaded backend, as the host uses it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <flux/backend_abi.h>

#include <flux/core/config.hpp>
#include <flux/core/history.hpp>
#include <flux/core/log.hpp>
#include <flux/core/migration_set.hpp>
#include <flux/core/schema/schema.hpp>
#include <flux/core/uri.hpp>

namespace flux {

// A key of the [backend] table that a backend declares.
struct BackendKey {
  std::string name, type;  // type: "string", "integer", "number", "boolean" or "list of strings"
  std::optional<std::string> default_value;  // as TOML
  std::string description;
  bool required = false;
};

// What a backend says of itself.
struct BackendInfo {
  std::string name, version;
  std::vector<std::string> uri_schemes;
  std::string uri_example, script_extension;
  std::vector<std::string> capabilities;  // "transactional_ddl", "lock", "cancel", "statement_offsets"
  std::vector<BackendKey> keys;
  std::filesystem::path file;
  int abi_major = 1, abi_minor = 0;
};

// A backend's shared object. It stays loaded as long as the process lives.
class BackendLibrary {
 public:
  // Loads and checks `file`, an absolute path whose name says `name`. Throws Error{backend} that says why not.
  static std::shared_ptr<const BackendLibrary> load(const std::filesystem::path& file, std::string_view name);

  const BackendInfo& info() const noexcept { return info_; }
  // The table, complete: optional functions that the backend lacks are null.
  const flux_backend_api& api() const noexcept { return api_; }
  bool can(flux_capability capability) const noexcept { return (api_.capabilities & capability) != 0; }

 private:
  BackendLibrary() = default;
  BackendInfo info_;
  flux_backend_api api_{};
};

// One statement of a script.
struct ScriptStatement {
  std::size_t offset = 0, length = 0;
  unsigned flags = 0;  // flux_statement_flag
  std::string what;    // names it where a flag is set
};

// A script and the history row behind it, in one transaction.
struct BatchUnit {
  std::string_view id;
  const Script* script = nullptr;   // null: nothing runs
  const HistoryRow* row = nullptr;  // to be written; null: none
  bool removes = false;             // the row of `id` is removed
};

// One instance of a backend. Throws Error, scrubbed of the URI's passwords, from every call that fails; a failing script's
// error carries its position in the script's file.
class Backend {
 public:
  // Makes an instance with the [backend] table of `config`. Throws Error{config} with the key's position in the file.
  Backend(std::shared_ptr<const BackendLibrary> library, const Config& config, Log log);
  ~Backend();
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  const BackendLibrary& library() const noexcept { return *library_; }

  // request_cancel() alone may be called by other threads. From now on the backend is told that the user wants to stop, and
  // what it is running is ended: that call throws Error{cancelled}. Calling it again repeats a request that may have
  // come between two calls. clear_cancel() lets what puts things in order run; no request counts any more after it.
  void request_cancel() noexcept;
  bool cancel_requested() const noexcept;
  void clear_cancel() noexcept;

  // Keeps the user's wish to stop from the database while it lives: what finds out or records what has happened must not be
  // ended half way. The wish is not forgotten.
  class Shield {
   public:
    explicit Shield(Backend& backend);
    ~Shield();
    Shield(const Shield&) = delete;
    Shield& operator=(const Shield&) = delete;

   private:
    Backend& backend_;
  };

  void connect(const Uri& uri);
  // After Error{connection}: connects again and waits until the server has ended what it was doing for the lost
  // connection. False where the backend cannot. Throws Error{connection} where that is not found out within `limit`.
  // Where somebody else has taken the migration lock meanwhile, the history can be read, but begin() throws.
  bool reconnect(std::chrono::milliseconds limit);
  std::string describe_target();

  History read_history(const std::string& name_space, UndoTexts undo_texts = UndoTexts::left_out);
  void initialize();
  void lock(std::chrono::milliseconds timeout);
  void unlock();
  void begin();
  void commit();
  void rollback();
  void apply(std::string_view migration_id, const Script& script);
  // Finds out whether parts can run outside of a transaction here and now, before anything is written. Throws
  // Error{history} where not, Error{lock_timeout} where what an earlier run has left is still at work.
  void prepare_outside();
  // One part of a script without a transaction. `continued`: the part before it has just run; `continues`: the next one
  // follows.
  void apply_part(std::string_view migration_id, const Script& script, const ScriptPart& part, bool continued, bool continues);
  void register_migration(const std::string& name_space, const HistoryRow& row);
  void unregister_migration(const std::string& name_space, std::string_view id);

  // Does many units, in a transaction each, or all in the one that begin() has opened; the backend need not wait for one
  // to send the next. `settled` is told of each in order as it is committed, or in an open transaction has run. Throws
  // what concerns the first one that is not settled: nothing is left of it and none after it has run, but for
  // Error{connection}: then it is not known what has become of those that are not settled. Returns before all are settled
  // where the next one cannot be run this way.
  using Settled = std::function<void(std::size_t index, std::optional<std::chrono::milliseconds> took)>;
  void apply_batch(const std::string& name_space, const std::vector<BatchUnit>& units, const Settled& settled);
  bool can_batch() const;

  // Who holds the migration lock, in words; nullopt: nobody. Throws Error{backend} where it cannot be told.
  std::optional<std::string> describe_lock();
  // Ends the session that holds it. Throws Error{backend} where that cannot be done from here.
  void break_lock();
  // What failed statements have left in the target, a line each; empty also where the backend cannot tell.
  std::vector<std::string> list_leftovers();
  // The script that the history keeps of a row.
  std::optional<std::string> read_script(const std::string& name_space, std::string_view id);

  // The statements of a script; nullopt where the backend cannot split. Throws Error{script} where the script cannot be.
  std::optional<std::vector<ScriptStatement>> split(const Script& script);

  // Schema as code. All but can_schema() throw Error{backend} where the backend cannot do it.
  bool can_schema() const;
  // Makes a throw-away database at `server`, none: at the server of the connected target; what another instance connects to.
  Uri create_shadow(const std::optional<Uri>& server);
  void drop_shadow(const std::optional<Uri>& server, const Uri& shadow);
  Schema inspect();
  // The statements of one difference; nullopt where that cannot be done in place.
  std::optional<std::vector<SchemaStep>> change(const SchemaChange& change);
  // Runs one statement of a definition file in a throw-away database. Throws Error{script}.
  void load(const Script& file, const TextSpan& statement);
  // What is wrong with what was loaded: the fact, and a sentence.
  std::vector<std::pair<FactRef, std::string>> check_loaded();
  // What a statement, with the comments above it, defines and uses. Throws Error{script} where it defines nothing.
  std::vector<Mention> read_definition(const Script& file, const TextSpan& statement);

 private:
  void require_lock() const;
  void run(std::string_view migration_id, const Script& script, std::string_view text, std::size_t offset, std::uint32_t flags);
  flux_script given(std::string_view migration_id, const Script& script, std::string_view text, std::uint32_t flags) const;
  template <class Interface>
  const Interface* feature(const char* id) const;  // null: the backend has none
  const flux_schema_v1& schema_table() const;
  template <class Call>
  std::vector<std::string> emitted(Call&& call);
  Error unsupported(const char* what) const;

  struct State;
  std::shared_ptr<const BackendLibrary> library_;
  std::unique_ptr<State> state_;
};

}  // namespace flux
