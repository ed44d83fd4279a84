// The manual page flux(1)
#include <doctest/doctest.h>

#include <sstream>

#include "command_line.hpp"
#include "manual_text.hpp"

namespace {

std::string page() { return flux::cli::manual_text(flux::cli::command_line_spec()); }

// `text` as the page has it in its source.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '-' ? std::string("\\-") : std::string(1, c);
  return out;
}

}  // namespace

TEST_SUITE_BEGIN("manual");

TEST_CASE("the manual page names every command with its options, the environment and the exit codes") {
  const std::string text = page();
  const auto spec = flux::cli::command_line_spec();
  for (const auto& command : spec.commands) {
    CAPTURE(command.name);
    CHECK(text.find("flux " + command.name + "\\fR") != std::string::npos);
    for (const auto& option : command.options) {
      CAPTURE(option.long_name);
      CHECK(text.find(escaped(option.long_name)) != std::string::npos);
    }
  }
  for (const char* part : {"FLUX_BACKEND_PATH", "FLUX_DATABASE_URI", ".SH EXIT STATUS", "130, 143", "flux.toml", ".SH SCHEMA AS CODE", "renamed from=", "hazards"}) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST_CASE("no text of the manual page is taken for a macro") {
  std::istringstream lines(page());
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(line.find('\'') != 0);
    if (line.find('.') == 0)
      CHECK(std::string(".TH .SH .SS .TP .PP .RS .RE .nf .fi").find(line.substr(0, 3)) != std::string::npos);
  }
}

TEST_SUITE_END();
