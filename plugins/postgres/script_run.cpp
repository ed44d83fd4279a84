#include "script_run.hpp"

#include <algorithm>
#include <cstdlib>

#include "error_position.hpp"

namespace flux::postgres {
namespace {

// Large enough to cost nothing per statement, small enough that neither libpq nor the server holds a big script twice.
constexpr std::size_t piece_size = std::size_t{256} << 10;

// Where line `number` (from 1) of `text` begins; 0 where it has none.
std::size_t byte_of_line(std::string_view text, std::size_t number) {
  std::size_t at = 0;
  while (--number > 0) {
    at = text.find('\n', at);
    if (at == std::string_view::npos) return 0;
    ++at;
  }
  return at;
}

// The line that a failed COPY names in its context, "COPY users, line 3, column age"; 0: none.
std::size_t line_of_copy(const std::string& context) {
  constexpr std::string_view mark = ", line ";
  const std::size_t at = context.compare(0, 5, "COPY ") == 0 ? context.find(mark) : std::string::npos;
  return at == std::string::npos ? 0 : std::strtoul(context.c_str() + at + mark.size(), nullptr, 10);
}

}  // namespace

void ScriptRun::run() {
  transaction_ = connection_.transaction_status();
  ScriptSplitter splitter(text_, connection_.setting("standard_conforming_strings") != "off");
  while (const auto statement = splitter.next()) {
    if (offsets_.empty()) begin_ = statement->offset;
    offsets_.push_back(statement->offset);
    end_ = statement->sql_end;
    data_offset_ = statement->data_offset;
    if (statement->kind.takes_data || statement->kind.changes_reading || end_ - begin_ >= piece_size)
      send_piece(text_.substr(statement->data_offset, statement->data_length));
  }
  if (!offsets_.empty()) send_piece({});
}

void ScriptRun::send_piece(std::string_view data) {
  // The script is UTF-8, whatever it tells the server that it is.
  if (connection_.setting("client_encoding") != "UTF8") connection_.run("SET client_encoding TO 'UTF8'");
  connection_.send_row_by_row(settings_ + std::string(text_.substr(begin_, end_ - begin_)));
  std::size_t completed = 0;
  bool copying = false;
  Result error;
  while (Result result = connection_.next()) {
    switch (PQresultStatus(result.get())) {
      case PGRES_COPY_IN:
        copying = data_offset_ != 0;
        connection_.feed(data, copying ? nullptr : "COPY FROM STDIN has no data here");
        break;
      case PGRES_COPY_OUT:
        connection_.drop_copied();
        break;
      case PGRES_COMMAND_OK:
      case PGRES_TUPLES_OK:
        ++completed;
        break;
      case PGRES_FATAL_ERROR:
      case PGRES_BAD_RESPONSE:
        if (!error) error = std::move(result);
        break;
      default:
        break;
    }
  }
  if (error) fail(error.get(), std::max(completed, settings_count_) - settings_count_, copying);
  first_index_ += offsets_.size();
  check_transaction();
  offsets_.clear();
  settings_.clear();
  settings_count_ = 0;
}

void ScriptRun::fail(const PGresult* error, std::size_t completed, bool copying) const {
  try {
    connection_.fail(error, FLUX_E_SCRIPT);
  } catch (BackendError& e) {
    if (e.code() == FLUX_E_CONNECTION) throw;
    const std::size_t at = position_of(error, completed, copying);
    const auto behind = std::upper_bound(offsets_.begin(), offsets_.end(), at);
    const auto in_piece = std::max<std::ptrdiff_t>(behind - offsets_.begin(), 1) - 1;
    e.statement(static_cast<std::int64_t>(first_index_) + in_piece).offset(static_cast<std::int64_t>(at));
    if (transaction_ == PQTRANS_INTRANS && connection_.transaction_status() != PQTRANS_INERROR)
      e.hint("the script itself ended the transaction: what ran before that stays");
    throw;
  }
}

// Where the error is: the server's own position, else the line of the data, else in the statement that did not
// complete the thing that the server does not know, else that statement's beginning.
std::size_t ScriptRun::position_of(const PGresult* error, std::size_t completed, bool copying) const {
  if (const auto at = stated_position(connection_, error, text_.substr(begin_, end_ - begin_), settings_.size()))
    return begin_ + *at;
  if (copying)
    if (const std::size_t line = line_of_copy(field(error, PG_DIAG_CONTEXT)); line > 0)
      return data_offset_ + byte_of_line(text_.substr(data_offset_), line);
  const std::size_t failed = std::min(completed, offsets_.size() - 1);
  const std::size_t begin = offsets_[failed];
  const std::size_t end = failed + 1 < offsets_.size() ? offsets_[failed + 1] : end_;
  return begin + byte_of_unknown_name(error, text_.substr(begin, end - begin));
}

void ScriptRun::check_transaction() const {
  if (connection_.transaction_status() == transaction_) return;
  if (transaction_ == PQTRANS_INTRANS) throw ended_transaction(text_);
  throw BackendError(FLUX_E_SCRIPT, "the script left a transaction open").hint("take BEGIN out of it");
}

BackendError ended_transaction(std::string_view text) {
  BackendError error(FLUX_E_SCRIPT, "the script ended the transaction that Flux runs it in");
  error.hint("take BEGIN, COMMIT and ROLLBACK out of it; what it committed itself stays");
  ScriptSplitter splitter(text);
  for (std::int64_t index = 0; const auto statement = splitter.next(); ++index)
    if ((statement->kind.flags & FLUX_STATEMENT_TRANSACTION_CONTROL) != 0)
      return error.statement(index).offset(static_cast<std::int64_t>(statement->offset));
  return error;
}

}  // namespace flux::postgres
