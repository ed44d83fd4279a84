// Runs one script on a connection.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connection.hpp"
#include "statement_splitter.hpp"

namespace flux::postgres {

// Sends a script in pieces of many statements and says of an error where in the script it is. COPY ... FROM STDIN
// gets the data that follows it, COPY ... TO STDOUT and rows are read and dropped.
class ScriptRun {
 public:
  // `text` must outlive the run.
  ScriptRun(Connection& connection, std::string_view text) : connection_(connection), text_(text) {}

  // Sends `settings` ahead of the script, in one message with its beginning: `count` commands in ASCII, each with its
  // semicolon.
  void prepend(std::string settings, std::size_t count) {
    settings_ = std::move(settings);
    settings_count_ = count;
  }

  // Runs all of it. Throws BackendError: FLUX_E_SCRIPT, or FLUX_E_BUSY, with index and byte offset for a statement that
  // fails, for a script that cannot be split and for one that does not leave the transaction as it found it;
  // FLUX_E_CANCELLED, FLUX_E_CONNECTION as Connection does.
  void run();

 private:
  void send_piece(std::string_view data);
  [[noreturn]] void fail(const PGresult* error, std::size_t completed, bool copying) const;
  std::size_t position_of(const PGresult* error, std::size_t completed, bool copying) const;
  void check_transaction() const;

  Connection& connection_;
  std::string_view text_;
  PGTransactionStatusType transaction_ = PQTRANS_IDLE;  // as it was before

  // What is sent ahead of the current piece.
  std::string settings_;
  std::size_t settings_count_ = 0;

  // The piece that is being collected.
  std::size_t begin_ = 0, end_ = 0;
  std::vector<std::size_t> offsets_;  // of its statements
  std::size_t first_index_ = 0;       // of its first statement in the script
  std::size_t data_offset_ = 0;       // of the data of its last statement
};

// What to throw where the script `text` has ended the transaction that it ran in, and so perhaps committed a part.
// Names the statement that did it, where that can be seen.
BackendError ended_transaction(std::string_view text);

}  // namespace flux::postgres
