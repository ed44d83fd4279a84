#include <doctest/doctest.h>

#include "fixture.hpp"

using namespace flux::testing;

namespace {

struct Migration {
  std::string id, up, undo;
};

// Six migrations on a table of their own: it, a trigger, a view, rows, an index, another column.
void add_feature(std::vector<Migration>& all, int number) {
  const std::string n = std::to_string(1000 + number), t = "t" + n;
  all.push_back(
      {n + "_1",
       "create table " + t + " (id integer primary key, a text default ';' check (a <> 'end;'),\n" +
           "  b text generated always as (upper(a) || ';') stored, c as (length(a)), parent integer references " + t +
           " (id)); -- ; no end\ncreate table " + t + "_log (what text)",
       "drop table " + t + "; drop table " + t + "_log;"});
  all.push_back({n + "_2",
                 "create trigger " + t + "_logged after insert on " + t + " when new.a <> 'quiet;' begin\n" +
                     "  insert into " + t +
                     "_log values (case when new.a = ';' then 'default' else 'own; ' || new.a end);\n  update " + t +
                     " set a = new.a where id = new.id;\nend;",
                 "drop trigger " + t + "_logged"});
  all.push_back({n + "_3",
                 "create view " + t + "_v as select b, (select count(*) from " + t + "_log) as logged from " + t,
                 "drop view " + t + "_v"});
  all.push_back({n + "_4",
                 "insert into " + t + " (id, a) values (1, 'x'), (2, ';');\n/* ; */ insert into " + t +
                     " (id, a, parent) select 3, b, 1 from " + t + "_v where b = 'X;'",
                 "delete from " + t + "; delete from " + t + "_log"});
  all.push_back({n + "_5", "create unique index \"" + t + ";i\" on " + t + " (b, lower(a)) where c > 0",
                 "drop index \"" + t + ";i\""});
  all.push_back({n + "_6", "alter table " + t + " add column d text not null default 'it''s;'",
                 "alter table " + t + " drop column d"});
}

void undo(Client& client, const Migration& migration) {
  client.begin();
  client.apply(migration.undo, migration.id);
  client.unregister_migration("", migration.id);
  client.commit();
}

}  // namespace

TEST_SUITE("sqlite project") {
  TEST_CASE("three hundred migrations go up, all the way down to the start, and up again") {
    std::vector<Migration> all;
    for (int i = 0; i < 50; ++i) add_feature(all, i);
    TempFolder folder;
    const std::filesystem::path file = folder / "app.db";
    Client client(file, {{"init_sql", std::string("PRAGMA synchronous = off")}});
    client.initialize();
    const std::string start = dump(file);
    for (const Migration& migration : all) client.migrate(migration.id, migration.up);
    CHECK(client.list_history().size() == 300);
    CHECK(Database(file).ask("select * from t1049_v") == "X;|3\n;;|3\nX;;|3");
    const auto without_times = [&] {
      Database(file).run("update _flux_migrations set applied_at = ''");
      return dump(file);
    };
    const std::string top = without_times();
    for (auto migration = all.rbegin(); migration != all.rend(); ++migration) {
      CAPTURE(migration->id);
      CHECK_NOTHROW(undo(client, *migration));
    }
    CHECK(dump(file) == start);
    for (const Migration& migration : all) client.migrate(migration.id, migration.up);
    CHECK(without_times() == top);
    CHECK(Database(file).ask("pragma integrity_check") == "ok");
  }
}
