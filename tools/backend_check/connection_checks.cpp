// connect, disconnect, and what must not be told.
#include <unistd.h>

#include <filesystem>
#include <flux/core/uri.hpp>
#include <fstream>

#include "check.hpp"
#include "process_state.hpp"
#include "scene.hpp"
#include "sockets.hpp"

namespace flux::check {
namespace {

constexpr const char* password = "s3cr3t-0f-flux-check";

void reconnects(Scene& scene) {
  const auto instance = scene.ready();
  must(instance->register_row(Scene::row("connected")), "register_migration");
  for (int i = 0; i < 3; ++i) {
    instance->disconnect();
    must(instance->connect(scene.uri()), "connect behind disconnect");
    expect(scene.rows(*instance).size() == 1, "the row of before", "none");
  }
}

// A hundred lives of a connection; what `measure` tells of the process after the first few, and at the end.
template <class Measure>
std::pair<std::size_t, std::size_t> live(Scene& scene, Measure&& measure) {
  std::size_t before = 0;
  for (int cycle = 0; cycle < 100; ++cycle) {
    {
      const auto instance = scene.connected();
      scene.rows(*instance);
      instance->disconnect();
    }
    if (cycle == 20) before = measure();
  }
  return {before, measure()};
}

void cycles_descriptors(Scene& scene) {
  const auto [before, after] = live(scene, [] { return open_descriptors().size(); });
  expect(after <= before, fmt::format("{} open descriptors behind 100 connections", before), std::to_string(after));
}

void cycles_threads(Scene& scene) {
  const auto [before, after] = live(scene, [] { return thread_count(); });
  expect(after <= before, fmt::format("{} threads behind 100 connections", before), std::to_string(after));
}

void cycles_memory(Scene& scene) {
  constexpr std::size_t allowed = std::size_t{8} << 20;
  const auto [before, after] = live(scene, [] { return resident_bytes(); });
  expect(after <= before + allowed, "memory that does not grow by 8 MiB in 80 connections",
         fmt::format("{} KiB, then {} KiB", before / 1024, after / 1024));
}

void unconnected_calls(Scene& scene) {
  const auto instance = scene.created();
  std::vector<std::string> lines;
  std::vector<Row> rows;
  must_be(FLUX_E_STATE, instance->describe_target(lines), "describe_target before connect");
  must_be(FLUX_E_STATE, instance->list("", 0, rows), "list_history before connect");
  must_be(FLUX_E_STATE, instance->initialize(), "initialize before connect");
  must_be(FLUX_E_STATE, instance->apply(scene.script({scene.create(1)})), "apply before connect");
  must_be(FLUX_E_STATE, instance->register_row(Scene::row("early")), "register_migration before connect");
  must_be(FLUX_E_STATE, instance->unregister("", "early"), "unregister_migration before connect");
  if (scene.subject().can(FLUX_CAP_LOCK)) must_be(FLUX_E_STATE, instance->lock(0), "lock before connect");
  if (scene.subject().can(FLUX_CAP_TRANSACTIONAL_DDL)) must_be(FLUX_E_STATE, instance->begin(), "begin before connect");
}

void unreachable(Scene& scene) {
  const ClosedPort closed;
  const SilentPort silent;
  for (const std::string& quirk : scene.quirks().unreachable) {
    const std::string uri = filled(quirk, {{"uri", scene.uri()},
                                           {"closed_port", std::to_string(closed.number())},
                                           {"silent_port", std::to_string(silent.number())}});
    const auto instance = scene.created();
    const Outcome outcome = instance->connect(uri);
    expect(outcome.status == FLUX_E_CONNECTION || outcome.status == FLUX_E_AUTH,
           "FLUX_E_CONNECTION or FLUX_E_AUTH from connect to " + Uri(uri).redacted(), text_of(outcome));
    expect(outcome.took < std::chrono::seconds(20), "an answer within 20 s",
           fmt::format("{} ms", outcome.took.count()));
    must(instance->connect(scene.uri()), "connect behind one that has failed");
  }
}

void no_password_in(const std::string& text, const std::string& where) {
  expect(text.find(password) == std::string::npos, "no password in " + where, shown(text));
}

// The quirk `secret`.
std::vector<std::string> secret_uris(const Scene& scene, const ClosedPort& closed) {
  const std::string schemes = scene.subject().api.uri_schemes;
  std::vector<std::string> out;
  for (const std::string& quirk : scene.quirks().secret)
    out.push_back(filled(quirk, {{"uri", scene.uri()},
                                 {"scheme", schemes.substr(0, schemes.find(','))},
                                 {"password", password},
                                 {"closed_port", std::to_string(closed.number())}}));
  return out;
}

// Everything that the backend says about URIs with a password, right and wrong ones.
void password_in_errors(Scene& scene) {
  const ClosedPort closed;
  for (const std::string& uri : secret_uris(scene, closed)) {
    const auto instance = scene.created();
    const Outcome outcome = instance->connect(uri);
    const ErrorRecord& error = outcome.error;
    for (const std::string& text : {error.message, error.detail, error.hint, error.key})
      no_password_in(text, "the error of connect to a wrong URI");
  }
}

void password_in_log(Scene& scene) {
  const ClosedPort closed;
  for (const std::string& uri : secret_uris(scene, closed)) {
    const auto instance = scene.created();
    instance->connect(uri);
    for (const LogLine& line : instance->log()) no_password_in(line.text, "the log");
  }
}

// scheme://user@host with a password, which many a server that wants none takes; other URIs as they are.
std::string with_password(const std::string& uri) {
  const std::size_t from = uri.find("://");
  if (from == std::string::npos) return uri;
  const std::size_t at = uri.find_first_of(":/?@", from + 3);
  return at != std::string::npos && uri[at] == '@' ? uri.substr(0, at) + ':' + password + uri.substr(at) : uri;
}

// What the backend says once it is connected by a URI with a password.
void password_in_description(Scene& scene) {
  const ClosedPort closed;
  std::vector<std::string> uris = secret_uris(scene, closed);
  uris.push_back(with_password(scene.uri()));
  bool connected = false;
  for (const std::string& text : uris) {
    const Uri uri(text);
    const auto instance = scene.created();
    if (uri.redacted() == text || !instance->connect(text).ok()) continue;
    connected = true;
    std::vector<std::string> said;
    must(instance->describe_target(said), "describe_target");
    const Outcome failed = instance->apply(scene.script({scene.quirks().fail}));
    must_be(FLUX_E_SCRIPT, failed, "apply of a script that fails");
    for (const std::string& part : {failed.error.message, failed.error.detail, failed.error.hint}) said.push_back(part);
    for (const LogLine& line : instance->log()) said.push_back(line.text);
    for (const std::string& line : said)
      expect(uri.scrub(line) == line, "no password in what is said of a target and of a script that fails there",
             shown(uri.scrub(line)));
  }
  if (!connected) throw NoQuirk{"no URI with a password connects, neither --uri nor one of the quirk secret"};
}

void describe_target(Scene& scene) {
  const auto instance = scene.connected();
  std::vector<std::string> lines;
  must(instance->describe_target(lines), "describe_target");
  expect(lines.size() == 1, "one call of emit", std::to_string(lines.size()));
  expect(!lines[0].empty() && lines[0].find('\n') == std::string::npos, "one line", "\"" + shown(lines[0]) + "\"");
}

void relative_path(Scene& scene) {
  if (scene.quirks().relative.empty()) throw NoQuirk{"relative"};
  std::string pattern = std::filesystem::temp_directory_path() / "flux-check-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) fail("a temporary folder", pattern);
  const std::filesystem::path base = std::filesystem::canonical(pattern);
  std::filesystem::create_directory(base / "folder");
  std::filesystem::current_path("/");
  InstanceOptions options;
  options.base_directory = base;
  {
    const auto instance = scene.created(options);
    must(instance->connect(scene.quirks().relative), "connect to " + scene.quirks().relative);
    scene.initialize(*instance);
    must(instance->register_row(Scene::row("relative")), "register_migration");
    instance->disconnect();
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(base))
    files += entry.is_regular_file() ? 1 : 0;
  std::filesystem::remove_all(base);
  expect(files > 0, "the target in the host's base_directory", "nothing there");
}

}  // namespace

std::vector<Check> connection_checks() {
  return {
      {"reconnects", "connect: works again behind disconnect", 0, reconnects},
      {"cycles-descriptors", "destroy: 100 connections leave no file descriptor", 0, cycles_descriptors},
      {"cycles-threads", "destroy: 100 connections leave no thread", 0, cycles_threads},
      {"cycles-memory", "destroy: 100 connections leave no memory", 0, cycles_memory},
      {"unconnected-calls", "FLUX_E_STATE: called in a wrong state: not connected", 0, unconnected_calls},
      {"unreachable", "connect: FLUX_E_CONNECTION or FLUX_E_AUTH, within a time of its own", 0, unreachable, 180},
      {"password-in-errors", "flux_error_info.message: never a password", 0, password_in_errors, 120},
      {"password-in-log", "connect: the URI's password is in no line of the log", 0, password_in_log, 120},
      {"password-in-description", "describe_target: without any secret; so are errors and the log", 0,
       password_in_description, 120},
      {"describe-target", "describe_target: emits a one-line description", 0, describe_target},
      {"relative-path", "flux_host.base_directory: where a relative path in the URI starts", 0, relative_path},
  };
}

}  // namespace flux::check
