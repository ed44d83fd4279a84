// Prints the manual page of flux; the build makes flux.1 with it.
#include <cstdio>

#include "command_line.hpp"
#include "manual_text.hpp"

int main() {
  const std::string page = flux::cli::manual_text(flux::cli::command_line_spec());
  return std::fputs(page.c_str(), stdout) == EOF || std::fflush(stdout) == EOF ? 1 : 0;
}
