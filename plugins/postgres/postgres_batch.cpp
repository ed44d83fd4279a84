// The PostgreSQL backend's batches.
#include "batch_run.hpp"
#include "postgres_backend.hpp"
#include "writable.hpp"

namespace flux::postgres {
namespace {

BackendError done_by_another_run(const Unit& unit) {
  return BackendError(FLUX_E_CONFLICT, unit.removes
                                           ? "the history has it no more: another run has undone it meanwhile"
                                           : "the history already has it: another run has applied it meanwhile")
      .hint("nothing is wrong with the script");
}

}  // namespace

void PostgresBackend::apply_batch(const std::vector<Unit>& units, const Settled& settled) {
  constexpr const char* not_this_way = "this cannot be sent without waiting";
  const bool own_transactions = !transaction_;
  BatchRun::Outcome outcome;
  std::size_t sent = 0;
  {
    const Canceller::Call call(canceller_);
    if (own_transactions) {
      rest();
      require_run_lock();
    }
    Target& to = target();
    // What init_sql makes of the session is known only after it has run, and who reads UTF-8 otherwise cannot be sent
    // it.
    if (to.session.needs_transaction() || in_parts_ || to.connection.setting("client_encoding") != "UTF8")
      throw BackendError(FLUX_E_UNSUPPORTED, not_this_way);
    BatchRun run({to.connection, to.session, history_, canceller_, lock_.get(), locks_.transaction, !own_transactions,
                  !own_transactions && transaction_->ran_script, host_});
    try {
      while (sent < units.size() && run.send(units[sent])) ++sent;
    } catch (const std::exception& e) {
      // Half of a unit has been sent: what has become of all is for the history to say.
      to.connection.abandon();
      throw BackendError(FLUX_E_CONNECTION, e.what());
    }
    if (run.used()) script_locked_ = false;
    if (run.used() && !own_transactions) transaction_->ran_script = true;
    outcome = run.receive(settled);
  }
  backend_pid_ = outcome.process;
  if (outcome.error) end_batch(outcome, units[outcome.unit]);
  if (sent < units.size()) throw BackendError(FLUX_E_UNSUPPORTED, not_this_way);
}

void PostgresBackend::end_batch(const BatchRun::Outcome& outcome, const Unit& unit) {
  if (!transaction_) send_rollback();
  if (outcome.condition == BatchRun::Outcome::Condition::locked) throw lock_lost();
  if (outcome.condition == BatchRun::Outcome::Condition::to_do) {
    if (!transaction_) check_writable(target().connection.run(std::string("SELECT ") + writable_columns).get());
    throw done_by_another_run(unit);
  }
  std::rethrow_exception(outcome.error);
}

}  // namespace flux::postgres
