// flux.schema.v1: statements that people have written.
#include <algorithm>

#include "check.hpp"
#include "shadow.hpp"

namespace flux::check {
namespace {

// A line of that text which is a comment, with its end.
std::string comment(const Scene& scene, const std::string& text) {
  const std::string& quirk = scene.quirks().comment;
  const auto is_word = [](unsigned char c) { return std::isalnum(c) != 0; };
  const auto first = std::find_if(quirk.begin(), quirk.end(), is_word);
  const auto last = std::find_if(quirk.rbegin(), quirk.rend(), is_word).base();
  return first < last ? std::string(quirk.begin(), first) + text + std::string(last, quirk.end()) : quirk;
}

bool is_name_of(const std::string& name, const Fact& fact) {
  const std::string& identity = fact.name.identity;
  return identity == name || (identity.size() > name.size() && identity.ends_with("." + name));
}

void load_error(Scene& scene) {
  Shadow shadow(scene);
  shadow.load(scene.quirks().definitions);
  const Schema before = shadow.schema();
  const Outcome outcome = shadow.calls().load(scene.quirks().fail);
  must_be(FLUX_E_SCRIPT, outcome, "load of a statement that fails");
  expect(outcome.reports == 1 && !outcome.error.message.empty(), "one call of set_error with a message",
         std::to_string(outcome.reports));
  expect_equal(before, shadow.schema(), "the facts from before the load that has failed");
  shadow.load({scene.create(1)});
}

void load_comments(Scene& scene) {
  Shadow shadow(scene), plain(scene);
  plain.load(scene.quirks().definitions);
  for (const std::string& definition : scene.quirks().definitions)
    shadow.load({comment(scene, "of flux-backend-check") + definition});
  expect_equal(plain.schema(), shadow.schema(), "the facts of definitions with comments above them");
}

void loaded(Scene& scene) {
  Shadow shadow(scene);
  shadow.load(scene.quirks().definitions);
  std::vector<std::pair<FactRef, std::string>> problems;
  must(shadow.calls().check_loaded(problems), "check_loaded");
  expect(problems.empty(), "no problem with definitions that are right",
         problems.empty() ? "" : words(problems[0].first) + ": " + shown(problems[0].second));
}

// By an instance that is not connected.
void defines(Scene& scene) {
  const auto instance = scene.created();
  Shadow shadow(scene);
  for (const std::string& definition : scene.quirks().definitions) {
    std::vector<Mention> mentions;
    must(SchemaCalls(*instance).read_definition(definition, mentions), "read_definition, without a connection");
    shadow.load({definition});
    const Schema schema = shadow.schema();
    bool any = false;
    for (const Mention& m : mentions) {
      if (m.role != FLUX_MENTION_DEFINES) continue;
      any = true;
      const bool there = std::any_of(schema.facts().begin(), schema.facts().end(), [&](const Fact& fact) {
        return is_name_of(m.name, fact) && (m.kind.empty() || m.kind == fact.name.kind);
      });
      expect(there, "the facts that \"" + shown(definition) + "\" is said to define",
             fmt::format("no {} {} among {}", m.kind, m.name, names_of(schema)));
    }
    expect(any, "what \"" + shown(definition) + "\" defines", "nothing");
  }
}

void refuses(Scene& scene) {
  const auto instance = scene.created();
  std::vector<Mention> mentions;
  for (const std::string& text : {scene.drop(1), scene.quirks().fail})
    must_be(FLUX_E_SCRIPT, SchemaCalls(*instance).read_definition(text, mentions),
            "read_definition of \"" + shown(text) + "\"");
}

void renamed(Scene& scene) {
  const auto instance = scene.created();
  std::vector<Mention> mentions;
  const std::string text = comment(scene, "flux: renamed from=flux_check_old") + scene.create(1);
  must(SchemaCalls(*instance).read_definition(text, mentions), "read_definition");
  const auto is_rename = [](const Mention& m) { return m.role == FLUX_MENTION_RENAMED; };
  const auto at = std::find_if(mentions.begin(), mentions.end(), is_rename);
  expect(at != mentions.end(), "FLUX_MENTION_RENAMED of \"" + shown(text) + "\"", "none");
  expect(at->old_name == "flux_check_old" && !at->kind.empty() && at->name.ends_with(scene.thing(1)),
         "kind, name and old_name of what is renamed", fmt::format("{} {} from {}", at->kind, at->name, at->old_name));
  const auto defines_it = [&](const Mention& m) { return m.role == FLUX_MENTION_DEFINES && m.name == at->name; };
  expect(std::any_of(mentions.begin(), mentions.end(), defines_it), "the definition of it, too", "none");
}

void stops(Scene& scene) {
  const auto instance = scene.created();
  std::vector<Mention> mentions;
  const std::string text = comment(scene, "flux: renamed from=flux_check_old") + scene.create(1);
  must_be(FLUX_E_STOP, SchemaCalls(*instance).read_definition(text, mentions, 1),
          "read_definition whose emit has returned it");
  expect(mentions.size() == 1, "no call of emit behind the one that wants to end", std::to_string(mentions.size()));
}

void null_err(Scene& scene) {
  InstanceOptions options;
  options.null_err = true;
  Shadow shadow(scene, options);
  std::vector<Mention> mentions;
  std::vector<FactFound> found;
  expect(!shadow.calls().load(scene.quirks().fail).ok(), "a failure from load", "FLUX_OK");
  expect(!shadow.calls().read_definition(scene.drop(1), mentions).ok(), "a failure from read_definition", "FLUX_OK");
  must(shadow.calls().inspect(found), "inspect behind calls that have failed");
  expect(Instance::null_reports() == 0, "no call of set_error where err is NULL",
         std::to_string(Instance::null_reports()));
}

}  // namespace

std::vector<Check> definition_checks() {
  return {
      {"load-error", "load: nothing is left of a statement that fails: FLUX_E_SCRIPT", needs_schema, load_error},
      {"load-comments", "load: runs one definition, with the comments above it", needs_schema, load_comments},
      {"check-loaded", "check_loaded: nothing where nothing is wrong", needs_schema, loaded},
      {"read-definition", "read_definition: what the statement makes, named as its facts; needs no connection",
       needs_schema, defines},
      {"read-definition-refuses", "read_definition: FLUX_E_SCRIPT where the statement defines nothing", needs_schema,
       refuses},
      {"read-definition-renamed", "FLUX_MENTION_RENAMED: `flux: renamed from=OLD` stands above it", needs_schema,
       renamed},
      {"read-definition-stops", "flux_mention_fn: a result other than FLUX_OK ends it, and is handed through",
       needs_schema, stops},
      {"schema-null-err", "Rules: err may be NULL, and set_error must then not be called", needs_schema, null_err},
  };
}

}  // namespace flux::check
