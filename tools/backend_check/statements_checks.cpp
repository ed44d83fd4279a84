// flux.statements.v1: the statements of a script.
#include "check.hpp"
#include "scene.hpp"

namespace flux::check {
namespace {

std::vector<StatementFound> split(Instance& instance, const std::string& text) {
  std::vector<StatementFound> found;
  must(instance.split(text, found), "split");
  return found;
}

void offsets(Scene& scene) {
  const auto instance = scene.created();
  const std::string wide = "h\xc3\xa9\xe2\x82\xac";
  std::string comment = scene.quirks().comment;
  comment.insert(comment.find_last_not_of("\r\n") + 1, " " + wide);
  const std::vector<std::string> statements = {scene.create(1), scene.require(1), scene.drop(1)};
  std::string text = "\n" + comment;
  for (const std::string& statement : statements) text += scene.script({statement}) + "\n" + comment;
  const auto found = split(*instance, text);
  expect(found.size() == statements.size(), fmt::format("{} statements", statements.size()),
         std::to_string(found.size()));
  for (std::size_t i = 0; i < found.size(); ++i) {
    const bool inside = found[i].offset <= text.size() && found[i].length <= text.size() - found[i].offset;
    expect(
        inside && text.substr(found[i].offset, found[i].length) == statements[i],
        fmt::format("offset and length, in bytes, of \"{}\"", shown(statements[i])),
        inside ? "\"" + shown(text.substr(found[i].offset, found[i].length)) + "\"" : "a place outside of the script");
  }
}

void nothing(Scene& scene) {
  const auto instance = scene.created();
  for (const std::string& text :
       {std::string(), std::string(" \n\n"), scene.quirks().comment, "\n" + scene.quirks().comment + "\n"})
    expect(split(*instance, text).empty(), "no statement in \"" + shown(text) + "\"", "one");
}

void last_without_end(Scene& scene) {
  const auto instance = scene.created();
  const std::string text = scene.script({scene.create(1)}) + scene.create(2);
  const auto found = split(*instance, text);
  expect(found.size() == 2 && text.substr(found[1].offset, found[1].length) == scene.create(2),
         "the last statement, which nothing ends", fmt::format("{} statements", found.size()));
}

void quoted(Scene& scene) {
  const auto instance = scene.created();
  const std::string statement = scene.about(scene.quirks().quoted, 1);
  const auto found = split(*instance, scene.script({statement, scene.create(2)}));
  expect(found.size() == 2, "two statements, the first one with quoted separators", std::to_string(found.size()));
}

void unfinished(Scene& scene) {
  if (scene.quirks().unfinished.empty()) throw NoQuirk{"unfinished"};
  const auto instance = scene.created();
  std::vector<StatementFound> found;
  const std::string text = scene.script({scene.create(1)}) + scene.quirks().unfinished;
  const Outcome outcome = instance->split(text, found);
  must_be(FLUX_E_SCRIPT, outcome, "split of a script with an unfinished quote");
  const auto from = static_cast<std::int64_t>(text.size() - scene.quirks().unfinished.size());
  expect(outcome.error.byte_offset >= from && outcome.error.byte_offset <= static_cast<std::int64_t>(text.size()),
         fmt::format("a byte_offset from {} to {}", from, text.size()), std::to_string(outcome.error.byte_offset));
}

void transaction_control(Scene& scene) {
  if (scene.quirks().begin.empty()) throw NoQuirk{"begin"};
  const auto instance = scene.created();
  const auto found = split(*instance, scene.script({scene.quirks().begin, scene.create(1), scene.quirks().commit}));
  expect(found.size() == 3, "three statements", std::to_string(found.size()));
  const std::uint32_t want[] = {FLUX_STATEMENT_BEGIN | FLUX_STATEMENT_TRANSACTION_CONTROL, 0,
                                FLUX_STATEMENT_COMMIT | FLUX_STATEMENT_TRANSACTION_CONTROL};
  constexpr std::uint32_t about = FLUX_STATEMENT_BEGIN | FLUX_STATEMENT_COMMIT | FLUX_STATEMENT_TRANSACTION_CONTROL;
  for (std::size_t i = 0; i < found.size(); ++i) {
    expect((found[i].flags & about) == want[i], fmt::format("the flags {} of statement {}", want[i], i),
           std::to_string(found[i].flags));
    expect((found[i].flags == 0) || !found[i].what.empty(), "a name, as what, of a statement with a flag", "none");
  }
}

void stops(Scene& scene) {
  const auto instance = scene.created();
  std::vector<StatementFound> found;
  must_be(FLUX_E_STOP, instance->split(scene.script({scene.create(1), scene.drop(1), scene.create(1)}), found, 2),
          "split whose emit has returned it");
  expect(found.size() == 2, "no call of emit behind the one that wants to end", std::to_string(found.size()));
}

}  // namespace

std::vector<Check> statements_checks() {
  return {
      {"split-offsets", "flux_statement: offset and length in bytes, without blanks, comments and what ends it",
       needs_statements, offsets},
      {"split-nothing", "split: emits each statement that is not empty", needs_statements, nothing},
      {"split-last", "split: the last statement needs no end", needs_statements, last_without_end},
      {"split-quoted", "split: what separates statements does not do so inside quotes", needs_statements, quoted},
      {"split-unfinished", "split: a script that cannot be split is FLUX_E_SCRIPT with its byte_offset",
       needs_statements, unfinished},
      {"split-transaction-control", "flux_statement_flag: what begins and ends a transaction, and its name",
       needs_statements, transaction_control},
      {"split-stops", "flux_statement_fn: a result other than FLUX_OK ends it, and is handed through", needs_statements,
       stops},
  };
}

}  // namespace flux::check
