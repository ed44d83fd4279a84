// The source line with its caret
#include <doctest/doctest.h>

#include "source_excerpt.hpp"

using namespace flux::cli;

namespace {

flux::SourcePosition at(int line, int column, std::string text) { return {"a.sql", line, column, std::move(text)}; }

}  // namespace

TEST_SUITE_BEGIN("excerpt");

TEST_CASE("the caret stands below its character") {
  struct Case {
    flux::SourcePosition where;
    std::string shown;
  };
  for (const Case& c :
       {Case{at(7, 5, "  a bad b"), "    7 |   a bad b\n      |     ^ wrong\n"},
        Case{at(12, 2, "\tx"), "    12 |     x\n       |     ^ wrong\n"},
        Case{at(1, 4, "ab\tx"), "    1 | ab  x\n      |     ^ wrong\n"},
        Case{at(1, 3, "用户x"), "    1 | 用户x\n      |     ^ wrong\n"},
        Case{at(1, 3,
                "\x1b"
                "ax"),
             "    1 | \\x1bax\n      |      ^ wrong\n"},
        Case{at(1, 4, "abc"), "    1 | abc\n      |    ^ wrong\n"},
        Case{at(1, 0, "abc"), "    1 | abc\n      | wrong\n"}, Case{at(1, 1, ""), "    1 | \n      | ^ wrong\n"}}) {
    CAPTURE(c.where.line_text);
    CHECK(source_excerpt(c.where, "wrong", {}) == c.shown);
  }
}

TEST_CASE("a long line is cut on both sides of the caret") {
  Stream stream;
  stream.columns = 38;
  CHECK(source_excerpt(at(1, 51, std::string(50, 'a') + "X" + std::string(50, 'b')), "w", stream) ==
        "    1 | …aaaaaaaaaaaaaaaaaaaXbbbbbbbb…\n"
        "      |                     ^ w\n");
}

TEST_CASE("a message without room beside the caret goes below it") {
  Stream stream;
  stream.columns = 40;
  CHECK(source_excerpt(at(1, 21, std::string(20, 'a') + "X"), "a message that is long", stream) ==
        "    1 | aaaaaaaaaaaaaaaaaaaaX\n"
        "      |                     ^\n"
        "      | a message that is long\n");
}

TEST_SUITE_END();
