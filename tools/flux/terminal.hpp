// What stdin, stdout and stderr are connected to.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flux::cli {

// What an output stream can show.
struct Stream {
  bool terminal = false;
  bool colour = false;
  bool moves = false;       // a terminal that can clear a line: a progress line makes sense
  std::size_t columns = 0;  // 0: not a terminal, lines may have any length

  // `text` in a colour, or as it is where the stream has none.
  std::string bold(std::string_view text) const { return painted("1", text); }
  std::string dim(std::string_view text) const { return painted("2", text); }
  std::string red(std::string_view text) const { return painted("31", text); }
  std::string green(std::string_view text) const { return painted("32", text); }
  std::string yellow(std::string_view text) const { return painted("33", text); }

 private:
  std::string painted(std::string_view code, std::string_view text) const;
};

struct Terminal {
  Stream out, err;
  bool interactive = false;  // a person can be asked: stdin and stderr are a terminal
};

// Looks at the process's streams, NO_COLOR and TERM. `no_colour`: the user wants none.
Terminal detect_terminal(bool no_colour);

}  // namespace flux::cli
