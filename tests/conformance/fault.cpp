#include "fault.hpp"

#include "toy_backend.hpp"

namespace toy {
namespace {

const flux_host* last_host = nullptr;
std::string last_folder;
bool open_transaction = false;

}  // namespace

const flux_backend_api& good() {
  static const flux_backend_api api = [] {
    static const flux_backend_api* const toy = table();
    flux_backend_api out = *toy;
    out.create = [](const flux_host* host, const flux_config* config, flux_backend** made, flux_err* err) {
      last_host = host;
      return toy->create(host, config, made, err);
    };
    out.connect = [](flux_backend* self, flux_str uri, flux_err* err) {
      last_folder = text(uri).substr(std::min<std::size_t>(4, uri.len));
      return toy->connect(self, uri, err);
    };
    return out;
  }();
  return api;
}

const flux_host* host() { return last_host; }
std::string folder() { return last_folder; }

std::string text(flux_str given) { return given.ptr != nullptr ? std::string(given.ptr, given.len) : std::string(); }

flux_status report(flux_err* err, flux_status code, const char* message) {
  flux_error_info info{};
  info.struct_size = sizeof info;
  info.code = code;
  info.message = str(message);
  info.statement_index = info.byte_offset = -1;
  if (err != nullptr) last_host->set_error(err, &info);
  return code;
}

flux_status as(flux_status status, flux_status wrong, flux_status code, flux_err* err) {
  if (status == FLUX_OK) return status;
  return report(err, status == wrong ? code : status, "it has failed");
}

bool in_transaction() { return open_transaction; }

void track_transactions(flux_backend_api& table) {
  table.begin = [](flux_backend* self, flux_err* err) {
    const flux_status status = good().begin(self, err);
    if (status == FLUX_OK) open_transaction = true;
    return status;
  };
  table.commit = [](flux_backend* self, flux_err* err) {
    open_transaction = false;
    return good().commit(self, err);
  };
  table.rollback = [](flux_backend* self, flux_err* err) {
    open_transaction = false;
    return good().rollback(self, err);
  };
}

flux_status list_changed(flux_backend* self, flux_str name_space, std::uint32_t flags, flux_history_fn emit, void* ctx,
                         flux_err* err, ChangeRow change) {
  struct Next {
    flux_history_fn emit;
    void* ctx;
    ChangeRow change;
  } next{emit, ctx, change};
  const auto changed = [](void* given, const flux_history_row* row) {
    const auto& to = *static_cast<Next*>(given);
    flux_history_row copy = *row;
    to.change(copy);
    return to.emit(to.ctx, &copy);
  };
  return good().list_history(self, name_space, flags, changed, &next, err);
}

flux_status apply_text(flux_backend* self, const flux_script* script, const std::string& text, flux_err* err) {
  flux_script changed = *script;
  changed.text = str(text);
  return good().apply(self, &changed, err);
}

}  // namespace toy
