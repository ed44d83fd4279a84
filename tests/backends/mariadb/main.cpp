#include <doctest/doctest.h>

#include "fixture.hpp"

int main(int argc, char** argv) {
  const int failed = doctest::Context(argc, argv).run();
  flux::testing::end_server();
  return failed;
}
