// Rows of the history: written, replaced, deleted, and read as they were written.
#include "check.hpp"
#include "scene.hpp"

namespace flux::check {
namespace {

Row only_row(const Scene& scene, Instance& instance) {
  const auto rows = scene.rows(instance);
  expect(rows.size() == 1, "one row", fmt::format("{} rows", rows.size()));
  return rows[0];
}

void same(const std::string& member, const std::optional<std::string>& want, const std::optional<std::string>& got) {
  const auto text = [](const std::optional<std::string>& value) {
    return value ? "\"" + shown(*value) + "\"" : "none";
  };
  expect(want == got, fmt::format("{} as it was registered: {}", member, text(want)), text(got));
}

void same(const std::string& member, std::int64_t want, std::int64_t got) {
  expect(want == got, fmt::format("{} as it was registered: {}", member, want), std::to_string(got));
}

// All members but `script`, which a listing leaves out.
void same_row(const Row& want, const Row& got) {
  same("name_space", want.name_space, got.name_space);
  same("id", want.id, got.id);
  same("hash", want.hash, got.hash);
  same("state", want.state, got.state);
  same("undo", want.undo, got.undo);
  same("applied_by", want.applied_by, got.applied_by);
  same("flux_version", want.flux_version, got.flux_version);
  same("run_id", want.run_id, got.run_id);
  same("done_hash", want.done_hash, got.done_hash);
  same("note", want.note, got.note);
  same("duration_ms", want.duration_ms, got.duration_ms);
  same("statements_done", want.statements_done, got.statements_done);
  same("statements_started", want.statements_started, got.statements_started);
  same("statements_total", want.statements_total, got.statements_total);
}

Row full_row() {
  Row row = Scene::row("full");
  row.state = "interrupted";
  row.done_hash = "sha256:fedcba";
  row.note = "by hand: it's done; 100 %";
  row.duration_ms = 86400001;
  row.statements_done = 2;
  row.statements_started = 3;
  row.statements_total = 7;
  row.script = "the up script";
  return row;
}

void row_round_trip(Scene& scene) {
  const auto instance = scene.ready();
  must(instance->register_row(full_row()), "register_migration");
  same_row(full_row(), only_row(scene, *instance));
}

void row_unset(Scene& scene) {
  const auto instance = scene.ready();
  Row row;
  row.name_space = Scene::space;
  row.id = "unset";
  row.applied_at_us = 1;
  must(instance->register_row(row), "register_migration of a row with nothing that is optional");
  same_row(row, only_row(scene, *instance));
}

void row_empty_texts(Scene& scene) {
  const auto instance = scene.ready();
  Row row = Scene::row("empty");
  row.undo = row.note = "";
  must(instance->register_row(row), "register_migration");
  same_row(row, only_row(scene, *instance));
}

void row_replaced(Scene& scene) {
  const auto instance = scene.ready();
  must(instance->register_row(full_row()), "register_migration");
  Row row = Scene::row("full");
  row.undo.reset();
  row.run_id = "run-2";
  must(instance->register_row(row), "register_migration of a key that is there");
  same_row(row, only_row(scene, *instance));
}

void row_new_conflict(Scene& scene) {
  const auto instance = scene.ready();
  Row row = Scene::row("new");
  row.flags = FLUX_ROW_NEW;
  must(instance->register_row(row), "register_migration of a new row");
  Row second = row;
  second.hash = "sha256:another";
  must_be(FLUX_E_CONFLICT, instance->register_row(second), "register_migration of a new row that is there");
  same_row(row, only_row(scene, *instance));
}

void row_removed(Scene& scene) {
  const auto instance = scene.ready();
  for (const char* id : {"a", "b"}) must(instance->register_row(Scene::row(id)), "register_migration");
  must(instance->unregister(Scene::space, "a"), "unregister_migration");
  expect(only_row(scene, *instance).id == "b", "the other row still there", "another");
}

void missing_row_conflict(Scene& scene) {
  const auto instance = scene.ready();
  must(instance->register_row(Scene::row("there")), "register_migration");
  must_be(FLUX_E_CONFLICT, instance->unregister(Scene::space, "not-there"), "unregister_migration of no row");
  must_be(FLUX_E_CONFLICT, instance->unregister(Scene::other_space, "there"),
          "unregister_migration in another namespace");
}

void name_spaces(Scene& scene) {
  const auto instance = scene.ready();
  Row mine = Scene::row("flux-check"), other = mine, unnamed = mine;
  other.name_space = Scene::other_space;
  unnamed.name_space = "";
  for (const Row* row : {&mine, &other, &unnamed}) must(instance->register_row(*row), "register_migration");
  for (const std::string& space : {mine.name_space, other.name_space, unnamed.name_space}) {
    const auto rows = scene.rows(*instance, space);
    expect(rows.size() == 1 && rows[0].name_space == space, fmt::format("one row in the namespace \"{}\"", space),
           fmt::format("{} rows", rows.size()));
  }
  must(instance->unregister("", "flux-check"), "unregister_migration");
  expect(scene.rows(*instance).size() == 1, "the rows of other namespaces still there", "none");
}

// Registers rows of these ids together and finds each by itself.
void keep_apart(Scene& scene, const std::vector<std::string>& ids) {
  const auto instance = scene.ready();
  for (const std::string& id : ids) {
    Row row = Scene::row(id);
    row.flags = FLUX_ROW_NEW;
    must(instance->register_row(row), fmt::format("register_migration of the id \"{}\"", shown(id)));
  }
  for (const std::string& id : ids) {
    std::size_t found = 0;
    for (const Row& row : scene.rows(*instance)) found += row.id == id ? 1 : 0;
    expect(found == 1, fmt::format("the id \"{}\" once in the listing", shown(id)), fmt::format("{} times", found));
    must(instance->unregister(Scene::space, id), fmt::format("unregister_migration of the id \"{}\"", shown(id)));
  }
  expect(scene.rows(*instance).empty(), "no rows in the end", "some");
}

void ids_odd(Scene& scene) {
  keep_apart(scene,
             {"it's", "\"quoted\"", "100%", "a_b", "axb", "semi;colon", "back\\slash", "dollar$1", "tab\there", "?",
              ":name", "--", "/*", "''", "\xc3\xa9t\xc3\xa9", "\xf0\x9f\x98\x80", "\xe4\xb8\xad\xe6\x96\x87"});
}

void ids_long(Scene& scene) {
  keep_apart(scene, {std::string(255, 'x'), std::string(254, 'x'), std::string(254, 'x') + 'y'});
}

void ids_alike(Scene& scene) {
  keep_apart(scene, {"case", "Case", "CASE", "e", "\xc3\xa9", "1", "01", "1.0", "blank", "blank ", " blank"});
}

void undo_texts(Scene& scene) {
  const auto instance = scene.ready();
  std::string large = "h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 'quoted;' \\ \"x\"\n\ttab\r\n";
  must(instance->register_row([&] {
    Row row = Scene::row("undo");
    row.undo = large;
    return row;
  }()),
       "register_migration with a multibyte undo script");
  same("undo", large, only_row(scene, *instance).undo);
  while (large.size() < (std::size_t{1} << 20)) large += large;
  Row row = Scene::row("undo");
  row.undo = large;
  must(instance->register_row(row), "register_migration with an undo script of more than 1 MiB");
  same("undo", large, only_row(scene, *instance).undo);
}

// The scripts that rows keep. Throws NotDeclared where the backend reads none.
std::vector<std::string> read(Instance& instance, const std::string& id) {
  std::vector<std::string> texts;
  const Outcome outcome = instance.read_script(Scene::space, id, texts);
  if (outcome.status == FLUX_E_UNSUPPORTED) throw NotDeclared{"read_script"};
  must(outcome, "read_script");
  return texts;
}

void script_kept(Scene& scene) {
  const auto instance = scene.ready();
  Row row = Scene::row("kept");
  row.script = "up: h\xc3\xa9\xe2\x82\xac 'quoted;'\n";
  must(instance->register_row(row), "register_migration with a script");
  must(instance->register_row(Scene::row("without")), "register_migration without a script");
  const auto texts = read(*instance, "kept");
  expect(texts.size() == 1 && texts[0] == *row.script, "the script that was registered",
         texts.empty() ? "nothing" : shown(texts[0]));
  expect(read(*instance, "without").empty(), "nothing where no script is kept", "a text");
  expect(read(*instance, "there-is-none").empty(), "nothing where there is no row", "a text");
}

void script_not_listed(Scene& scene) {
  const auto instance = scene.ready();
  must(instance->register_row(full_row()), "register_migration with a script");
  const auto script = only_row(scene, *instance).script;
  expect(!script, "a listing without the scripts", "\"" + shown(script.value_or("")) + "\"");
}

void row_seen_by_others(Scene& scene) {
  const auto first = scene.ready();
  const auto second = scene.connected();
  must(first->register_row(Scene::row("seen")), "register_migration outside of a transaction");
  expect(scene.rows(*second).size() == 1, "the row in another connection's listing", "none");
  must(first->unregister(Scene::space, "seen"), "unregister_migration outside of a transaction");
  expect(scene.rows(*second).empty(), "no row in another connection's listing", "one");
}

}  // namespace

std::vector<Check> history_checks() {
  return {
      {"row-round-trip", "flux_history_row: a backend keeps what it is given", 0, row_round_trip},
      {"row-unset", "flux_history_row: ptr NULL and -1 stay what they are", 0, row_unset},
      {"row-empty-texts", "flux_history_row: the empty text is not \"none\"", 0, row_empty_texts},
      {"row-replaced", "register_migration: writes one row, replacing one of the same key", 0, row_replaced},
      {"row-new-conflict", "FLUX_ROW_NEW: FLUX_E_CONFLICT where there is a row of this key already", 0,
       row_new_conflict},
      {"row-removed", "unregister_migration: deletes one row", 0, row_removed},
      {"missing-row-conflict", "unregister_migration: FLUX_E_CONFLICT where there is none", 0, missing_row_conflict},
      {"name-spaces", "flux_history_row: keyed by (name_space, id)", 0, name_spaces},
      {"ids-odd", "flux_history_row.id: quotes, %, ;, backslashes and what is not ASCII", 0, ids_odd},
      {"ids-long", "flux_history_row.id: 255 bytes", 0, ids_long},
      {"ids-alike", "flux_history_row.id: ids that differ in a byte are different", 0, ids_alike},
      {"undo-texts", "flux_history_row.undo: as it was when applied; multibyte, and of 1 MiB", 0, undo_texts},
      {"script-kept", "read_script: emits the script that was registered with a row; nothing where none is kept", 0,
       script_kept},
      {"script-not-listed", "flux_history_row.script: a listing leaves it out", 0, script_not_listed},
      {"row-seen-by-others", "register_migration: outside of a transaction it is one of its own", 0,
       row_seen_by_others},
  };
}

}  // namespace flux::check
