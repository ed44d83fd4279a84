// What Backend holds, for the files that its functions stand in.
#pragma once

#include <atomic>
#include <exception>
#include <mutex>
#include <utility>

#include <flux/core/backend.hpp>

#include "c_rows.hpp"

// What the ABI leaves to the host: where a backend puts its error.
struct flux_err {
  bool set = false;
  flux_status code = FLUX_OK;
  std::string message, detail, hint, sqlstate, key;
  std::int64_t byte_offset = -1;
};

namespace flux {

struct Backend::State {
  Log log = Log::silent();
  std::string base_directory, version;
  std::vector<BackendSetting> settings;
  std::vector<std::string> known_keys;
  std::optional<Uri> uri;
  std::chrono::milliseconds statement_lock_timeout{};
  std::optional<std::chrono::milliseconds> statement_timeout;
  flux_host host{};
  flux_backend* instance = nullptr;
  bool connected = false;
  bool lock_lost = false;  // with a connection, and somebody else has it now
  enum class Cancel { none, wanted, handled };
  std::atomic<Cancel> cancel = Cancel::none;
  std::atomic<bool> shielded = false;
  std::mutex cancel_mutex;  // held while a request is on its way

  static void log_line(void* ctx, std::int32_t level, flux_str message) noexcept;
  static std::int32_t is_cancelled(void* ctx) noexcept;
  std::string scrubbed(const std::string& message) const { return uri ? uri->scrub(message) : message; }

  // Throws what `err` holds unless `status` is FLUX_OK. `script`: that it was about.
  void check(flux_status status, const flux_err& err, ErrorCode otherwise, std::string_view migration_id = {}, const Script* script = nullptr) const;

 private:
  void explain_key(Failure& f, const std::string& key) const;
};

// Runs a callback of the ABI: an exception must not pass through the backend, so it is kept and thrown behind it.
template <class Work>
flux_status kept(std::exception_ptr& thrown, Work&& work) noexcept {
  try {
    work();
    return FLUX_OK;
  } catch (...) {
    thrown = std::current_exception();
    return FLUX_E_STOP;
  }
}

template <class Interface>
const Interface* Backend::feature(const char* id) const {
  const auto get_interface = library_->api().get_interface;
  return get_interface == nullptr ? nullptr : static_cast<const Interface*>(get_interface(state_->instance, id));
}

template <class Call>
std::vector<std::string> Backend::emitted(Call&& call) {
  struct Texts {
    std::vector<std::string> list;
    std::exception_ptr thrown;
  } texts;
  const auto take = [](void* ctx, flux_str s) {
    Texts& into = *static_cast<Texts*>(ctx);
    static_cast<void>(kept(into.thrown, [&] { into.list.push_back(text(s)); }));
  };
  flux_err err;
  const flux_status status = call(take, &texts, &err);
  if (texts.thrown) std::rethrow_exception(texts.thrown);
  state_->check(status, err, ErrorCode::history);
  return std::move(texts.list);
}

}  // namespace flux
