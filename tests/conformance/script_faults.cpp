// Faults of running scripts, of their errors, of sessions and of cancel.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "fault.hpp"
#include "toy_script.hpp"

namespace toy {
namespace {

std::atomic<int> cancels = 0;
std::atomic<bool> running = false;
bool continues = false;

bool has(const flux_script* script, std::string_view part) {
  return text(script->text).find(part) != std::string::npos;
}

// Runs another text in place of a script's.
template <class Change>
void other_text(flux_backend_api& t, Change) {
  t.apply = [](flux_backend* self, const flux_script* script, flux_err* e) {
    return apply_text(self, script, Change()(text(script->text)), e);
  };
}

// Refuses the scripts that `wrong` says.
template <class Wrong>
void refuse(flux_backend_api& t, Wrong) {
  t.apply = [](flux_backend* self, const flux_script* script, flux_err* e) {
    return Wrong()(text(script->text)) ? report(e, FLUX_E_SCRIPT, "syntax error") : good().apply(self, script, e);
  };
}

// Answers a failing script with another code.
template <class Other>
void other_code(flux_backend_api& t, Other) {
  t.apply = [](flux_backend* self, const flux_script* script, flux_err* e) {
    const flux_status status = good().apply(self, script, nullptr);
    return status == FLUX_OK ? status : report(e, Other()(status, text(script->text)), "it has failed");
  };
}

// Runs scripts with other flags.
template <class Flags>
void other_flags(flux_backend_api& t, Flags) {
  t.apply = [](flux_backend* self, const flux_script* script, flux_err* e) {
    flux_script changed = *script;
    changed.flags = Flags()(script->flags);
    return good().apply(self, &changed, e);
  };
}

std::size_t nth(const std::string& text, char c, int count) {
  std::size_t at = text.find(c);
  while (--count > 0 && at != std::string::npos) at = text.find(c, at + 1);
  return at;
}

// The failing statement as the toy knows it, reported with another index and place.
flux_status report_moved(flux_backend* self, const flux_script* script, flux_err* e, bool index) {
  const flux_status status = good().apply(self, script, nullptr);
  if (status == FLUX_OK) return status;
  const std::string whole = text(script->text);
  const auto at = static_cast<std::int64_t>(whole.find("require flux_check_there"));
  const auto bytes = std::count_if(whole.begin(), whole.end(), [](char c) { return (c & 0xc0) == 0x80; });
  flux_error_info info{};
  info.struct_size = sizeof info;
  info.code = status;
  info.message = str("it has failed");
  // From 1, or in characters.
  info.statement_index = std::count(whole.begin(), whole.begin() + at, ';') + (index ? 1 : 0);
  info.byte_offset = index ? at : at - bytes;
  if (e != nullptr) host()->set_error(e, &info);
  return status;
}

}  // namespace

std::vector<Fault> script_faults() {
  return {
      {"larger-script",
       [](flux_backend_api& t) {
         t.apply = [](flux_backend* self, const flux_script* s, flux_err* e) {
           return s->struct_size > sizeof *s ? report(e, FLUX_E_INTERNAL, "another size") : good().apply(self, s, e);
         };
       }},
      {"smaller-script",
       [](flux_backend_api& t) {
         t.apply = [](flux_backend* self, const flux_script* s, flux_err* e) {
           return s->lock_timeout_ms > 1000000 ? report(e, FLUX_E_FAILED, "a wrong time") : good().apply(self, s, e);
         };
       }},
      {"script-empty", [](flux_backend_api& t) { refuse(t, [](const std::string& s) { return s.empty(); }); }},
      {"script-blank",
       [](flux_backend_api& t) {
         refuse(t,
                [](const std::string& s) { return !s.empty() && s.find_first_not_of(" \t\n") == std::string::npos; });
       }},
      {"script-comments",
       [](flux_backend_api& t) {
         refuse(t, [](const std::string& s) { return s.rfind('\n', 0) == 0 && lines(s).empty(); });
       }},
      {"script-many",
       [](flux_backend_api& t) { other_text(t, [](const std::string& s) { return s.substr(0, nth(s, ';', 2)); }); }},
      {"script-quoted",
       [](flux_backend_api& t) {
         refuse(t, [](const std::string& s) {
           return std::count(s.begin(), s.begin() + static_cast<std::ptrdiff_t>(std::min(s.find(';'), s.size())),
                             '\'') == 1;
         });
       }},
      {"script-no-final-newline",
       [](flux_backend_api& t) {
         other_text(t, [](const std::string& s) {
           return s.empty() || s.back() == '\n' || s.back() == ';' ? s : s.substr(0, s.rfind(';'));
         });
       }},
      {"script-one-mebibyte",
       [](flux_backend_api& t) { other_text(t, [](const std::string& s) { return s.substr(0, 1 << 19); }); }},
      {"script-many-small",
       [](flux_backend_api& t) {
         refuse(t, [](const std::string& s) { return std::count(s.begin(), s.end(), ';') > 1000; });
       }},
      {"script-multibyte",
       [](flux_backend_api& t) {
         other_text(t, [](std::string s) {
           if (s.find("require") != std::string::npos)
             std::replace_if(
                 s.begin() + static_cast<std::ptrdiff_t>(s.find("require")), s.end(), [](char c) { return c < 0; },
                 '?');
           return s;
         });
       }},
      {"script-crlf",
       [](flux_backend_api& t) { refuse(t, [](const std::string& s) { return s.find('\r') != std::string::npos; }); }},
      {"script-results",
       [](flux_backend_api& t) {
         refuse(t, [](const std::string& s) {
           return s.find("require") != s.rfind("require") && s.rfind("put", 0) == 0 &&
                  s.find("there_is_none") == std::string::npos;
         });
       }},
      {"script-outside-transaction",
       [](flux_backend_api& t) {
         track_transactions(t);
         t.apply = [](flux_backend* self, const flux_script* script, flux_err* e) {
           if (!in_transaction() && has(script, "put")) good().begin(self, nullptr);
           return good().apply(self, script, e);
         };
       }},
      {"script-error",
       [](flux_backend_api& t) {
         other_code(t, [](flux_status status, const std::string& s) {
           return status == FLUX_E_SCRIPT && s.find("there_is_none") != std::string::npos ? flux_status{FLUX_E_FAILED}
                                                                                          : status;
         });
       }},
      {"script-error-stops",
       [](flux_backend_api& t) {
         t.apply = [](flux_backend* self, const flux_script* script, flux_err* e) {
           const flux_status status = good().apply(self, script, e);
           const std::string whole = text(script->text);
           const std::size_t at = whole.find("there_is_none;");
           if (status == FLUX_E_SCRIPT && at != std::string::npos)
             apply_text(self, script, whole.substr(whole.find(';', at) + 1), nullptr);
           return status;
         };
       }},
      {"script-error-code",
       [](flux_backend_api& t) { other_code(t, [](flux_status status, const std::string&) { return status; }); }},
      {"script-error-statement",
       [](flux_backend_api& t) {
         t.apply = [](flux_backend* self, const flux_script* s, flux_err* e) { return report_moved(self, s, e, true); };
       }},
      {"script-error-offset",
       [](flux_backend_api& t) {
         t.apply = [](flux_backend* self, const flux_script* s, flux_err* e) {
           return report_moved(self, s, e, false);
         };
       }},
      {"lock-timeout-of-scripts",
       [](flux_backend_api& t) {
         other_code(t, [](flux_status status, const std::string&) {
           return status == FLUX_E_BUSY ? flux_status{FLUX_E_FAILED} : status;
         });
       }},
      {"statement-timeout",
       [](flux_backend_api& t) {
         t.apply = [](flux_backend* self, const flux_script* script, flux_err* e) {
           return script->statement_timeout_ms > 0 && has(script, "sleep") ? apply_text(self, script, "sleep 1", e)
                                                                           : good().apply(self, script, e);
         };
       }},
      {"script-ends-transaction",
       [](flux_backend_api& t) {
         t.apply = [](flux_backend* self, const flux_script* script, flux_err* e) {
           const std::string whole = text(script->text), ending = "rollback;";
           const std::size_t at = whole.find(ending);
           if (at == std::string::npos) return good().apply(self, script, e);
           const flux_status status = apply_text(self, script, whole.substr(0, at), e);
           good().rollback(self, nullptr);
           return status != FLUX_OK ? status : apply_text(self, script, whole.substr(at + ending.size()), e);
         };
       }},
      {"session-fresh",
       [](flux_backend_api& t) {
         track_transactions(t);
         other_flags(t, [](std::uint32_t flags) {
           return in_transaction() ? flags | FLUX_SCRIPT_CONTINUED | FLUX_SCRIPT_CONTINUES : flags;
         });
       }},
      {"session-fresh-outside",
       [](flux_backend_api& t) {
         track_transactions(t);
         other_flags(t, [](std::uint32_t flags) {
           return in_transaction() ? flags : flags | FLUX_SCRIPT_CONTINUED | FLUX_SCRIPT_CONTINUES;
         });
       }},
      {"parts-share-session", [](flux_backend_api& t) { other_flags(t, [](std::uint32_t) { return 0U; }); }},
      {"parts-cut-short",
       [](flux_backend_api& t) {
         t.apply = [](flux_backend* self, const flux_script* script, flux_err* e) {
           flux_script changed = *script;
           if (continues) changed.flags |= FLUX_SCRIPT_CONTINUED;
           continues = (script->flags & FLUX_SCRIPT_CONTINUES) != 0;
           return good().apply(self, &changed, e);
         };
       }},
      {"cancel-ends-script",
       [](flux_backend_api& t) {
         other_code(t, [](flux_status status, const std::string&) {
           return status == FLUX_E_CANCELLED ? flux_status{FLUX_E_SCRIPT} : status;
         });
       }},
      {"cancel-ends-lock",
       [](flux_backend_api& t) {
         t.lock = [](flux_backend* self, std::int64_t timeout_ms, flux_err* e) {
           return as(good().lock(self, timeout_ms, nullptr), FLUX_E_CANCELLED, FLUX_E_LOCKED, e);
         };
       }},
      {"cancel-usable",
       [](flux_backend_api& t) {
         t.apply = [](flux_backend* self, const flux_script* script, flux_err* e) {
           if (cancels > 0) return report(e, FLUX_E_CANCELLED, "it was cancelled");
           const flux_status status = good().apply(self, script, e);
           if (status == FLUX_E_CANCELLED) ++cancels;
           return status;
         };
       }},
      {"cancel-idle",
       [](flux_backend_api& t) {
         t.cancel = [](flux_backend* self) {
           if (!running) ++cancels;
           good().cancel(self);
         };
         t.apply = [](flux_backend* self, const flux_script* script, flux_err* e) {
           if (cancels.exchange(0) > 0) return report(e, FLUX_E_CANCELLED, "it was cancelled");
           running = true;
           const flux_status status = good().apply(self, script, e);
           running = false;
           return status;
         };
       }},
      // No check's: whose calls have no end.
      {"endless",
       [](flux_backend_api& t) {
         t.apply = [](flux_backend*, const flux_script*, flux_err*) -> flux_status {
           for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
         };
       }},
      {"cancel-raced",
       [](flux_backend_api& t) {
         t.cancel = [](flux_backend* self) {
           ++cancels;
           good().cancel(self);
         };
         t.apply = [](flux_backend* self, const flux_script* script, flux_err* e) {
           return cancels > 100 ? report(e, FLUX_E_INTERNAL, "confused") : good().apply(self, script, e);
         };
       }},
  };
}

}  // namespace toy
