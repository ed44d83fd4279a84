#include <doctest/doctest.h>

#include <flux/core/hash.hpp>

TEST_SUITE_BEGIN("hash");

const char* const sha256_of_abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const char* const md5_of_abc = "900150983cd24fb0d6963f7d28e17f72";

TEST_CASE("new hashes are SHA-256") { CHECK(flux::script_hash("abc") == sha256_of_abc); }

TEST_CASE("a stored hash is compared in its own kind") {
  CHECK(flux::hash_matches("abc", sha256_of_abc));
  CHECK(flux::hash_matches("abc", md5_of_abc));
  CHECK(flux::hash_matches("abc", "900150983CD24FB0D6963F7D28E17F72"));
  CHECK_FALSE(flux::hash_matches("abd", sha256_of_abc));
  CHECK_FALSE(flux::hash_matches("abd", md5_of_abc));
  CHECK_FALSE(flux::hash_matches("abc", ""));
  CHECK_FALSE(flux::hash_matches("abc", "something else"));
}

TEST_CASE("an MD5 may have been made with the byte order mark") {
  CHECK(flux::hash_matches("abc", flux::hash_like("\xEF\xBB\xBF" "abc", md5_of_abc)));
}

TEST_CASE("both hashes are shown in the same kind") {
  CHECK(flux::hash_like("abc", "00000000000000000000000000000000") == md5_of_abc);
  CHECK(flux::hash_like("abc", "sha256:00") == sha256_of_abc);
}

TEST_SUITE_END();
