#include "session.hpp"

#include <stdexcept>

namespace flux::testing {
namespace {

using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;

}  // namespace

Session::Session(const std::string& uri) : connection_(PQconnectdb(uri.c_str()), &PQfinish) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_.get()));
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
}

std::optional<std::string> Session::attempt(const std::string& sql) {
  const Result result(PQexec(connection_.get(), sql.c_str()), &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) return std::nullopt;
  return PQerrorMessage(connection_.get());
}

void Session::run(const std::string& sql) {
  if (const auto error = attempt(sql)) throw std::runtime_error(*error + "in " + sql);
}

std::vector<std::vector<std::string>> Session::ask(const std::string& sql) {
  const Result result(PQexec(connection_.get(), sql.c_str()), &PQclear);
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK)
    throw std::runtime_error(PQerrorMessage(connection_.get()) + sql);
  std::vector<std::vector<std::string>> out(static_cast<std::size_t>(PQntuples(result.get())));
  for (std::size_t row = 0; row < out.size(); ++row)
    for (int column = 0; column < PQnfields(result.get()); ++column)
      out[row].emplace_back(PQgetvalue(result.get(), static_cast<int>(row), column));
  return out;
}

}  // namespace flux::testing
