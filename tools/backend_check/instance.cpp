#include "instance.hpp"

#include <cstring>
#include <utility>

#include "borrowed.hpp"

namespace flux::check {
namespace {

using Clock = std::chrono::steady_clock;

std::atomic<int> null_report_count = 0;

void set_error(flux_err* err, const flux_error_info* info) noexcept {
  if (err == nullptr) {
    ++null_report_count;
    return;
  }
  ++err->reports;
  if (info == nullptr) return;
  ErrorRecord& record = err->record;
  record = {};
  record.struct_size = info->struct_size;
  if (!FLUX_HAS(info, flux_error_info, byte_offset)) return;
  record.code = info->code;
  record.message = text_of(info->message);
  record.detail = text_of(info->detail);
  record.hint = text_of(info->hint);
  record.sqlstate = text_of(info->sqlstate);
  record.key = text_of(info->key);
  record.statement_index = info->statement_index;
  record.byte_offset = info->byte_offset;
}

// Members that are not there.
template <class T>
void spoil(T& value, std::size_t from) {
  std::memset(reinterpret_cast<char*>(&value) + from, 0x7f, sizeof value - from);
  value.struct_size = static_cast<std::uint32_t>(from);
}

// A row for a call, and the memory that it points to.
class RowCall {
 public:
  RowCall(const Row& row, StructSize sizes) {
    flux_history_row& out = given_.value;
    out.struct_size = sizes == StructSize::larger ? sizeof given_ : sizeof out;
    out.flags = row.flags;
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
    out.run_id = str(row.run_id);
    out.script = str(row.script);
    out.done_hash = str(row.done_hash);
    out.note = str(row.note);
    out.statements_started = row.statements_started;
    out.statements_total = row.statements_total;
    if (sizes == StructSize::smaller) spoil(out, offsetof(flux_history_row, run_id));
  }
  const flux_history_row* get() const noexcept { return &given_.value; }

 private:
  flux_str str(const std::string& text) {
    kept_.push_back(std::make_unique<Borrowed>(text));
    return kept_.back()->str();
  }
  flux_str str(const std::optional<std::string>& text) { return text ? str(*text) : flux_str{nullptr, 0}; }

  Grown<flux_history_row> given_;
  std::vector<std::unique_ptr<Borrowed>> kept_;
};

// A script for a call, and the memory that it points to.
class ScriptStruct {
 public:
  ScriptStruct(const ScriptCall& call, StructSize sizes) : id_("20260101_001_flux-check"), text_(call.text) {
    flux_script& out = given_.value;
    out.struct_size = sizes == StructSize::larger ? sizeof given_ : sizeof out;
    out.flags = call.flags;
    out.migration_id = id_.str();
    out.text = text_.str();
    out.lock_timeout_ms = call.lock_timeout_ms;
    out.statement_timeout_ms = call.statement_timeout_ms;
    if (sizes == StructSize::smaller) spoil(out, offsetof(flux_script, lock_timeout_ms));
  }
  const flux_script* get() const noexcept { return &given_.value; }

 private:
  Borrowed id_, text_;
  Grown<flux_script> given_;
};

// The [backend] table for create, and the memory that it points to.
class ConfigStruct {
 public:
  ConfigStruct(const Settings& settings, StructSize sizes) : lists_(settings.size()), items_(settings.size()) {
    for (std::size_t i = 0; i < settings.size(); ++i) {
      flux_kv& kv = items_[i].value;
      kv.key = str(settings[i].first);
      kv.value.type = static_cast<std::uint32_t>(settings[i].second.index() + 1);
      const Value& value = settings[i].second;
      if (const auto* s = std::get_if<std::string>(&value)) kv.value.u.s = str(*s);
      if (const auto* n = std::get_if<std::int64_t>(&value)) kv.value.u.i = *n;
      if (const auto* f = std::get_if<double>(&value)) kv.value.u.f = *f;
      if (const auto* b = std::get_if<bool>(&value)) kv.value.u.b = *b ? 1 : 0;
      if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
        for (const std::string& item : *list) lists_[i].push_back(str(item));
        kv.value.u.list = {lists_[i].data(), lists_[i].size()};
      }
      plain_.push_back(kv);
    }
    given_.value.struct_size = sizes == StructSize::larger ? sizeof given_ : sizeof given_.value;
    given_.value.count = settings.size();
    given_.value.kv_size = sizes == StructSize::larger ? sizeof items_[0] : sizeof(flux_kv);
    if (settings.empty()) return;
    given_.value.items = sizes == StructSize::larger ? &items_[0].value : plain_.data();
  }
  const flux_config* get() const noexcept { return &given_.value; }

 private:
  flux_str str(const std::string& text) {
    kept_.push_back(std::make_unique<Borrowed>(text));
    return kept_.back()->str();
  }

  Grown<flux_config> given_;
  std::vector<std::vector<flux_str>> lists_;
  std::vector<Grown<flux_kv>> items_;
  std::vector<flux_kv> plain_;
  std::vector<std::unique_ptr<Borrowed>> kept_;
};

std::optional<std::string> optional_text(flux_str text) {
  return text.ptr != nullptr ? std::optional(text_of(text)) : std::nullopt;
}

Row copied(const flux_history_row& given) {
  Row row;
  row.struct_size = given.struct_size;
  row.flags = given.flags;
  row.name_space = text_of(given.name_space);
  row.id = text_of(given.id);
  row.hash = text_of(given.hash);
  row.state = text_of(given.state);
  row.undo = optional_text(given.undo);
  row.applied_by = optional_text(given.applied_by);
  row.flux_version = optional_text(given.flux_version);
  row.applied_at_us = given.applied_at_us;
  row.duration_ms = given.duration_ms;
  row.statements_done = given.statements_done;
  if (!FLUX_HAS(&given, flux_history_row, statements_total)) return row;
  row.run_id = optional_text(given.run_id);
  row.script = optional_text(given.script);
  row.done_hash = optional_text(given.done_hash);
  row.note = optional_text(given.note);
  row.statements_started = given.statements_started;
  row.statements_total = given.statements_total;
  return row;
}

// What a listing's callback is given as its context.
template <class Found>
struct Listing {
  std::vector<Found>& found;
  std::size_t stop_after;
  flux_status stop_status;
  flux_status answer() const { return found.size() == stop_after ? stop_status : FLUX_OK; }
};

flux_status take_row(void* ctx, const flux_history_row* row) {
  auto& listing = *static_cast<Listing<Row>*>(ctx);
  listing.found.push_back(copied(*row));
  return listing.answer();
}

flux_status take_statement(void* ctx, const flux_statement* s) {
  auto& listing = *static_cast<Listing<StatementFound>*>(ctx);
  listing.found.push_back({s->flags, s->offset, s->length, text_of(s->what)});
  return listing.answer();
}

void take_text(void* ctx, flux_str text) { static_cast<std::vector<std::string>*>(ctx)->push_back(text_of(text)); }

void take_settled(void* ctx, std::size_t index, std::int64_t) {
  static_cast<std::vector<std::size_t>*>(ctx)->push_back(index);
}

}  // namespace

template <class Call>
Outcome Instance::timed(Call&& call) {
  flux_err err;
  Outcome outcome;
  const Clock::time_point start = Clock::now();
  outcome.status = call(options_.null_err ? nullptr : &err);
  outcome.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
  outcome.reports = err.reports;
  outcome.error = err.record;
  return outcome;
}

void Instance::fill_host() {
  flux_host& host = host_.host;
  std::memset(host_.more, 0xff, sizeof host_.more);
  host.struct_size = options_.sizes == StructSize::larger ? sizeof host_ : sizeof host;
  host.abi_minor = options_.sizes == StructSize::larger ? FLUX_ABI_MINOR + 1 : FLUX_ABI_MINOR;
  host.version = "flux " FLUX_VERSION;
  host.ctx = this;
  host.set_error = &set_error;
  host.log = [](void* ctx, std::int32_t level, flux_str message) {
    auto* self = static_cast<Instance*>(ctx);
    const std::lock_guard guard(self->log_mutex_);
    self->log_.push_back({level, text_of(message)});
  };
  host.is_cancelled = [](void* ctx) -> std::int32_t { return static_cast<Instance*>(ctx)->cancelled_ ? 1 : 0; };
  host.base_directory = options_.base_directory.c_str();
}

Outcome Instance::create() {
  fill_host();
  const ConfigStruct config(options_.settings.value_or(subject_.settings), options_.sizes);
  return timed([&](flux_err* err) { return api().create(&host_.host, config.get(), &self_, err); });
}

Instance::Instance(const Subject& subject, InstanceOptions options) : subject_(subject), options_(std::move(options)) {
  must(create(), "create");
  expect(self_ != nullptr, "an instance from create", "FLUX_OK, but no instance");
}

Instance::Instance(const Subject& subject, InstanceOptions options, Outcome& created)
    : subject_(subject), options_(std::move(options)) {
  created = create();
  if (!created.ok()) self_ = nullptr;
}

Instance::~Instance() { destroy(); }

void Instance::destroy() {
  if (self_ != nullptr) api().destroy(std::exchange(self_, nullptr));
}

Outcome Instance::connect(const std::string& uri) {
  const Borrowed given(uri);
  return timed([&](flux_err* err) { return api().connect(self_, given.str(), err); });
}

void Instance::disconnect() { api().disconnect(self_); }

Outcome Instance::describe_target(std::vector<std::string>& lines) {
  return timed([&](flux_err* err) { return api().describe_target(self_, take_text, &lines, err); });
}

Outcome Instance::list(const std::string& name_space, std::uint32_t flags, std::vector<Row>& rows,
                       std::size_t stop_after, flux_status stop_status) {
  const Borrowed given(name_space);
  rows.clear();
  Listing<Row> listing{rows, stop_after, stop_status};
  return timed([&](flux_err* err) { return api().list_history(self_, given.str(), flags, take_row, &listing, err); });
}

Outcome Instance::initialize() {
  return timed([&](flux_err* err) { return api().initialize(self_, err); });
}
Outcome Instance::lock(std::int64_t timeout_ms) {
  return timed([&](flux_err* err) { return api().lock(self_, timeout_ms, err); });
}
Outcome Instance::unlock() {
  return timed([&](flux_err* err) { return api().unlock(self_, err); });
}
Outcome Instance::begin() {
  return timed([&](flux_err* err) { return api().begin(self_, err); });
}
Outcome Instance::commit() {
  return timed([&](flux_err* err) { return api().commit(self_, err); });
}
Outcome Instance::rollback() {
  return timed([&](flux_err* err) { return api().rollback(self_, err); });
}

Outcome Instance::apply(const std::string& text) { return apply(ScriptCall{text}); }

Outcome Instance::apply(const ScriptCall& call) {
  const ScriptStruct script(call, options_.sizes);
  return timed([&](flux_err* err) { return api().apply(self_, script.get(), err); });
}

Outcome Instance::register_row(const Row& row) {
  const RowCall given(row, options_.sizes);
  return timed([&](flux_err* err) { return api().register_migration(self_, given.get(), err); });
}

Outcome Instance::unregister(const std::string& name_space, const std::string& id) {
  const Borrowed space(name_space), given(id);
  return timed([&](flux_err* err) { return api().unregister_migration(self_, space.str(), given.str(), err); });
}

void Instance::cancel() {
  if (api().cancel != nullptr) api().cancel(self_);
}

Outcome Instance::no_function() const {
  Outcome outcome;
  outcome.status = FLUX_E_UNSUPPORTED;
  return outcome;
}

Outcome Instance::reconnect(std::int64_t timeout_ms) {
  if (api().reconnect == nullptr) return no_function();
  return timed([&](flux_err* err) { return api().reconnect(self_, timeout_ms, err); });
}

Outcome Instance::describe_lock(std::vector<std::string>& lines) {
  lines.clear();
  if (api().describe_lock == nullptr) return no_function();
  return timed([&](flux_err* err) { return api().describe_lock(self_, take_text, &lines, err); });
}

Outcome Instance::break_lock() {
  if (api().break_lock == nullptr) return no_function();
  return timed([&](flux_err* err) { return api().break_lock(self_, err); });
}

Outcome Instance::list_leftovers(std::vector<std::string>& lines) {
  if (api().list_leftovers == nullptr) return no_function();
  return timed([&](flux_err* err) { return api().list_leftovers(self_, take_text, &lines, err); });
}

Outcome Instance::read_script(const std::string& name_space, const std::string& id, std::vector<std::string>& texts) {
  texts.clear();
  if (api().read_script == nullptr) return no_function();
  const Borrowed space(name_space), given(id);
  return timed(
      [&](flux_err* err) { return api().read_script(self_, space.str(), given.str(), take_text, &texts, err); });
}

bool Instance::has_interface(const char* id) const {
  return api().get_interface != nullptr && api().get_interface(self_, id) != nullptr;
}

Outcome Instance::split(const std::string& text, std::vector<StatementFound>& found, std::size_t stop_after) {
  if (!has_interface(FLUX_IFACE_STATEMENTS_V1)) throw NotDeclared{FLUX_IFACE_STATEMENTS_V1};
  const auto* table = static_cast<const flux_statements_v1*>(api().get_interface(self_, FLUX_IFACE_STATEMENTS_V1));
  const ScriptStruct script(ScriptCall{text}, options_.sizes);
  found.clear();
  Listing<StatementFound> listing{found, stop_after, FLUX_E_STOP};
  return timed([&](flux_err* err) { return table->split(self_, script.get(), take_statement, &listing, err); });
}

Outcome Instance::apply_batch(const std::vector<UnitCall>& units, std::vector<std::size_t>& settled) {
  if (!has_interface(FLUX_IFACE_BATCH_V1)) throw NotDeclared{FLUX_IFACE_BATCH_V1};
  const auto* table = static_cast<const flux_batch_v1*>(api().get_interface(self_, FLUX_IFACE_BATCH_V1));
  const bool large = options_.sizes == StructSize::larger;
  std::vector<std::unique_ptr<ScriptStruct>> scripts;
  std::vector<std::unique_ptr<RowCall>> rows;
  std::vector<Grown<flux_unit>> grown(units.size());
  std::vector<flux_unit> plain;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const UnitCall& unit = units[i];
    flux_unit& given = grown[i].value;
    given.struct_size = large ? sizeof grown[i] : sizeof given;
    given.flags = unit.removes ? unsigned{FLUX_UNIT_REMOVES} : 0U;
    if (unit.text)
      given.script =
          scripts.emplace_back(std::make_unique<ScriptStruct>(ScriptCall{*unit.text}, options_.sizes))->get();
    if (unit.row) given.row = rows.emplace_back(std::make_unique<RowCall>(*unit.row, options_.sizes))->get();
    plain.push_back(given);
  }
  settled.clear();
  const auto* first = large && !grown.empty() ? &grown[0].value : plain.data();
  const std::size_t stride = large ? sizeof(Grown<flux_unit>) : sizeof(flux_unit);
  return timed([&](flux_err* err) {
    return table->apply_batch(self_, first, units.size(), stride, take_settled, &settled, err);
  });
}

std::vector<LogLine> Instance::log() {
  const std::lock_guard guard(log_mutex_);
  return log_;
}

int Instance::null_reports() noexcept { return null_report_count; }

}  // namespace flux::check
