#include "proxy.hpp"

#include <libpq-fe.h>

#include <thread>

#include "scene.hpp"

using namespace flux::testing;

namespace {

struct Session {
  explicit Session(const std::string& uri) : connection(PQconnectdb(uri.c_str()), &PQfinish) {}
  // The first value of the last result, or the error, up to its first line's end.
  std::string run(const std::string& sql) const {
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection.get(), sql.c_str()), &PQclear);
    if (PQresultStatus(result.get()) == PGRES_TUPLES_OK) return PQgetvalue(result.get(), 0, 0);
    const std::string error = PQerrorMessage(connection.get());
    return error.substr(0, error.find('\n'));
  }
  bool good() const { return PQstatus(connection.get()) == CONNECTION_OK; }

  std::unique_ptr<PGconn, void (*)(PGconn*)> connection;
};

Fault deed(bool is, Fault::Deed deed, bool pass_first = false) {
  Fault out;
  if (is) out.deed = deed, out.pass_first = pass_first;
  return out;
}

}  // namespace

TEST_SUITE_BEGIN("proxy");

TEST_CASE("the proxy frames, counts and logs messages of both directions") {
  const PostgresScene scene;
  Proxy proxy(postgres().port());
  const Session session(proxy.uri(scene.name()));
  REQUIRE(session.good());
  const int before = proxy.messages();
  CHECK(session.run("select 42") == "42");
  CHECK(proxy.messages() == before + 5);  // Query, RowDescription, DataRow, CommandComplete, ReadyForQuery
  CAPTURE(proxy.log());
  CHECK(contains(proxy.log(), std::to_string(before + 1) + " #1 client Q 15 select 42\n"));
  CHECK(contains(proxy.log(), " #1 server C 14 SELECT 1\n"));
  CHECK(contains(session.run("select nonsense"), "nonsense"));
  CHECK(contains(proxy.log(), "server E"));
  CHECK(session.run("select length('" + std::string(300'000, 'x') + "')") == "300000");
}

TEST_CASE("the proxy refuses encryption and passes requests to cancel on") {
  const PostgresScene scene;
  Proxy proxy(postgres().port());
  const Session session("host=127.0.0.1 user=postgres sslmode=prefer port=" + std::to_string(proxy.port()) +
                        " dbname=" + scene.name());
  REQUIRE(session.good());
  PGcancel* cancel = PQgetCancel(session.connection.get());
  std::thread later([&] {
    REQUIRE(eventually([&] { return sessions_with(*scene.database, "pg_sleep") == 1; }));
    char error[256];
    CHECK(PQcancel(cancel, error, sizeof error) == 1);
  });
  CHECK(contains(session.run("select pg_sleep(60)"), "canceling statement"));
  later.join();
  PQfreeCancel(cancel);
}

TEST_CASE("the proxy cuts before a message or behind it, and the other connections live") {
  const PostgresScene scene;
  scene.run("create table t (a int)");
  for (const bool pass_first : {false, true}) {
    CAPTURE(pass_first);
    Proxy proxy(postgres().port(),
                [&](const Message& m) { return deed(m.is_query("insert"), Fault::Deed::cut, pass_first); });
    const Session cut(proxy.uri(scene.name())), other(proxy.uri(scene.name()));
    cut.run("insert into t values (1)");
    CHECK_FALSE(cut.good());
    CHECK(other.run("select 1") == "1");
    CHECK(eventually([&] { return scene.run("select count(*) from t") == (pass_first ? "1" : "0"); }));
  }
}

TEST_CASE("a client that is cut off alone leaves its session at the server") {
  const PostgresScene scene;
  Proxy proxy(postgres().port(),
              [](const Message& m) { return deed(m.is_query("select 'cut'"), Fault::Deed::cut_client); });
  const Session session(proxy.uri(scene.name()));
  session.run("begin");
  session.run("select 'cut'");
  CHECK_FALSE(session.good());
  CHECK(sessions_with(*scene.database, "begin", "idle in transaction") == 1);
}

TEST_CASE("swallowed messages arrive nowhere while both sides stay open, delayed ones do later") {
  const PostgresScene scene;
  Proxy proxy(postgres().port(), [](const Message& m) {
    Fault out = deed(m.is_query("select 'swallow'"), Fault::Deed::swallow);
    if (m.is_query("select 'delay'")) out.delay = std::chrono::milliseconds(300);
    return out;
  });
  const Session session(proxy.uri(scene.name()));
  const auto start = std::chrono::steady_clock::now();
  CHECK(session.run("select 'delay'") == "delay");
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(300));
  REQUIRE(PQsendQuery(session.connection.get(), "select 'swallow'") == 1);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  REQUIRE(PQconsumeInput(session.connection.get()) == 1);
  CHECK(PQisBusy(session.connection.get()) == 1);
  CHECK(sessions_with(*scene.database, "swallow", "idle") == 0);
}

TEST_SUITE_END();
