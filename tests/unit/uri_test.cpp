#include <doctest/doctest.h>

#include <flux/core/uri.hpp>

TEST_SUITE_BEGIN("uri");

using flux::Uri;

TEST_CASE("a password is never in the redacted text") {
  struct Row {
    const char *text, *redacted;
  };
  const Row rows[] = {
      {"postgresql://bob@localhost/app", "postgresql://bob@localhost/app"},
      {"postgresql://bob:secret@localhost/app", "postgresql://bob:***@localhost/app"},
      {"postgresql://bob:se%20cret@localhost/app?sslmode=require", "postgresql://bob:***@localhost/app?sslmode=require"},
      {"postgresql://bob:p@ss@localhost/app", "postgresql://bob:***@localhost/app"},
      {"postgresql://bob:p/w@localhost/app", "postgresql://bob:***@localhost/app"},
      {"postgresql://bob:s@h/app?options=a@b", "postgresql://bob:***@h/app?options=a@b"},
      {"postgresql://bob:p?w@localhost/app", "postgresql://bob:***@localhost/app"},
      {"postgresql://localhost/app?user=bob&password=secret&x=1", "postgresql://localhost/app?user=bob&password=***&x=1"},
      {"postgresql://localhost/app?sslpassword=secret", "postgresql://localhost/app?sslpassword=***"},
      {"postgresql:///app?host=/tmp", "postgresql:///app?host=/tmp"},
      {"host=localhost password=secret dbname=app", "host=localhost password=*** dbname=app"},
      {"host=localhost password='se cret' dbname=app", "host=localhost password=*** dbname=app"},
      {"host=localhost password='it\\'s' dbname=app", "host=localhost password=*** dbname=app"},
      {"host=localhost PASSWORD = secret dbname=app", "host=localhost PASSWORD = *** dbname=app"},
      {"password=secret application_name=https://ci/x", "password=*** application_name=https://ci/x"},
      {"application_name=https://ci/x password='a://b c@d'", "application_name=https://ci/x password=***"},
      {"password='never ended", "password=***"},
      {"sqlite:app.db", "sqlite:app.db"},
      {"", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(Uri(row.text).redacted() == row.redacted);
  }
}

TEST_CASE("a message is scrubbed of the password, however it is written") {
  CHECK(Uri("postgresql://bob:s%2Fx@h/app").scrub("no s%2Fx and no s/x") == "no *** and no ***");
  CHECK(Uri("password='it\\'s'").scrub("it's wrong") == "*** wrong");
  CHECK(Uri("postgresql://bob:s3cr3t@h/app").scrub("bad postgresql://bob:s3cr3t@h/app") == "bad postgresql://bob:***@h/app");
  CHECK(Uri("sqlite:app.db").scrub("app.db is locked") == "app.db is locked");
}

TEST_CASE("a password that is a name as well, or part of a word, masks nothing") {
  CHECK(Uri("postgresql://app:app@/app").scrub("relation app_users of app") == "relation app_users of app");
  CHECK(Uri("postgresql://bob:users@/app").scrub("relation app_users, users!") == "relation app_users, ***!");
}

TEST_CASE("an empty password changes no message") { CHECK(Uri("postgresql://bob:@h/app").scrub("hello") == "hello"); }

TEST_SUITE_END();
