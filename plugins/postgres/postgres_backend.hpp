// The PostgreSQL backend: what the host calls.
#pragma once

#include <flux/backend.hpp>
#include <flux/schema.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "batch_run.hpp"
#include "canceller.hpp"
#include "connection.hpp"
#include "history_table.hpp"
#include "lock_ids.hpp"
#include "migration_lock.hpp"
#include "schema/catalog.hpp"
#include "schema/shadow.hpp"
#include "session.hpp"

namespace flux::postgres {

// Works on two connections: one runs the scripts and keeps the history, the other holds the migration lock.
class PostgresBackend : public MigrationBackend,
                        public flux::StatementSplitter,
                        public BatchApplier,
                        public SchemaEditor {
 public:
  PostgresBackend(Host host, const BackendConfig& config);

  static std::vector<Key> keys();
  static const char* uri_example() { return "postgresql://localhost/app"; }

  void connect(std::string_view uri) override;
  void disconnect() noexcept override;
  std::string describe_target() override;
  void list_history(std::string_view name_space, std::uint32_t flags,
                    const std::function<void(const HistoryRow&)>& emit) override;
  void initialize() override;
  void lock(std::int64_t timeout_ms) override;
  void unlock() override;
  void begin() override;
  void commit() override;
  void rollback() override;
  void apply(const Script& script) override;
  void register_migration(const HistoryRow& row) override;
  void unregister_migration(std::string_view name_space, std::string_view id) override;
  void cancel() noexcept override { canceller_.cancel(); }
  void reconnect(std::int64_t timeout_ms) override;
  std::optional<std::string> describe_lock() override;
  void break_lock() override;
  std::vector<std::string> list_leftovers() override;
  std::optional<std::string> read_script(std::string_view name_space, std::string_view id) override;
  void split(const Script& script, const std::function<void(const Statement&)>& emit) override;
  void apply_batch(const std::vector<Unit>& units, const Settled& settled) override;

  std::string create_shadow(const std::optional<std::string>& server_uri) override;
  void drop_shadow(const std::optional<std::string>& server_uri, const std::string& uri) override;
  void inspect(const std::function<void(const Fact&)>& emit) override;
  std::optional<std::vector<SchemaStep>> change(const SchemaChange& change) override;
  void load(std::string_view sql) override;
  std::vector<std::pair<FactRef, std::string>> check_loaded() override;
  std::vector<Mention> read_definition(std::string_view sql) override;

 private:
  // A connected target. The members depend on one another in this order.
  struct Target {
    Conninfo conninfo;
    Connection connection;
    Session session;

    Target(std::string_view uri, Host host, Canceller& canceller, const std::vector<std::string>& init_sql,
           const HistoryTable& history, bool to_work);
  };
  // The open transaction.
  struct Transaction {
    std::string id;
    bool in_parts = false;  // it began between two parts of a script
    bool ran_script = false;
  };

  Target& target();
  void open_target(std::string_view uri);
  Connection* observer() { return lock_ ? &lock_->connection() : nullptr; }
  void rest();
  void for_itself(const std::function<void(Connection&)>& work);
  void in_own_transaction(const std::function<void(Connection&)>& work);
  void write_history(const std::function<void(Connection&)>& work);
  void send_commit();
  void send_rollback();
  void run_in_transaction(const Script& script);
  void require_run_lock();
  void require_lock_to_commit();
  void try_to_renew_witness();
  [[noreturn]] void end_batch(const BatchRun::Outcome& outcome, const Unit& unit);
  void run_outside(const Script& script);
  void run_script(const Script& script, const std::string& settings, std::int64_t lock_timeout_ms);

  schema::ShadowServer& shadow_server(const std::optional<std::string>& server_uri);

  Host host_;
  LockIds locks_;
  std::vector<std::string> init_sql_;
  schema::HistoryName history_name_;
  HistoryTable history_;
  Canceller canceller_;
  std::unique_ptr<Target> target_;
  std::unique_ptr<MigrationLock> lock_;
  std::string uri_;      // of the target
  int backend_pid_ = 0;  // the server's process of the working connection, or of its last transaction
  std::optional<Transaction> transaction_;
  bool in_parts_ = false;  // a part of a script has run, and more follow: the session is the script's
  bool loading_ = false;   // the session is set up for load()
  std::unique_ptr<schema::ShadowServer> shadow_server_;
  bool script_locked_ = false;  // the session has the lock of what runs outside of transactions
};

}  // namespace flux::postgres
