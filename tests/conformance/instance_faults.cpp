// Faults of instances, connections, errors, and of what is done to the process.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "fault.hpp"

namespace toy {
namespace {

std::set<flux_backend*> connected;
int failures = 0;

void track_connections(flux_backend_api& t) {
  t.connect = [](flux_backend* self, flux_str uri, flux_err* e) {
    const flux_status status = good().connect(self, uri, e);
    if (status == FLUX_OK) connected.insert(self);
    return status;
  };
  t.disconnect = [](flux_backend* self) {
    connected.erase(self);
    good().disconnect(self);
  };
}

// connect, and then something that it should not do.
template <class Also>
void also_at_connect(flux_backend_api& t, Also) {
  t.connect = [](flux_backend* self, flux_str uri, flux_err* e) {
    Also()();
    return good().connect(self, uri, e);
  };
}

// Where there is no row to delete: `reporting` in place of the toy's own report.
template <class Reporting>
void unregister_reports(flux_backend_api& t, Reporting) {
  t.unregister_migration = [](flux_backend* self, flux_str name_space, flux_str id, flux_err* e) {
    const flux_status status = good().unregister_migration(self, name_space, id, nullptr);
    if (status != FLUX_OK) Reporting()(e, status);
    return status;
  };
}

void report_position(flux_err* e, flux_status status) {
  flux_error_info info{};
  info.struct_size = sizeof info;
  info.code = status;
  info.message = str("there is no row");
  if (e != nullptr) host()->set_error(e, &info);
}

}  // namespace

std::vector<Fault> instance_faults() {
  return {
      {"create-destroy",
       [](flux_backend_api& t) {
         track_connections(t);
         t.disconnect = [](flux_backend* self) {
           if (connected.erase(self) == 0) abort();
           good().disconnect(self);
         };
       }},
      {"create-failed",
       [](flux_backend_api& t) {
         t.create = [](const flux_host* h, const flux_config* c, flux_backend** out, flux_err* e) {
           const flux_status status = good().create(h, c, out, e);
           if (status != FLUX_OK && ++failures > 20) _exit(3);
           return status;
         };
       }},
      {"instances-apart",
       [](flux_backend_api& t) {
         track_connections(t);
         t.disconnect = [](flux_backend*) {
           for (flux_backend* one : connected) good().disconnect(one);
           connected.clear();
         };
       }},
      {"reconnects",
       [](flux_backend_api& t) {
         track_connections(t);
         t.disconnect = [](flux_backend* self) { good().disconnect(self); };
         t.connect = [](flux_backend* self, flux_str uri, flux_err* e) {
           if (!connected.insert(self).second) return report(e, FLUX_E_CONNECTION, "it was connected before");
           return good().connect(self, uri, e);
         };
         t.destroy = [](flux_backend* self) {
           connected.erase(self);
           good().destroy(self);
         };
       }},
      {"cycles-descriptors",
       [](flux_backend_api& t) {
         also_at_connect(t, [] { static_cast<void>(open("/dev/null", O_RDONLY | O_CLOEXEC)); });
       }},
      {"cycles-threads",
       [](flux_backend_api& t) { also_at_connect(t, [] { std::thread([] { ::sleep(60); }).detach(); }); }},
      {"cycles-memory",
       [](flux_backend_api& t) {
         also_at_connect(t, [] {
           constexpr std::size_t size = 256 << 10;
           static std::vector<void*> leaked;
           leaked.push_back(std::memset(malloc(size), 1, size));
         });
       }},
      {"unconnected-calls",
       [](flux_backend_api& t) {
         t.describe_target = [](flux_backend*, flux_text_fn emit, void* ctx, flux_err*) -> flux_status {
           emit(ctx, str("toy"));
           return FLUX_OK;
         };
       }},
      {"unreachable",
       [](flux_backend_api& t) {
         t.connect = [](flux_backend* self, flux_str uri, flux_err* e) {
           return as(good().connect(self, uri, nullptr), FLUX_E_CONNECTION, FLUX_E_FAILED, e);
         };
       }},
      {"password-in-errors",
       [](flux_backend_api& t) {
         t.connect = [](flux_backend* self, flux_str uri, flux_err* e) {
           const flux_status status = good().connect(self, uri, nullptr);
           return status == FLUX_OK ? status : report(e, status, ("cannot connect to " + text(uri)).c_str());
         };
       }},
      {"password-in-log",
       [](flux_backend_api& t) {
         t.connect = [](flux_backend* self, flux_str uri, flux_err* e) {
           const std::string line = "connecting to " + text(uri);
           host()->log(host()->ctx, FLUX_LOG_DEBUG, str(line));
           return good().connect(self, uri, e);
         };
       }},
      {"password-in-description",
       [](flux_backend_api& t) {
         t.describe_target = [](flux_backend*, flux_text_fn emit, void* ctx, flux_err*) -> flux_status {
           emit(ctx, str("toy in " + folder()));
           return FLUX_OK;
         };
       }},
      {"describe-target",
       [](flux_backend_api& t) {
         t.describe_target = [](flux_backend*, flux_text_fn emit, void* ctx, flux_err*) -> flux_status {
           emit(ctx, str("toy\nin a folder"));
           return FLUX_OK;
         };
       }},
      {"relative-path",
       [](flux_backend_api& t) {
         t.connect = [](flux_backend* self, flux_str uri, flux_err* e) {
           const std::string path = text(uri).substr(4);
           const std::string absolute = path[0] == '/' ? path : "toy:" + std::string(getcwd(nullptr, 0)) + path;
           return good().connect(self, path[0] == '/' ? uri : str(absolute), e);
         };
       }},
      {"error-reported-once",
       [](flux_backend_api& t) {
         unregister_reports(t, [](flux_err* e, flux_status status) {
           report(e, status, "there is no row");
           report(e, status, "there is no row");
         });
       }},
      {"error-message",
       [](flux_backend_api& t) {
         unregister_reports(t, [](flux_err* e, flux_status status) { report(e, status, "There is no row."); });
       }},
      {"error-struct",
       [](flux_backend_api& t) { unregister_reports(t, [](flux_err* e, flux_status s) { report_position(e, s); }); }},
      {"null-err",
       [](flux_backend_api& t) {
         unregister_reports(t, [](flux_err* e, flux_status status) {
           flux_error_info info{};
           info.struct_size = sizeof info;
           info.code = status;
           info.message = str("there is no row");
           info.statement_index = info.byte_offset = -1;
           host()->set_error(e, &info);
         });
       }},
      {"usable-after-errors",
       [](flux_backend_api& t) {
         t.unregister_migration = [](flux_backend* self, flux_str name_space, flux_str id, flux_err* e) {
           const flux_status status = good().unregister_migration(self, name_space, id, nullptr);
           if (status == FLUX_OK) return status;
           return report(e, ++failures > 10 ? flux_status{FLUX_E_INTERNAL} : status, "there is no row");
         };
       }},
      {"any-thread",
       [](flux_backend_api& t) {
         t.begin = [](flux_backend* self, flux_err* e) {
           return gettid() == getpid() ? good().begin(self, e) : report(e, FLUX_E_STATE, "another thread");
         };
       }},
      {"close-on-exec",
       [](flux_backend_api& t) { also_at_connect(t, [] { static_cast<void>(open("/dev/null", O_RDONLY)); }); }},
      {"leaves-process", [](flux_backend_api& t) { also_at_connect(t, [] { umask(0); }); }},
      {"log-lines",
       [](flux_backend_api& t) { also_at_connect(t, [] { host()->log(host()->ctx, 9, str("connecting")); }); }},
      {"no-output",
       [](flux_backend_api& t) { also_at_connect(t, [] { std::puts("connecting"), std::fflush(stdout); }); }},
  };
}

}  // namespace toy
