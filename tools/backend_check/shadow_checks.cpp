// flux.schema.v1: throw-away databases.
#include <thread>

#include "check.hpp"
#include "helper.hpp"
#include "shadow.hpp"

namespace flux::check {
namespace {

// Whether there is no database any more, or one that connecting has made anew.
bool gone(const Scene& scene, const std::string& uri) {
  const auto instance = scene.created();
  if (!instance->connect(uri).ok()) return true;
  std::vector<FactFound> found;
  return !SchemaCalls(*instance).inspect(found).ok() || found.size() == scene.quirks().initial.size();
}

bool has_more(const Scene& scene, Shadow& shadow) {
  return shadow.schema().facts().size() > scene.quirks().initial.size();
}

void expect_gone(const Scene& scene, const std::string& uri, const std::string& what) {
  expect(gone(scene, uri), what, "a database that still has what was made in it");
}

void empty(Scene& scene) {
  Shadow shadow(scene);
  expect_initial(scene, shadow.schema(), "no fact in a new shadow");
}

void at_target(Scene& scene) {
  const auto maker = scene.ready();
  const std::string uri = create_shadow(*maker, std::nullopt);
  {
    const auto instance = scene.created();
    must(instance->connect(uri), "connect to a shadow");
    expect_initial(scene, schema_of(*instance), "no fact in a new shadow");
    must(SchemaCalls(*instance).load(scene.create(1)), "load");
    instance->disconnect();
  }
  must(SchemaCalls(*maker).drop_shadow(std::nullopt, uri), "drop_shadow");
  expect_gone(scene, uri, "no shadow behind drop_shadow");
}

void apart(Scene& scene) {
  Shadow one(scene), other(scene);
  expect(one.uri() != other.uri(), "another URI for each shadow", "the same");
  one.load({scene.create(1)});
  expect_initial(scene, other.schema(), "nothing of what was made in another shadow");
  expect(has_more(scene, one), "what was made in a shadow", "nothing");
}

void leaves_target(Scene& scene) {
  const auto instance = scene.ready();
  Shadow shadow(scene);
  shadow.load({scene.create(1)});
  expect(!scene.has(*instance, 1), "a target without what is made in a shadow", scene.thing(1));
}

void migrates(Scene& scene) {
  Shadow shadow(scene);
  scene.initialize(shadow.instance());
  scene.in_transaction(shadow.instance(), [&] {
    must(shadow.instance().apply(scene.script({scene.create(1)})), "apply in a shadow");
    must(shadow.instance().register_row(Scene::row("shadow")), "register_migration in a shadow");
  });
  expect(scene.rows(shadow.instance()).size() == 1, "the row that was registered in a shadow", "none");
  expect(has_more(scene, shadow), "the facts of what a migration has made", "none");
}

void dropped(Scene& scene) {
  Shadow shadow(scene);
  shadow.load({scene.create(1)});
  must(shadow.drop(), "drop_shadow while somebody is connected");
  shadow.instance().disconnect();
  expect_gone(scene, shadow.uri(), "no shadow behind drop_shadow");
}

void dropped_twice(Scene& scene) {
  Shadow shadow(scene);
  shadow.instance().disconnect();
  must(shadow.drop(), "drop_shadow");
  must(shadow.drop(), "drop_shadow of what is gone already");
}

// A process that makes a shadow, says its URI, and asks it what is there once it is told to go on.
void keep_shadow(const Scene& scene, const Helper::Line& line) {
  Shadow shadow(scene);
  shadow.load({scene.create(1)});
  line.say(shadow.uri());
  line.wait();
  expect(has_more(scene, shadow), "what was made in a shadow of a living process", "nothing");
  line.say("kept");
}

void swept(Scene& scene) {
  Helper maker([&](const Helper::Line& line) { keep_shadow(scene, line); });
  const std::string uri = maker.hear();
  maker.kill();
  // A server may need a moment to find out that its client is dead.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  do {
    { const Shadow sweeper(scene); }
    if (gone(scene, uri)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  } while (std::chrono::steady_clock::now() < deadline);
  fail("a shadow of a dead process that create_shadow sweeps away", "it is there after 20 s");
}

void kept(Scene& scene) {
  Helper maker([&](const Helper::Line& line) { keep_shadow(scene, line); });
  maker.hear();
  { const Shadow another(scene); }
  maker.go();
  maker.hear();
}

}  // namespace

std::vector<Check> shadow_checks() {
  return {
      {"shadow-empty", "create_shadow: makes an empty database", needs_schema, empty},
      {"shadow-at-target", "create_shadow: without server_uri at that of the connected target", needs_schema,
       at_target},
      {"shadow-apart", "create_shadow: a database of its own each time", needs_schema, apart},
      {"shadow-leaves-target", "create_shadow: nothing that is done in a shadow reaches the target", needs_schema,
       leaves_target},
      {"shadow-migrates", "create_shadow: another instance connects to the URI, and runs migrations there",
       needs_schema, migrates},
      {"shadow-dropped", "drop_shadow: ends it, whoever is connected to it", needs_schema, dropped},
      {"shadow-dropped-twice", "drop_shadow: FLUX_OK where it is gone already", needs_schema, dropped_twice},
      {"shadow-swept", "create_shadow: sweeps away those that a run which has died has left", needs_schema, swept},
      {"shadow-kept", "create_shadow: sweeps away none whose maker lives", needs_schema, kept},
  };
}

}  // namespace flux::check
