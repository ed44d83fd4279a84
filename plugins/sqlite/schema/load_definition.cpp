#include "load_definition.hpp"

#include <memory>

#include "../lexer.hpp"

namespace flux::sqlite {
namespace {

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

[[noreturn]] void fail(const Connection& connection, std::string_view sql) {
  const int known = sqlite3_error_offset(connection.handle());
  const std::size_t offset = known < 0 ? skip_blanks(sql, 0) : static_cast<std::size_t>(known);
  throw connection.error(FLUX_E_SCRIPT).offset(static_cast<std::int64_t>(offset));
}

}  // namespace

void load_definition(const Connection& connection, std::string_view sql) {
  sqlite3_stmt* prepared = nullptr;
  const int result =
      sqlite3_prepare_v2(connection.handle(), sql.data(), static_cast<int>(sql.size()), &prepared, nullptr);
  const std::unique_ptr<sqlite3_stmt, Finalize> statement(prepared);
  if (result != SQLITE_OK || (prepared != nullptr && sqlite3_step(prepared) != SQLITE_DONE)) fail(connection, sql);
}

}  // namespace flux::sqlite
