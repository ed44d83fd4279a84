#include "wire.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace flux::testing {
namespace {

constexpr std::size_t longest_text = 1000;
constexpr std::uint32_t cancel_code = 80877102, ssl_code = 80877103, gss_code = 80877104;

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t out = 0;
  std::memcpy(&out, bytes.data() + at, sizeof out);
  return ntohl(out);
}

std::string until_nul(std::string_view text) {
  return std::string(text.substr(0, text.find('\0')).substr(0, longest_text));
}

// The field 'M' of an ErrorResponse: fields are a letter and a NUL-terminated text each.
std::string error_message(std::string_view fields) {
  while (!fields.empty() && fields.front() != '\0') {
    if (fields.front() == 'M') return until_nul(fields.substr(1));
    const std::size_t end = fields.find('\0');
    if (end == std::string_view::npos) break;
    fields.remove_prefix(end + 1);
  }
  return {};
}

std::string describe_first(std::string_view payload) {
  if (payload.size() < sizeof(std::uint32_t)) return {};
  const std::uint32_t code = number_at(payload, 0);
  if (code == cancel_code) return "cancel";
  return code == ssl_code || code == gss_code ? "ssl" : "";
}

}  // namespace

std::string FrameReader::describe(char type, std::string_view payload) const {
  if (side_ == Side::server) {
    if (type == 'C') return until_nul(payload);
    return type == 'E' ? error_message(payload) : "";
  }
  if (type == 'Q') return until_nul(payload);
  const std::size_t name_end = type == 'P' ? payload.find('\0') : std::string_view::npos;
  return name_end == std::string_view::npos ? "" : until_nul(payload.substr(name_end + 1));
}

std::optional<Frame> FrameReader::next() {
  const std::size_t type_size = first_ ? 0 : 1, head = type_size + sizeof(std::uint32_t);
  if (pending_.size() < head) return std::nullopt;
  const std::size_t size = type_size + number_at(pending_, type_size);  // the length counts itself
  if (pending_.size() < size) return std::nullopt;
  Frame out;
  out.bytes = pending_.substr(0, size);
  pending_.erase(0, size);
  const std::string_view payload = std::string_view(out.bytes).substr(std::min(head, out.bytes.size()));
  out.type = first_ ? '\0' : out.bytes.front();
  out.text = first_ ? describe_first(payload) : describe(out.type, payload);
  first_ = false;
  return out;
}

}  // namespace flux::testing
