#include <doctest/doctest.h>

#include "database.hpp"

int main(int argc, char** argv) {
  const int failed = doctest::Context(argc, argv).run();
  flux::testing::end_server();
  return failed;
}
