#include <doctest/doctest.h>

#include <flux/core/source_text.hpp>

TEST_SUITE_BEGIN("secret text");

TEST_CASE("passwords in a line of a script are masked, and columns stay what they are") {
  struct Row {
    const char *line, *shown;
  };
  const Row rows[] = {
      {"alter role app password 'secret' valid until 'x';", "alter role app password '******' valid until 'x';"},
      {"create user app with encrypted PASSWORD E'it''s' ;", "create user app with encrypted PASSWORD E'*****' ;"},
      {"do $$ begin execute 'create role r password ''hunter2'' login'; end $$;", "do $$ begin execute 'create role r password ''*******'' login'; end $$;"},
      {"alter role app password $$hunter2$$;", "alter role app password $$*******$$;"},
      {"alter role app password E'ab\\'cd' login;", "alter role app password E'******' login;"},
      {"alter role app password '' valid until 'x';", "alter role app password '' valid until 'x';"},
      {"create user a identified by 'pw';", "create user a identified by '**';"},
      {"set password for a = password('pw''1');", "set password for a = password('*****');"},
      {"create user a identified via mysql_native_password using PASSWORD( 'pw' );", "create user a identified via mysql_native_password using PASSWORD( '**' );"},
      {"create user a identified with ed25519 as 'pw';", "create user a identified with ed25519 as '**';"},
      {"create user a identified by \"it's\" require ssl;", "create user a identified by \"****\" require ssl;"},
      {"set password = password(\"pw\");", "set password = password(\"**\");"},
      {"create user a identified by /* c */ 'pw';", "create user a identified by /* c */ '**';"},
      {"change master to master_user='u', MASTER_PASSWORD='pw', master_port=1;", "change master to master_user='u', MASTER_PASSWORD='**', master_port=1;"},
      {"create table t (\"password\" text, \"x\" text);", "create table t (\"password\" text, \"x\" text);"},
      {"connection 'host=db password=hunter2 user=x'", "connection 'host=db password=******* user=x'"},
      {"select dblink('postgresql://me:hunter2@db/x');", "select dblink('postgresql://me:*******@db/x');"},
      {"alter role app password 'pässwörd'", "alter role app password '********'"},
      {"alter role app password 'cut off", "alter role app password '*******"},
      {"create table t (password text not null);", "create table t (password text not null);"},
      {"select 1;", "select 1;"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    CHECK(flux::position_at("a.sql", row.line, 0).line_text == row.shown);
  }
}

TEST_SUITE_END();
