// Text as a terminal shows it
#include "text.hpp"

#include <doctest/doctest.h>

using namespace flux::cli;

TEST_SUITE_BEGIN("text");

TEST_CASE("width counts columns, not bytes") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("größe") == 5);
  CHECK(display_width("用户") == 4);
  CHECK(display_width("e\u0301") == 1);
  CHECK(display_width("\xff\xfe") == 2);
  CHECK(display_width("") == 0);
}

TEST_CASE("what would act on a terminal is written out") {
  struct Case {
    std::string text, shown;
  };
  for (const Case& c : {Case{"plain größe 用户", "plain größe 用户"}, Case{"a\x1b[31mb", "a\\x1b[31mb"},
                        Case{"a\nb\tc\r", "a\\nb\\tc\\x0d"}, Case{"\x7f", "\\x7f"}, Case{"\xc2\x9b", "\\u009b"},
                        Case{"\xff", "\\xff"}, Case{"\xe2\x80\xae", "\\u202e"}, Case{"\xe2\x80\xa8", "\\u2028"},
                        Case{"\xc0\xaf", "\\xc0\\xaf"}, Case{"\xed\xa0\x80", "\\xed\\xa0\\x80"}}) {
    CAPTURE(c.text);
    CHECK(visible(c.text) == c.shown);
  }
  CHECK(visible_lines("a\n\tb\r") == "a\n\tb\\x0d");
}

TEST_CASE("long text gives way in its middle or at its end") {
  CHECK(fit_middle("short", 10) == "short");
  CHECK(fit_middle("20260102_001_create-orders", 11) == "20260…rders");
  CHECK(fit_middle("用户用户用户", 6) == "用…户");
  CHECK(fit_middle("abc", 1) == "…");
  CHECK(fit_middle("abc", 0) == "");
  CHECK(fit_end("abcdef", 4) == "abc…");
}

TEST_CASE("durations are short") {
  using namespace std::chrono_literals;
  CHECK(duration_text(0ms) == "0 ms");
  CHECK(duration_text(999ms) == "999 ms");
  CHECK(duration_text(1250ms) == "1.2 s");
  CHECK(duration_text(125s) == "2 min 5 s");
}

TEST_SUITE_END();
