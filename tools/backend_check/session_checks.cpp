// What a script changes of its session.
#include "check.hpp"
#include "scene.hpp"

namespace flux::check {
namespace {

Outcome part(const Scene& scene, Instance& instance, const std::string& statement, std::uint32_t flags) {
  ScriptCall call{scene.script({statement})};
  call.flags = flags;
  return instance.apply(call);
}

void session_fresh(Scene& scene) {
  const auto instance = scene.ready();
  for (int i = 0; i < 3; ++i) {
    must(instance->begin(), "begin");
    must(part(scene, *instance, scene.quirks().session, 0),
         "apply of what changes the session, in a session as fresh as ever");
    must(instance->register_row(Scene::row("session")), "register_migration behind it");
    must(instance->commit(), "commit");
  }
}

void session_fresh_outside(Scene& scene) {
  const auto instance = scene.ready();
  for (int i = 0; i < 3; ++i)
    must(part(scene, *instance, scene.quirks().session, 0),
         "apply of what changes the session, in a session as fresh as ever");
}

void parts_share_session(Scene& scene) {
  const auto instance = scene.ready();
  must(part(scene, *instance, scene.quirks().session, FLUX_SCRIPT_CONTINUES), "apply of a script's first part");
  must(instance->register_row(Scene::row("part")), "register_migration between two parts");
  must(part(scene, *instance, scene.quirks().session_use, FLUX_SCRIPT_CONTINUED | FLUX_SCRIPT_CONTINUES),
       "apply of a second part, which uses what the first one has set");
  must(part(scene, *instance, scene.create(1), FLUX_SCRIPT_CONTINUED), "apply of the last part");
  must(part(scene, *instance, scene.quirks().session, 0), "apply of the next script, in a session as fresh as ever");
}

void parts_cut_short(Scene& scene) {
  const auto instance = scene.ready();
  must(part(scene, *instance, scene.quirks().session, FLUX_SCRIPT_CONTINUES), "apply of a script's first part");
  must_be(FLUX_E_SCRIPT, part(scene, *instance, scene.quirks().fail, FLUX_SCRIPT_CONTINUED | FLUX_SCRIPT_CONTINUES),
          "apply of a part that fails");
  must(part(scene, *instance, scene.quirks().session, 0), "apply of the next script, in a session as fresh as ever");
}

}  // namespace

std::vector<Check> session_checks() {
  return {
      {"session-fresh", "apply: what it changes of the session must not reach the next script", 0, session_fresh},
      {"session-fresh-outside", "apply: the same outside of a transaction", 0, session_fresh_outside},
      {"parts-share-session", "flux_script_flag: what a part changes of the session is there for the next part",
       needs_statements, parts_share_session},
      {"parts-cut-short", "flux_script_flag: the next script has a fresh session where a part has failed",
       needs_statements, parts_cut_short},
  };
}

}  // namespace flux::check
