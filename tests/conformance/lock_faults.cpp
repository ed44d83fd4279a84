// Faults of the lock, and of transactions.
#include <fcntl.h>
#include <unistd.h>

#include <map>
#include <string>
#include <vector>

#include "fault.hpp"

namespace toy {
namespace {

std::string marker() { return folder() + "/locked"; }

// A lock that is a file: it is held as long as that is there.
void lock_by_marker(flux_backend_api& t) {
  t.lock = [](flux_backend* self, std::int64_t timeout_ms, flux_err* e) {
    for (std::int64_t waited = 0;; waited += 20) {
      const int fd = open(marker().c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
      if (fd >= 0) return close(fd), good().lock(self, timeout_ms, e);
      if (waited >= timeout_ms) return report(e, FLUX_E_LOCKED, "somebody has it");
      usleep(20000);
    }
  };
  t.unlock = [](flux_backend* self, flux_err* e) {
    unlink(marker().c_str());
    return good().unlock(self, e);
  };
  t.disconnect = [](flux_backend* self) {
    unlink(marker().c_str());
    good().disconnect(self);
  };
  t.destroy = [](flux_backend* self) {
    unlink(marker().c_str());
    good().destroy(self);
  };
}

flux_backend* holder = nullptr;
std::map<flux_backend*, int> locks;
std::vector<std::string> texts, rows;

void remember(flux_backend_api& t) {
  track_transactions(t);
  t.apply = [](flux_backend* self, const flux_script* script, flux_err* e) {
    const flux_status status = good().apply(self, script, e);
    if (in_transaction() && status == FLUX_OK) texts.push_back(text(script->text));
    if (status != FLUX_OK) rows.push_back("failed");
    return status;
  };
}

}  // namespace

std::vector<Fault> lock_faults() {
  return {
      {"lock-excludes-instance",
       [](flux_backend_api& t) {
         t.lock = [](flux_backend* self, std::int64_t timeout_ms, flux_err* e) -> flux_status {
           if (holder != nullptr && holder != self) return FLUX_OK;
           holder = self;
           return good().lock(self, timeout_ms, e);
         };
         t.unlock = [](flux_backend* self, flux_err* e) {
           if (holder == self) holder = nullptr;
           return good().unlock(self, e);
         };
       }},
      {"lock-excludes-process",
       [](flux_backend_api& t) {
         t.lock = [](flux_backend* self, std::int64_t, flux_err* e) -> flux_status {
           if (holder != nullptr && holder != self) return report(e, FLUX_E_LOCKED, "another instance has it");
           holder = self;
           return FLUX_OK;
         };
         t.unlock = [](flux_backend*, flux_err*) -> flux_status {
           holder = nullptr;
           return FLUX_OK;
         };
       }},
      {"lock-timeout",
       [](flux_backend_api& t) {
         t.lock = [](flux_backend* self, std::int64_t timeout_ms, flux_err* e) {
           return good().lock(self, timeout_ms < 1000 ? 0 : timeout_ms, e);
         };
       }},
      {"lock-waiter",
       [](flux_backend_api& t) {
         t.lock = [](flux_backend* self, std::int64_t, flux_err* e) { return good().lock(self, 0, e); };
       }},
      {"lock-freed-by-unlock",
       [](flux_backend_api& t) {
         lock_by_marker(t);
         t.unlock = [](flux_backend* self, flux_err* e) {
           // Free for itself alone.
           if (locks[self]++ == 0) unlink(marker().c_str());
           return good().unlock(self, e);
         };
       }},
      {"lock-freed-by-disconnect",
       [](flux_backend_api& t) {
         lock_by_marker(t);
         t.disconnect = [](flux_backend* self) { good().disconnect(self); };
       }},
      {"lock-freed-by-destroy",
       [](flux_backend_api& t) {
         lock_by_marker(t);
         t.destroy = [](flux_backend* self) { good().destroy(self); };
       }},
      {"lock-freed-by-kill", lock_by_marker},
      {"lock-outlives-transactions",
       [](flux_backend_api& t) {
         t.commit = [](flux_backend* self, flux_err* e) {
           const flux_status status = good().commit(self, e);
           good().unlock(self, nullptr);
           return status;
         };
       }},
      {"lock-lets-read",
       [](flux_backend_api& t) {
         t.list_history = [](flux_backend* self, flux_str name_space, std::uint32_t flags, flux_history_fn emit,
                             void* ctx, flux_err* e) {
           const flux_status status = good().lock(self, 0, e);
           if (status == FLUX_E_LOCKED) return status;
           if (status == FLUX_OK) good().unlock(self, nullptr);
           return good().list_history(self, name_space, flags, emit, ctx, e);
         };
       }},
      {"lock-again",
       [](flux_backend_api& t) {
         t.lock = [](flux_backend* self, std::int64_t timeout_ms, flux_err* e) {
           return ++locks[self] > 4 ? report(e, FLUX_E_STATE, "it was locked before")
                                    : good().lock(self, timeout_ms, e);
         };
       }},
      {"describe-lock",
       [](flux_backend_api& t) {
         t.describe_lock = [](flux_backend*, flux_text_fn emit, void* ctx, flux_err*) -> flux_status {
           emit(ctx, str("somebody"));
           return FLUX_OK;
         };
       }},
      {"break-lock",
       [](flux_backend_api& t) { t.break_lock = [](flux_backend*, flux_err*) -> flux_status { return FLUX_OK; }; }},

      {"begin-twice",
       [](flux_backend_api& t) {
         t.begin = [](flux_backend* self, flux_err* e) {
           return as(good().begin(self, nullptr), FLUX_E_STATE, FLUX_E_FAILED, e);
         };
       }},
      {"commit-without-begin",
       [](flux_backend_api& t) {
         t.commit = [](flux_backend* self, flux_err*) -> flux_status {
           good().commit(self, nullptr);
           return FLUX_OK;
         };
       }},
      {"rollback-without-begin",
       [](flux_backend_api& t) {
         track_transactions(t);
         t.rollback = [](flux_backend* self, flux_err* e) {
           return in_transaction() ? good().rollback(self, e) : report(e, FLUX_E_STATE, "there is no transaction");
         };
       }},
      {"commit-keeps", [](flux_backend_api& t) { t.commit = good().rollback; }},
      {"rollback-undoes-rows",
       [](flux_backend_api& t) {
         track_transactions(t);
         t.unregister_migration = [](flux_backend* self, flux_str name_space, flux_str id, flux_err* e) {
           rows.push_back(text(id));
           return good().unregister_migration(self, name_space, id, e);
         };
         t.rollback = [](flux_backend* self, flux_err* e) {
           const flux_status status = good().rollback(self, e);
           for (const std::string& id : rows) good().unregister_migration(self, str("flux-check"), str(id), nullptr);
           return status;
         };
       }},
      {"rollback-undoes-scripts",
       [](flux_backend_api& t) {
         remember(t);
         t.rollback = [](flux_backend* self, flux_err* e) {
           const flux_status status = good().rollback(self, e);
           for (const std::string& script : texts) {
             flux_script again{};
             again.struct_size = sizeof again;
             again.text = str(script);
             good().apply(self, &again, nullptr);
           }
           return status;
         };
       }},
      {"rollback-after-failure",
       [](flux_backend_api& t) {
         remember(t);
         t.rollback = [](flux_backend* self, flux_err* e) {
           return rows.empty() ? good().rollback(self, e) : good().commit(self, e);
         };
       }},
      {"rollback-many",
       [](flux_backend_api& t) {
         remember(t);
         t.rollback = [](flux_backend* self, flux_err* e) {
           return texts.size() < 3 ? good().rollback(self, e) : good().commit(self, e);
         };
       }},
      {"undone-by-kill",
       [](flux_backend_api& t) {
         // Each call a transaction of its own.
         t.begin = [](flux_backend*, flux_err*) -> flux_status { return FLUX_OK; };
         t.commit = t.begin;
       }},
      {"undone-by-disconnect",
       [](flux_backend_api& t) {
         t.disconnect = [](flux_backend* self) {
           good().commit(self, nullptr);
           good().disconnect(self);
         };
       }},
  };
}

}  // namespace toy
