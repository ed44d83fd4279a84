#include <flux/core/hash.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace flux {
namespace {

constexpr std::string_view sha256_prefix = "sha256:";

std::string hex_digest(const EVP_MD* algorithm, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (EVP_Digest(text.data(), text.size(), digest, &length, algorithm, nullptr) != 1)
    throw std::runtime_error("libcrypto cannot compute a hash here");
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < length; ++i) {
    hex += digits[digest[i] >> 4U];
    hex += digits[digest[i] & 15U];
  }
  return hex;
}

bool is_md5(std::string_view stored) {
  return stored.size() == 32 &&
         std::all_of(stored.begin(), stored.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

}  // namespace

std::string script_hash(std::string_view text) { return std::string(sha256_prefix) + hex_digest(EVP_sha256(), text); }

std::string hash_like(std::string_view text, std::string_view stored) {
  return is_md5(stored) ? hex_digest(EVP_md5(), text) : script_hash(text);
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
