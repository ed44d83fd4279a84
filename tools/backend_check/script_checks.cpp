// Scripts that must run, whatever they look like.
#include "check.hpp"
#include "scene.hpp"

namespace flux::check {
namespace {

void runs(Scene& scene, const std::string& text, const std::string& what, const std::vector<int>& things = {}) {
  const auto instance = scene.ready();
  must(instance->apply(text), "apply of " + what);
  for (const int number : things)
    expect(scene.has(*instance, number), fmt::format("what statement {} of {} makes", number, what), "it is not there");
}

std::string lines(const Scene& scene, const std::string& statement, const std::string& end) {
  std::string separator = scene.quirks().separator;
  for (std::size_t at = separator.find('\n'); at != std::string::npos; at = separator.find('\n', at + end.size()))
    separator.replace(at, 1, end);
  return statement + separator;
}

void empty(Scene& scene) { runs(scene, "", "an empty script"); }
void blank(Scene& scene) { runs(scene, " \n\t\n\n", "a script of blanks"); }
void comments(Scene& scene) {
  runs(scene, scene.quirks().comment, "a script with nothing but a comment");
  runs(scene, "\n" + scene.quirks().comment + "\n" + scene.quirks().comment, "a script with nothing but comments");
}

void many_statements(Scene& scene) {
  runs(scene, scene.quirks().comment + scene.script({scene.create(1), scene.create(2), scene.create(3)}),
       "many statements", {1, 2, 3});
}

void quoted(Scene& scene) {
  runs(scene, scene.script({scene.about(scene.quirks().quoted, 1), scene.create(2)}), "a script with quoted separators",
       {1, 2});
}

void no_final_newline(Scene& scene) {
  runs(scene, scene.script({scene.create(1)}) + scene.create(2), "a script whose last statement nothing ends", {1, 2});
}

void one_mebibyte(Scene& scene) {
  std::string text = scene.script({scene.create(1)});
  while (text.size() < (std::size_t{1} << 20)) text += scene.quirks().comment;
  text += scene.script({scene.create(2)});
  runs(scene, text, "a script of 1 MiB", {1, 2});
}

void many_small_statements(Scene& scene) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += scene.script({scene.create(1), scene.drop(1)});
  text += scene.script({scene.create(2)});
  const auto instance = scene.ready();
  scene.in_transaction(*instance, [&] { must(instance->apply(text), "apply of a script of 2001 statements"); });
  expect(scene.has(*instance, 2), "what its last statement makes", "it is not there");
}

void multibyte(Scene& scene) {
  runs(scene, scene.script({scene.about(scene.quirks().multibyte, 1)}), "a script that is not ASCII", {1});
}

void crlf(Scene& scene) {
  runs(scene, lines(scene, scene.create(1), "\r\n") + lines(scene, scene.create(2), "\r\n"), "a script with CRLF",
       {1, 2});
}

void results(Scene& scene) {
  runs(scene, scene.script({scene.create(1), scene.require(1), scene.require(1), scene.create(2)}),
       "a script that returns rows", {1, 2});
}

void outside_transaction(Scene& scene) {
  const auto instance = scene.ready();
  must(instance->apply(scene.script({scene.create(1)})), "apply outside of a transaction");
  instance->disconnect();  // the host never runs scripts from two instances at once
  const auto other = scene.connected();
  expect(scene.has(*other, 1), "what it has made, seen from a second connection", "it is not there");
}

}  // namespace

std::vector<Check> script_checks() {
  return {
      {"script-empty", "apply: the empty script", 0, empty},
      {"script-blank", "apply: a script of blanks and line ends", 0, blank},
      {"script-comments", "apply: a script of comments", 0, comments},
      {"script-many", "apply: runs every statement of a script", 0, many_statements},
      {"script-quoted", "apply: what separates statements does not do so inside quotes", 0, quoted},
      {"script-no-final-newline", "apply: the last statement needs no end", 0, no_final_newline},
      {"script-one-mebibyte", "apply: a script of 1 MiB", 0, one_mebibyte},
      {"script-many-small", "apply: a script of thousands of statements", 0, many_small_statements},
      {"script-multibyte", "flux_script.text: UTF-8", 0, multibyte},
      {"script-crlf", "apply: lines ended by CRLF do no harm", 0, crlf},
      {"script-results", "apply: statements that return rows", 0, results},
      {"script-outside-transaction", "apply: outside of a transaction it counts at once", 0, outside_transaction},
  };
}

}  // namespace flux::check
