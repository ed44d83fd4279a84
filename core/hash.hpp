// Hashes of scripts, as the history keeps them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flux {

// A SHA-256.
using Digest = std::array<std::uint8_t, 32>;
Digest sha256(std::string_view text);
// "sha256:" and 64 hex digits, and back; nullopt for every other text.
std::string hash_text(const Digest& digest);
std::optional<Digest> parse_hash(std::string_view text);

// "sha256:" and 64 hex digits, of a normalised text.
std::string script_hash(std::string_view text);

// Whether `text` is what `stored` was made from: "sha256:HEX", or the 32 hex digits (MD5) that flux-migrations
// (Python) wrote.
bool hash_matches(std::string_view text, std::string_view stored);

// The hash of `text` in the form of `stored`, so that both can be shown side by side.
std::string hash_like(std::string_view text, std::string_view stored);

}  // namespace flux
