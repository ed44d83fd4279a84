// Tables
#include "table.hpp"

#include <doctest/doctest.h>

#include "text.hpp"

using namespace flux::cli;

TEST_SUITE_BEGIN("table");

TEST_CASE("columns are as wide as they need to be, and lines end without blanks") {
  Table table;
  table.column("ID").column("STATE").column("BY");
  table.row({{"用户"}, {"applied"}, {"me"}});
  table.row({{"x"}, {"pending"}});
  CHECK(table.text({}) ==
        "  ID    STATE    BY\n"
        "  用户  applied  me\n"
        "  x     pending\n");
}

TEST_CASE("the widest column that may shrink gives way first") {
  Table table;
  table.column("ID", true).column("NAME", true).column("FIXED");
  table.row({{"20260102_001_create-orders"}, {"short"}, {"fixed-text"}});
  Stream stream;
  stream.columns = 40;
  CHECK(table.text(stream) ==
        "  ID                   NAME   FIXED\n"
        "  20260102_…te-orders  short  fixed-text\n");
}

TEST_CASE("paint does not count as width") {
  Table table;
  table.column("A").column("B");
  Stream stream;
  stream.colour = true;
  table.row({{"x", [&stream](const std::string& text) { return stream.red(text); }}, {"y"}});
  CHECK(table.text(stream) == "  \x1b[2mA\x1b[0m  \x1b[2mB\x1b[0m\n  \x1b[31mx\x1b[0m  y\n");
}

TEST_SUITE_END();
