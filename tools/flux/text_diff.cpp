#include "text_diff.hpp"

// dtl is not written for the warnings of this project.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <dtl/dtl.hpp>
#pragma GCC diagnostic pop
#include <sstream>
#include <vector>

#include "text.hpp"

namespace flux::cli {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

}  // namespace

std::string text_diff(std::string_view before, std::string_view after, const Stream& stream) {
  dtl::Diff<std::string> diff(lines_of(before), lines_of(after));
  diff.onHuge();
  diff.compose();
  diff.composeUnifiedHunks();
  std::stringstream plain;
  diff.printUnifiedFormat(plain);
  std::string out;
  for (std::string line; std::getline(plain, line);) {
    line = visible(line);
    if (line.starts_with('+')) line = stream.green(line);
    else if (line.starts_with('-')) line = stream.red(line);
    else if (line.starts_with("@@")) line = stream.dim(line);
    out += line + '\n';
  }
  return out;
}

}  // namespace flux::cli
