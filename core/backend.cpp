#include <flux/core/backend.hpp>

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <flux/core/source_text.hpp>
#include <flux/core/version.hpp>

#include "backend_config.hpp"
#include "backend_state.hpp"

namespace flux {
namespace {

void set_error(flux_err* err, const flux_error_info* info) noexcept {
  if (err == nullptr || info == nullptr) return;
  try {
    err->set = true;
    err->code = info->code;
    err->message = text(info->message);
    err->detail = text(info->detail);
    err->hint = text(info->hint);
    err->sqlstate = text(info->sqlstate);
    err->key = text(info->key);
    if (FLUX_HAS(info, flux_error_info, byte_offset)) err->byte_offset = info->byte_offset;
  } catch (...) {  // out of memory: the code at least has arrived
  }
}

// What of a script runs; `changed` holds it where it is not the script's own text.
std::string_view text_to_run(const Script& script, std::string& changed) {
  if (script.taken_off().empty()) return script.text();
  // Blanks in their place keep every offset what it is in the file.
  changed = script.text();
  for (const TextSpan& span : script.taken_off())
    std::replace_if(changed.begin() + static_cast<std::ptrdiff_t>(span.offset), changed.begin() + static_cast<std::ptrdiff_t>(span.offset + span.length),
                    [](char c) { return c != '\n'; }, ' ');
  return changed;
}

// What stands before "://" is shown: nothing secret does.
void require_scheme(const Uri& uri, const BackendInfo& info) {
  const std::string& text = uri.secret_text();
  const std::size_t end = text.find("://");
  const std::vector<std::string>& schemes = info.uri_schemes;
  if (end == std::string::npos || schemes.empty() || text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+.-") != end) return;
  const std::string scheme = text.substr(0, end);
  if (std::find(schemes.begin(), schemes.end(), scheme) != schemes.end()) return;
  Failure f;
  f.code = ErrorCode::config;
  f.message = fmt::format("the database URI begins with {}://, and the backend {} takes {}:", scheme, info.name, fmt::join(schemes, ":, "));
  f.hint = "correct the URI, or the key backend in flux.toml";
  throw Error(std::move(f));
}

// What a status means for the command; `otherwise` is for a failure that has no meaning of its own.
ErrorCode code_of(flux_status status, ErrorCode otherwise) noexcept {
  switch (status) {
    case FLUX_E_CONFIG: return ErrorCode::config;
    case FLUX_E_CONNECTION:
    case FLUX_E_AUTH: return ErrorCode::connection;
    case FLUX_E_LOCKED: return ErrorCode::lock_timeout;
    case FLUX_E_SCRIPT:
    case FLUX_E_BUSY: return ErrorCode::script;
    case FLUX_E_CONFLICT: return ErrorCode::history;
    case FLUX_E_CANCELLED: return ErrorCode::cancelled;
    case FLUX_E_UNSUPPORTED:
    case FLUX_E_STATE:
    case FLUX_E_INTERNAL: return ErrorCode::backend;
    case FLUX_E_NOMEM: return ErrorCode::internal;
    default: return otherwise;
  }
}

SourcePosition position_in(const Script& script, std::size_t offset) {
  return position_at(script.generated() ? script.file() + " (the text that it returned)" : script.file(), script.text(), offset);
}

}  // namespace

void Backend::State::log_line(void* ctx, std::int32_t level, flux_str message) noexcept {
  try {
    const State& self = *static_cast<State*>(ctx);
    const auto known = std::clamp<std::int32_t>(level, FLUX_LOG_TRACE, FLUX_LOG_ERROR);
    self.log.write(static_cast<LogLevel>(known), self.scrubbed(text(message)));
  } catch (...) {  // a log line that cannot be written must not end a migration
  }
}

std::int32_t Backend::State::is_cancelled(void* ctx) noexcept {
  const State& self = *static_cast<const State*>(ctx);
  return self.cancel == Cancel::wanted && !self.shielded ? 1 : 0;
}

void Backend::State::check(flux_status status, const flux_err& err, ErrorCode otherwise, std::string_view migration_id, const Script* script) const {
  if (status == FLUX_OK) return;
  Failure f;
  f.code = code_of(err.set ? err.code : status, otherwise);
  f.message = err.set && !err.message.empty() ? scrubbed(err.message) : fmt::format("the backend failed with status {} and did not say why", status);
  f.detail = scrubbed(err.detail);
  f.hint = scrubbed(err.hint);
  f.sqlstate = err.sqlstate;
  f.retryable = (err.set ? err.code : status) == FLUX_E_BUSY;
  f.migration_id = migration_id;
  if (script != nullptr && err.byte_offset >= 0) f.where = position_in(*script, static_cast<std::size_t>(err.byte_offset));
  else if (script != nullptr) f.where = SourcePosition{script->file(), 0, 0, ""};
  if (!err.key.empty()) explain_key(f, err.key);
  throw Error(std::move(f));
}

void Backend::State::explain_key(Failure& f, const std::string& key) const {
  const auto setting = std::find_if(settings.begin(), settings.end(), [&](const BackendSetting& s) { return s.key == key; });
  if (setting != settings.end()) f.where = setting->where;
  const bool known = std::find(known_keys.begin(), known_keys.end(), key) != known_keys.end();
  if (const auto near = nearest(key, known_keys); !known && near && f.hint.empty()) f.hint = fmt::format("did you mean \"{}\"?", *near);
}

Backend::Backend(std::shared_ptr<const BackendLibrary> library, const Config& config, Log log)
    : library_(std::move(library)), state_(std::make_unique<State>()) {
  state_->log = std::move(log);
  state_->base_directory = config.database_uri_base.string();
  state_->version = fmt::format("flux {}", version());
  state_->settings = config.backend_settings;
  state_->statement_lock_timeout = config.statement_lock_timeout;
  state_->statement_timeout = config.statement_timeout;
  for (const BackendKey& key : library_->info().keys) state_->known_keys.push_back(key.name);
  flux_host& host = state_->host;
  host.struct_size = sizeof host;
  host.abi_minor = FLUX_ABI_MINOR;
  host.version = state_->version.c_str();
  host.ctx = state_.get();
  host.set_error = &set_error;
  host.log = &State::log_line;
  host.is_cancelled = &State::is_cancelled;
  host.base_directory = state_->base_directory.c_str();
  const BackendConfigTable table(state_->settings);
  flux_err err;
  const flux_status status = library_->api().create(&host, table.get(), &state_->instance, &err);
  // What is wrong with a key stands at that key; all else has no place of its own to tell which backend it is about.
  if (status != FLUX_E_CONFIG) err.message = fmt::format("backend \"{}\" cannot be used: {}", library_->info().name, err.message);
  state_->check(status, err, ErrorCode::backend);
  if (state_->instance == nullptr) {
    Failure f;
    f.code = ErrorCode::backend;
    f.message = fmt::format("{} gave no instance, and no error", library_->info().file.string());
    throw Error(std::move(f));
  }
}

Backend::~Backend() {
  if (state_->connected) library_->api().disconnect(state_->instance);
  if (state_->instance != nullptr) library_->api().destroy(state_->instance);
}

void Backend::connect(const Uri& uri) {
  require_scheme(uri, library_->info());
  state_->uri = uri;
  flux_err err;
  state_->check(library_->api().connect(state_->instance, str(uri.secret_text()), &err), err, ErrorCode::connection);
  state_->connected = true;
}

std::string Backend::describe_target() {
  struct Target {
    std::string text;
    std::exception_ptr thrown;
  } target;
  flux_err err;
  const auto take = [](void* ctx, flux_str s) {
    Target& into = *static_cast<Target*>(ctx);
    static_cast<void>(kept(into.thrown, [&] { into.text = text(s); }));
  };
  const flux_status status = library_->api().describe_target(state_->instance, take, &target, &err);
  if (target.thrown) std::rethrow_exception(target.thrown);
  state_->check(status, err, ErrorCode::connection);
  return state_->scrubbed(target.text);
}

History Backend::read_history(const std::string& name_space, UndoTexts undo_texts) {
  struct Rows {
    History history;
    std::exception_ptr thrown;
  } rows{History(undo_texts), {}};
  const auto take = [](void* ctx, const flux_history_row* row) {
    Rows& into = *static_cast<Rows*>(ctx);
    return kept(into.thrown, [&] { into.history.add(row_of(*row)); });
  };
  const std::uint32_t flags = undo_texts == UndoTexts::read ? unsigned{FLUX_LIST_UNDO_TEXTS} : 0U;
  flux_err err;
  const flux_status status = library_->api().list_history(state_->instance, str(name_space), flags, take, &rows, &err);
  if (rows.thrown) std::rethrow_exception(rows.thrown);
  state_->check(status, err, ErrorCode::history);
  rows.history.sort();
  return std::move(rows.history);
}

void Backend::request_cancel() noexcept {
  const std::lock_guard lock(state_->cancel_mutex);
  if (state_->cancel == State::Cancel::handled) return;
  state_->cancel = State::Cancel::wanted;
  if (state_->shielded || !library_->can(FLUX_CAP_CANCEL) || library_->api().cancel == nullptr) return;
  library_->api().cancel(state_->instance);
}

Backend::Shield::Shield(Backend& backend) : backend_(backend) {
  const std::lock_guard lock(backend_.state_->cancel_mutex);
  backend_.state_->shielded = true;
}

Backend::Shield::~Shield() {
  const std::lock_guard lock(backend_.state_->cancel_mutex);
  backend_.state_->shielded = false;
}

bool Backend::cancel_requested() const noexcept { return state_->cancel == State::Cancel::wanted; }
void Backend::clear_cancel() noexcept {
  const std::lock_guard lock(state_->cancel_mutex);
  state_->cancel = State::Cancel::handled;
}

bool Backend::reconnect(std::chrono::milliseconds limit) {
  if (library_->api().reconnect == nullptr) return false;
  flux_err err;
  const flux_status status = library_->api().reconnect(state_->instance, limit.count(), &err);
  if (status == FLUX_E_UNSUPPORTED) return false;
  // Connected, and the history can be read; but this run must write nothing more.
  if (status == FLUX_E_LOCKED) state_->lock_lost = true;
  else state_->check(status, err, ErrorCode::connection);
  return true;
}

std::optional<std::string> Backend::describe_lock() {
  if (library_->api().describe_lock == nullptr) throw unsupported("say who holds the migration lock");
  const std::vector<std::string> texts = emitted([&](flux_text_fn emit, void* ctx, flux_err* err) {
    return library_->api().describe_lock(state_->instance, emit, ctx, err);
  });
  return texts.empty() ? std::nullopt : std::optional(state_->scrubbed(texts.front()));
}

void Backend::break_lock() {
  if (library_->api().break_lock == nullptr) throw unsupported("end the holder of the migration lock");
  flux_err err;
  state_->check(library_->api().break_lock(state_->instance, &err), err, ErrorCode::backend);
}

std::vector<std::string> Backend::list_leftovers() {
  if (library_->api().list_leftovers == nullptr) return {};
  try {
    std::vector<std::string> lines =
        emitted([&](flux_text_fn emit, void* ctx, flux_err* err) { return library_->api().list_leftovers(state_->instance, emit, ctx, err); });
    for (std::string& line : lines) line = state_->scrubbed(line);
    return lines;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::connection || error.code() == ErrorCode::cancelled) throw;
    // They are told beside something that matters more.
    state_->log.debug(fmt::format("what failed statements have left cannot be listed: {}", error.what()));
    return {};
  }
}

std::optional<std::string> Backend::read_script(const std::string& name_space, std::string_view id) {
  if (library_->api().read_script == nullptr) return std::nullopt;
  const std::vector<std::string> texts = emitted([&](flux_text_fn emit, void* ctx, flux_err* err) {
    return library_->api().read_script(state_->instance, str(name_space), str(id), emit, ctx, err);
  });
  return texts.empty() ? std::nullopt : std::optional(texts.front());
}

Error Backend::unsupported(const char* what) const {
  Failure f;
  f.code = ErrorCode::backend;
  f.message = fmt::format("the backend {} cannot {}", library_->info().name, what);
  return Error(std::move(f));
}

void Backend::initialize() {
  flux_err err;
  state_->check(library_->api().initialize(state_->instance, &err), err, ErrorCode::history);
}

void Backend::lock(std::chrono::milliseconds timeout) {
  flux_err err;
  state_->check(library_->api().lock(state_->instance, timeout.count(), &err), err, ErrorCode::backend);
}

void Backend::unlock() {
  flux_err err;
  state_->check(library_->api().unlock(state_->instance, &err), err, ErrorCode::backend);
}

void Backend::require_lock() const {
  if (!state_->lock_lost) return;
  Failure f;
  f.code = ErrorCode::connection;
  f.message = "another run has taken the migration lock while the connection was lost";
  throw Error(std::move(f));
}

void Backend::begin() {
  require_lock();
  flux_err err;
  state_->check(library_->api().begin(state_->instance, &err), err, ErrorCode::script);
}

void Backend::commit() {
  flux_err err;
  state_->check(library_->api().commit(state_->instance, &err), err, ErrorCode::script);
}

void Backend::rollback() {
  flux_err err;
  state_->check(library_->api().rollback(state_->instance, &err), err, ErrorCode::script);
}

void Backend::apply(std::string_view migration_id, const Script& script) {
  std::string changed;
  run(migration_id, script, text_to_run(script, changed), 0, 0);
}

// An empty part does all that a part needs, and nothing else.
void Backend::prepare_outside() {
  const flux_script given{sizeof given, FLUX_SCRIPT_CONTINUES, str(""), str(""), -1, -1};
  flux_err err;
  state_->check(library_->api().apply(state_->instance, &given, &err), err, ErrorCode::history);
}

void Backend::apply_part(std::string_view migration_id, const Script& script, const ScriptPart& part, bool continued, bool continues) {
  // One that is the only one is a part all the same.
  continues = continues || !continued;
  const std::uint32_t flags = (continued ? unsigned{FLUX_SCRIPT_CONTINUED} : 0U) | (continues ? unsigned{FLUX_SCRIPT_CONTINUES} : 0U);
  run(migration_id, script, script.text().substr(part.text.offset, part.text.length), part.text.offset, flags);
}

flux_script Backend::given(std::string_view migration_id, const Script& script, std::string_view text, std::uint32_t flags) const {
  const auto milliseconds = [](std::optional<std::chrono::milliseconds> own, std::optional<std::chrono::milliseconds> general) {
    return own ? own->count() : general ? general->count() : -1;
  };
  return {sizeof(flux_script), flags, str(migration_id), str(text), milliseconds(script.directives().lock_timeout, state_->statement_lock_timeout),
          milliseconds(script.directives().statement_timeout, state_->statement_timeout)};
}

void Backend::run(std::string_view migration_id, const Script& script, std::string_view text, std::size_t offset, std::uint32_t flags) {
  require_lock();
  const flux_script part = given(migration_id, script, text, flags);
  flux_err err;
  const flux_status status = library_->api().apply(state_->instance, &part, &err);
  if (err.byte_offset >= 0) err.byte_offset += static_cast<std::int64_t>(offset);
  state_->check(status, err, ErrorCode::script, migration_id, &script);
}

void Backend::register_migration(const std::string& name_space, const HistoryRow& row) {
  require_lock();
  const flux_history_row given = c_row(name_space, row);
  flux_err err;
  state_->check(library_->api().register_migration(state_->instance, &given, &err), err, ErrorCode::script, row.id);
}

void Backend::unregister_migration(const std::string& name_space, std::string_view id) {
  flux_err err;
  state_->check(library_->api().unregister_migration(state_->instance, str(name_space), str(id), &err), err, ErrorCode::script, id);
}

bool Backend::can_batch() const {
  const auto* table = feature<flux_batch_v1>(FLUX_IFACE_BATCH_V1);
  return table != nullptr && FLUX_HAS(table, flux_batch_v1, apply_batch) && table->apply_batch != nullptr;
}

void Backend::apply_batch(const std::string& name_space, const std::vector<BatchUnit>& units, const Settled& settled) {
  require_lock();
  // What the C units point to.
  std::vector<std::string> changed(units.size());
  std::vector<flux_script> scripts(units.size());
  std::vector<flux_history_row> rows(units.size());
  std::vector<flux_unit> given_units(units.size());
  for (std::size_t i = 0; i < units.size(); ++i) {
    const BatchUnit& unit = units[i];
    flux_unit& out = given_units[i] = {sizeof(flux_unit), unit.removes ? unsigned{FLUX_UNIT_REMOVES} : 0U, nullptr, nullptr};
    if (unit.script != nullptr) {
      scripts[i] = given(unit.id, *unit.script, text_to_run(*unit.script, changed[i]), 0);
      out.script = &scripts[i];
    }
    if (unit.row != nullptr) rows[i] = c_row(name_space, *unit.row);
    if (unit.removes) rows[i] = c_key(name_space, unit.id);
    if (unit.row != nullptr || unit.removes) out.row = &rows[i];
  }
  struct Progress {
    const Settled& settled;
    std::size_t next = 0;
    std::exception_ptr thrown;
  } progress{settled, 0, {}};
  const auto note = [](void* ctx, std::size_t index, std::int64_t duration_ms) {
    Progress& p = *static_cast<Progress*>(ctx);
    p.next = index + 1;
    // The backend goes on: what is settled cannot be taken back.
    const flux_status ignored = kept(p.thrown, [&] { p.settled(index, duration_ms >= 0 ? std::optional(std::chrono::milliseconds(duration_ms)) : std::nullopt); });
    static_cast<void>(ignored);
  };
  flux_err err;
  const flux_status status = feature<flux_batch_v1>(FLUX_IFACE_BATCH_V1)
                                 ->apply_batch(state_->instance, given_units.data(), units.size(), sizeof(flux_unit), note, &progress, &err);
  if (progress.thrown) std::rethrow_exception(progress.thrown);
  if (progress.next == units.size() || status == FLUX_E_UNSUPPORTED) return;
  const BatchUnit& failed = units[progress.next];
  state_->check(status, err, ErrorCode::script, failed.id, failed.script);
}

std::optional<std::vector<ScriptStatement>> Backend::split(const Script& script) {
  const auto* table = feature<flux_statements_v1>(FLUX_IFACE_STATEMENTS_V1);
  if (table == nullptr || !FLUX_HAS(table, flux_statements_v1, split) || table->split == nullptr) return std::nullopt;
  struct Statements {
    std::vector<ScriptStatement> list;
    std::exception_ptr thrown;
  } statements;
  const auto take = [](void* ctx, const flux_statement* s) {
    Statements& into = *static_cast<Statements*>(ctx);
    return kept(into.thrown, [&] { into.list.push_back({static_cast<std::size_t>(s->offset), static_cast<std::size_t>(s->length), s->flags, text(s->what)}); });
  };
  const flux_script given{sizeof given, 0, str(""), str(script.text()), -1, -1};
  flux_err err;
  const flux_status status = table->split(state_->instance, &given, take, &statements, &err);
  if (statements.thrown) std::rethrow_exception(statements.thrown);
  state_->check(status, err, ErrorCode::script, {}, &script);
  return std::move(statements.list);
}

}  // namespace flux
