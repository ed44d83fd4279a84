#include "inspect.hpp"

#include "../pipeline.hpp"
#include "../server_error.hpp"
#include "body_order.hpp"
#include "kind.hpp"

namespace flux::postgres::schema {
namespace {

// Names are deparsed with their schemas, what is read is one state, and nothing waits for a compiler.
constexpr const char* settings =
    "SELECT pg_catalog.set_config('search_path', '', true), pg_catalog.set_config('jit', 'off', true), "
    "pg_catalog.set_config('quote_all_identifiers', 'off', true), pg_catalog.set_config('DateStyle', 'ISO', true), "
    "pg_catalog.set_config('IntervalStyle', 'postgres', true), pg_catalog.set_config('TimeZone', 'UTC', true), "
    "pg_catalog.set_config('extra_float_digits', '3', true)";

// Sends all queries at once and hands the answers over as they come.
class Conversation {
 public:
  explicit Conversation(Connection& connection)
      : connection_(connection), inside_(connection.transaction_status() != PQTRANS_IDLE), pipeline_(connection) {}

  void send(const std::string& sql) { pipeline_.send(sql); }
  void begin() {
    send(inside_ ? "SAVEPOINT flux_inspect" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    send(settings);
  }
  // No more queries: what begin() has sent is answered first.
  void end() {
    if (inside_) send("ROLLBACK TO SAVEPOINT flux_inspect");
    send(inside_ ? "RELEASE SAVEPOINT flux_inspect" : "COMMIT");
    pipeline_.end();
    for (int i = 0; i < 2; ++i) answer();
  }
  Result answer() {
    Result result = pipeline_.next(false);
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK && PQresultStatus(result.get()) != PGRES_COMMAND_OK)
      connection_.fail(result.get(), FLUX_E_FAILED);
    return result;
  }

 private:
  Connection& connection_;
  bool inside_;
  Pipeline pipeline_;
};

void read_all(Conversation& talk, int server_version, Catalog& catalog) {
  const std::vector<std::string> base = catalog.queries();
  std::vector<std::size_t> counts;
  for (const std::string& sql : base) talk.send(sql);
  for (const Kind* kind : kinds()) {
    const std::vector<std::string> queries = kind->queries(server_version);
    for (const std::string& sql : queries) talk.send(sql);
    counts.push_back(queries.size());
  }
  talk.send(Catalog::depend_query());
  talk.end();
  for (std::size_t i = 0; i < base.size(); ++i) catalog.read(i, Rows(talk.answer().get()));
  for (std::size_t k = 0; k < counts.size(); ++k)
    for (std::size_t i = 0; i < counts[k]; ++i) kinds()[k]->read(i, Rows(talk.answer().get()), catalog);
  catalog.finish(Rows(talk.answer().get()));
}

// What a failure has left open is ended; the error that is under way counts.
void clean_up(Connection& connection, bool inside) noexcept {
  try {
    if (connection.transaction_status() == PQTRANS_IDLE) return;
    connection.run(inside ? "ROLLBACK TO SAVEPOINT flux_inspect; RELEASE SAVEPOINT flux_inspect" : "ROLLBACK");
  } catch (const std::exception&) {
    // The connection is lost.
  }
}

// What deparses looks into the catalogs as they are at the moment: something that is dropped meanwhile is an error.
bool met_a_change(const BackendError& error) { return error.sqlstate() == "XX000"; }

}  // namespace

void inspect(Connection& connection, const HistoryName& history, const std::function<void(const Fact&)>& emit) {
  constexpr int tries = 5;
  const bool inside = connection.transaction_status() != PQTRANS_IDLE;
  for (int i = 1;; ++i) {
    Catalog catalog(history);
    try {
      {
        Conversation talk(connection);
        talk.begin();
        read_all(talk, connection.server_version(), catalog);
      }
      for (const Fact* fact : in_body_order(catalog.entries())) emit(*fact);
      return;
    } catch (const BackendError& e) {
      clean_up(connection, inside);
      if (i == tries || !met_a_change(e)) throw;
    }
  }
}

}  // namespace flux::postgres::schema
