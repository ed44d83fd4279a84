// Commands that are sent without waiting for the answers to those before them.
#pragma once

#include <cstddef>
#include <string>

#include "connection.hpp"

namespace flux::postgres {

// libpq's pipeline mode. After a command that fails, the server passes over all that follow it. Nothing else may use
// the connection as long as this lives.
class Pipeline {
 public:
  explicit Pipeline(Connection& connection);
  // Ends what still runs by waiting for it.
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Sends one command, as soon as there is room for it on the way. Throws FLUX_E_CONNECTION.
  void send(const std::string& sql, const Parameters& parameters = {});
  // Makes the server hand out the answers to what has been sent so far when it has them, not only when it has many.
  void flush();
  // No more commands follow.
  void end();

  // The result of the next command, in the order in which they were sent, failed ones too; NULL where the connection is
  // lost. Without rows where they are to be dropped.
  Result next(bool drop_rows);
  // Waits until all commands have been answered, and drops the answers.
  void drain();

 private:
  PGconn* raw() const { return connection_.connection_.get(); }

  Connection& connection_;
  std::size_t unanswered_ = 0;
  bool ended_ = false, drained_ = true;  // drained: nothing is to come
};

}  // namespace flux::postgres
