#include <doctest/doctest.h>

#include <string>

#include <flux/core/source_text.hpp>

TEST_SUITE_BEGIN("source text");

using namespace std::string_literals;

TEST_CASE("a byte order mark goes and every line ends with LF") {
  CHECK(flux::normalise("\xEF\xBB\xBF" "a\r\nb\rc\n") == "a\nb\nc\n");
  CHECK(flux::normalise("a\r\r\nb\r") == "a\n\nb\n");
  CHECK(flux::normalise("") == "");
  CHECK(flux::normalise("\xEF\xBB\xBF") == "");
  CHECK(flux::normalise("\xEF\xBB\xBF" "no carriage return") == "no carriage return");
}

TEST_CASE("the first bad byte is found") {
  struct Row {
    std::string text;
    long at;  // -1: good
  };
  const Row rows[] = {{"plain", -1},          {"größe €", -1},           {"\xF0\x9F\x98\x80", -1}, {"a\0b"s, 1},          {"ab\xFF", 2},
                      {"\xC3", 0},            {"\xC0\xAF", 0},           {"\xED\xA0\x80", 0},      {"\xF4\x90\x80\x80", 0}, {"x\xE2\x82", 1},
                      {"\xF0\x80\x80\x80", 0}, {"ok \xF4\x8F\xBF\xBF", -1}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto bad = flux::first_bad_byte(row.text);
    CHECK((bad ? static_cast<long>(*bad) : -1) == row.at);
    // The same anywhere behind and before plain text, which is looked at by eights.
    for (std::size_t before = 1; before < 20; ++before) {
      const auto moved = flux::first_bad_byte(std::string(before, '~') + row.text + "plain text");
      CHECK((moved ? static_cast<long>(*moved - before) : -1) == row.at);
    }
  }
}

TEST_CASE("a position counts lines and characters from 1") {
  const std::string text = "one\ntwo größe x\n\nlast";
  const auto at = [&](std::size_t offset) {
    const flux::SourcePosition p = flux::position_at("f", text, offset);
    return std::to_string(p.line) + ":" + std::to_string(p.column) + " " + p.line_text;
  };
  CHECK(at(0) == "1:1 one");
  CHECK(at(text.find('x')) == "2:11 two größe x");
  CHECK(at(text.find("last")) == "4:1 last");
  CHECK(at(text.find("\n\n") + 1) == "3:1 ");
  CHECK(at(9999) == "4:5 last");
}

TEST_SUITE_END();
