// How failures are reported.
#include "check.hpp"
#include "scene.hpp"

namespace flux::check {
namespace {

struct Failing {
  std::string what;
  Outcome outcome;
};

// Calls that fail, each for another reason.
std::vector<Failing> failing_calls(const Scene& scene, const InstanceOptions& options) {
  std::vector<Failing> out;
  InstanceOptions unknown = options;
  unknown.settings = Settings{{"flux-check-no-such-key", std::int64_t{1}}};
  Outcome created;
  const Instance refused(scene.subject(), unknown, created);
  out.push_back({"create with an unknown key", created});

  const auto early = scene.created(options);
  out.push_back({"initialize before connect", early->initialize()});

  const auto instance = scene.ready(options);
  out.push_back({"apply of a script that fails", instance->apply(scene.script({scene.quirks().fail}))});
  out.push_back({"unregister_migration of no row", instance->unregister(Scene::space, "there-is-none")});
  Row row = Scene::row("twice");
  must(instance->register_row(row), "register_migration");
  row.flags = FLUX_ROW_NEW;
  out.push_back({"register_migration of a new row that is there", instance->register_row(row)});
  must(instance->unregister(Scene::space, "twice"), "unregister_migration");
  if (scene.subject().can(FLUX_CAP_TRANSACTIONAL_DDL)) out.push_back({"commit without begin", instance->commit()});
  return out;
}

void error_reported_once(Scene& scene) {
  for (const auto& [what, outcome] : failing_calls(scene, {})) {
    expect(!outcome.ok(), "a failure from " + what, text_of(outcome));
    expect(outcome.reports == 1, "one call of set_error from " + what, fmt::format("{} calls", outcome.reports));
    expect(outcome.error.code == outcome.status, fmt::format("the status of {} in its error's code", what),
           fmt::format("{} and {}", name_of(outcome.status), name_of(outcome.error.code)));
  }
}

bool is_utf8(const std::string& text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t length = c < 0x80 ? 1 : c >> 5U == 6 ? 2 : c >> 4U == 14 ? 3 : c >> 3U == 30 ? 4 : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k)
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0U) != 0x80) return false;
    i += length;
  }
  return true;
}

void error_message(Scene& scene) {
  for (const auto& [what, outcome] : failing_calls(scene, {})) {
    const std::string& message = outcome.error.message;
    expect(!message.empty() && message.back() != '.' && is_utf8(message),
           fmt::format("a message without a final full stop, in UTF-8, from {}", what), "\"" + shown(message) + "\"");
  }
}

void error_struct(Scene& scene) {
  for (const auto& [what, outcome] : failing_calls(scene, {})) {
    expect(outcome.error.struct_size >= offsetof(flux_error_info, byte_offset) + sizeof(std::int64_t),
           "a struct_size of flux_error_info from " + what, std::to_string(outcome.error.struct_size));
    const bool about_script = outcome.status == FLUX_E_SCRIPT;
    expect(about_script || (outcome.error.statement_index == -1 && outcome.error.byte_offset == -1),
           fmt::format("no position (-1) from {}", what),
           fmt::format("statement {}, byte {}", outcome.error.statement_index, outcome.error.byte_offset));
  }
}

void null_err(Scene& scene) {
  InstanceOptions options;
  options.null_err = true;
  for (const auto& [what, outcome] : failing_calls(scene, options))
    expect(!outcome.ok(), "a failure from " + what, "FLUX_OK");
  expect(Instance::null_reports() == 0, "no call of set_error where err is NULL",
         std::to_string(Instance::null_reports()));
}

void usable_after_errors(Scene& scene) {
  const auto instance = scene.ready();
  for (int i = 0; i < 20; ++i) {
    must_be(FLUX_E_SCRIPT, instance->apply(scene.script({scene.quirks().fail})), "apply of a script that fails");
    must_be(FLUX_E_CONFLICT, instance->unregister(Scene::space, "none"), "unregister_migration of no row");
  }
  must(instance->begin(), "begin behind calls that have failed");
  must(instance->register_row(Scene::row("after")), "register_migration behind calls that have failed");
  must(instance->commit(), "commit behind calls that have failed");
  expect(scene.rows(*instance).size() == 1, "one row", std::to_string(scene.rows(*instance).size()));
}

}  // namespace

std::vector<Check> error_checks() {
  return {
      {"error-reported-once", "Rules: a status other than FLUX_OK has called set_error once before, with that code", 0,
       error_reported_once},
      {"error-message", "flux_error_info.message: one sentence, without a final full stop", 0, error_message},
      {"error-struct", "flux_error_info: struct_size is set; -1 is an unknown position", 0, error_struct},
      {"null-err", "Rules: err may be NULL, and set_error must then not be called", 0, null_err},
      {"usable-after-errors", "Rules: a call that has failed leaves a usable instance", 0, usable_after_errors},
  };
}

}  // namespace flux::check
