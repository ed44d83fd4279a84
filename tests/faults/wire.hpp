// The frames of PostgreSQL's protocol, version 3, as bytes come in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace flux::testing {

struct Frame {
  char type = 0;      // 'Q', 'C', …; 0: the first packet of a client, which has none
  std::string bytes;  // all of it, type and length included
  // What tells it from others of its type, at most 1000 bytes: the SQL of a Query or Parse, the tag of a
  // CommandComplete, the message of an ErrorResponse; "cancel" or "ssl" for such a first packet.
  std::string text;
};

// Cuts one direction of one connection into frames.
class FrameReader {
 public:
  enum class Side { client, server };  // whose bytes these are
  explicit FrameReader(Side side) : side_(side), first_(side == Side::client) {}

  void feed(std::string_view bytes) { pending_ += bytes; }
  // The next whole frame; nothing where more bytes are needed.
  std::optional<Frame> next();
  // The next packet has no type, as after a refused request for encryption.
  void expect_first() { first_ = true; }

 private:
  std::string describe(char type, std::string_view payload) const;

  Side side_;
  bool first_;
  std::string pending_;
};

}  // namespace flux::testing
