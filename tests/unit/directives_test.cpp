#include <doctest/doctest.h>

#include <flux/core/directives.hpp>

TEST_SUITE_BEGIN("directives");

namespace {

std::string summary(const char* text) {
  std::vector<flux::DirectiveProblem> problems;
  const flux::Directives d = flux::parse_directives(text, problems);
  std::string out;
  if (d.draft) out += "draft ";
  if (d.irreversible) out += "irreversible ";
  if (d.on_change) out += "on-change ";
  if (d.no_transaction) out += "no-transaction ";
  if (d.lock_timeout) out += "lock-timeout=" + std::to_string(d.lock_timeout->count()) + "ms ";
  if (d.statement_timeout) out += "statement-timeout=" + std::to_string(d.statement_timeout->count()) + "ms ";
  for (const flux::DirectiveProblem& p : problems) out += "[" + std::to_string(p.offset) + " " + p.message + (p.hint.empty() ? "" : " | " + p.hint) + "] ";
  return out.empty() ? "none" : out.substr(0, out.size() - 1);
}

}  // namespace

TEST_CASE("directives stand in the leading comment") {
  struct Row {
    const char *text, *found;
  };
  const Row rows[] = {
      {"", "none"},
      {"select 1;", "none"},
      {"-- flux: draft\n", "draft"},
      {"--flux: draft", "draft"},
      {"// flux: irreversible\n", "irreversible"},
      {"# flux: run=on-change\n", "on-change"},
      {"-- flux: run=on-change run=always\n", "none"},
      {"\n\n  -- flux: draft\nselect 1", "draft"},
      {"-- a comment\n\n-- flux: irreversible, draft\n", "draft irreversible"},
      {"-- flux: no-transaction\n", "no-transaction"},
      {"-- flux: lock-timeout=5s statement-timeout=0\n", "lock-timeout=5000ms statement-timeout=0ms"},
      {"-- fluxx: draft\n", "none"},
      {"-- about flux: draft\n", "none"},
      {"-- Flux: how this is meant\n", "none"},
      {"select '\nabout flux: draft';\n", "none"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(summary(row.text) == row.found);
  }
}

TEST_CASE("what is no directive is an error with its place") {
  CHECK(summary("-- flux: irreversable\n") == "[9 unknown directive \"irreversable\" | did you mean \"irreversible\"?]");
  CHECK(summary("-- flux: run=never\n") == "[9 the directive \"run\" takes \"always\" or \"on-change\"]");
  CHECK(summary("-- flux:\n") == "[8 an empty directive]");
  CHECK(summary("-- flux: no-transactions\n") == "[9 unknown directive \"no-transactions\" | did you mean \"no-transaction\"?]");
  for (const char* word : {"lock-timeout", "lock-timeout=", "lock-timeout=5", "statement-timeout=soon"}) {
    CAPTURE(word);
    CHECK(summary((std::string("-- flux: ") + word).c_str()).find("takes a duration like \"5s\"") != std::string::npos);
  }
}

TEST_CASE("what was meant as a directive and is none is an error") {
  const std::string wrong = "a directive is not written so, and would not be read | write \"-- flux: ";
  const std::string late = "a directive is not read here | move it to the top of the script, above all but comments like itself";
  const struct {
    const char* text;
    std::string found;
  } rows[] = {
      {"-- flux : draft\ncreate", "[0 " + wrong + "draft\" at the top of the script]"},
      {"-- Flux: Irreversible\n", "[0 " + wrong + "irreversible\" at the top of the script]"},
      {"/* flux: draft */\ncreate", "[0 " + wrong + "draft\" at the top of the script]"},
      {"/* flux: lock-timeout=5s */", "[0 " + wrong + "lock-timeout\" at the top of the script]"},
      {"select 1;\n  -- flux: irreversible\n", "[12 " + late + "]"},
      {"/* x */\n-- flux: draft\n", "[8 " + late + "]"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(summary(row.text) == row.found);
  }
}

TEST_SUITE_END();
