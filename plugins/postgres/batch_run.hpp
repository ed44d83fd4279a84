// Runs many units, each a script with its history row, without waiting for one before the next is sent.
#pragma once

#include <cstdint>
#include <exception>
#include <flux/backend.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "canceller.hpp"
#include "history_table.hpp"
#include "lock_waits.hpp"
#include "migration_lock.hpp"
#include "patience.hpp"
#include "pipeline.hpp"
#include "session.hpp"
#include "statement_splitter.hpp"

namespace flux::postgres {

// What a batch works with.
struct BatchMeans {
  Connection& connection;
  Session& session;
  const HistoryTable& history;
  Canceller& canceller;
  MigrationLock* lock;            // NULL: not locked
  std::int64_t transaction_lock;  // what each transaction takes first
  bool in_transaction;            // all units run in the one that is open, not each in its own
  bool used;                      // a script has run in that transaction
  Host host;
};

// A round trip for all of it: the commands of every unit, its transaction's included, are sent one behind the other,
// and the server passes over what follows one that fails. So what is otherwise decided between two answers is decided
// by the server: a unit's transaction fails by itself where its row is there already, and where the migration lock is
// lost.
class BatchRun {
 public:
  // The session is fresh, or has been used in the open transaction.
  explicit BatchRun(const BatchMeans& means);

  // Sends one unit, which must live as long as this. False, with nothing sent, where it cannot be sent this way: COPY,
  // what changes how the server reads what follows, what cannot be split or run in a transaction.
  bool send(const Unit& unit);

  // Was a script sent that may have changed the session?
  bool used() const { return used_; }

  // What became of it all.
  struct Outcome {
    std::exception_ptr error;  // of the first unit that is not settled; null: all are
    // What failed was one of the conditions that Flux has added: the error is not for people.
    enum class Condition { none, to_do, locked } condition = Condition::none;
    std::size_t unit = 0;
    int process = 0;  // the server's
  };
  // Takes the answers. To be called once, after the last send().
  Outcome receive(const BatchApplier::Settled& settled);

 private:
  enum class Kind { own, to_do, init, statement, locked, row, commit };
  // A command that was sent.
  struct Sent {
    Kind kind;
    std::size_t unit;
    bool settles = false;  // its answer is the last of its unit
    std::int64_t statement = 0;
    std::size_t offset = 0, length = 0;  // Kind::statement: in the script
  };

  bool is_quiet(const Script& script, const std::vector<ScriptStatement>& statements) const;
  void send_beginning(const Unit& unit);
  void send_row(const Unit& unit);
  void send_own(const std::vector<std::string>& commands, Kind kind = Kind::own);
  void send_one(Kind kind, const std::string& sql, const Parameters& parameters = {});
  std::string to_do_sql(const Unit& unit, bool first) const;
  void watch(const Sent& sent);
  void take(const Sent& sent, const PGresult* result, const BatchApplier::Settled& settled);
  [[noreturn]] void fail(const Sent& sent, const PGresult* error);

  BatchMeans means_;
  std::vector<std::string> separate_, init_, enter_, reset_, leave_;
  bool conforming_strings_;
  Pipeline pipeline_;
  std::vector<const Unit*> units_;
  bool used_ = false;
  bool clean_;          // nothing of earlier scripts is left in the session
  bool process_known_;  // a pooler makes numbers up
  std::vector<Sent> sent_;

  // While the answers are taken.
  std::size_t watched_unit_ = 0;
  bool watched_commit_ = false;
  std::optional<LockWaits> waits_;
  std::optional<BatchPatience> patience_;
  std::optional<CommitPatience> commit_patience_;
  std::optional<Connection::Watched> watched_;
  std::int64_t duration_ms_ = -1;
  Outcome outcome_;
};

}  // namespace flux::postgres
