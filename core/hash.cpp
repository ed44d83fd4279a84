#include <flux/core/hash.hpp>

// Of SHA256_Init and the like: EVP, which is to follow them, loads all of libcrypto's providers first, and that is more
// work than all else that a run with nothing to do has.
#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace flux {
namespace {

constexpr std::string_view sha256_prefix = "sha256:";

std::string hex(const unsigned char* bytes, std::size_t size) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * size);
  for (std::size_t i = 0; i < size; ++i) {
    out += digits[bytes[i] >> 4U];
    out += digits[bytes[i] & 15U];
  }
  return out;
}

std::string md5_hex(std::string_view text) {
  std::array<unsigned char, 16> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_md5(), nullptr) != 1)
    throw std::runtime_error("libcrypto cannot compute MD5 here");
  return hex(digest.data(), digest.size());
}

// -1: not a digit of the hashes that flux writes.
int digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool is_md5(std::string_view stored) {
  return stored.size() == 32 &&
         std::all_of(stored.begin(), stored.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

}  // namespace

Digest sha256(std::string_view text) {
  Digest digest{};
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, text.data(), text.size());
  SHA256_Final(digest.data(), &context);
  return digest;
}

std::string hash_text(const Digest& digest) { return std::string(sha256_prefix) + hex(digest.data(), digest.size()); }

std::optional<Digest> parse_hash(std::string_view text) {
  Digest digest{};
  if (text.size() != sha256_prefix.size() + 2 * digest.size() || !text.starts_with(sha256_prefix)) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = digit(text[sha256_prefix.size() + 2 * i]), low = digit(text[sha256_prefix.size() + 2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return digest;
}

std::string script_hash(std::string_view text) { return hash_text(sha256(text)); }

std::string hash_like(std::string_view text, std::string_view stored) {
  return is_md5(stored) ? md5_hex(text) : script_hash(text);
}

bool hash_matches(std::string_view text, std::string_view stored) {
  const auto same = [&](const std::string& current) {
    return std::equal(current.begin(), current.end(), stored.begin(), stored.end(),
                      [](unsigned char a, unsigned char b) { return a == std::tolower(b); });
  };
  if (same(hash_like(text, stored))) return true;
  // flux-migrations (Python) hashes a byte order mark with the text.
  return is_md5(stored) && same(hash_like("\xEF\xBB\xBF" + std::string(text), stored));
}

}  // namespace flux
