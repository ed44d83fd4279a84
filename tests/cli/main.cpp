#include <doctest/doctest.h>

#include <clocale>

int main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "C.UTF-8");  // as flux does
  return doctest::Context(argc, argv).run();
}
