// The PostgreSQL backend: what the host calls.
#pragma once

#include <flux/backend.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "canceller.hpp"
#include "connection.hpp"
#include "history_table.hpp"
#include "migration_lock.hpp"
#include "session.hpp"

namespace flux::postgres {

// Works on two connections: one runs the scripts and keeps the history, the other holds the migration lock.
class PostgresBackend : public MigrationBackend, public flux::StatementSplitter {
 public:
  PostgresBackend(Host host, const BackendConfig& config);

  static std::vector<Key> keys();
  static const char* uri_example() { return "postgresql://localhost/app"; }

  void connect(std::string_view uri) override;
  void disconnect() noexcept override;
  std::string describe_target() override;
  void list_history(std::string_view name_space, const std::function<void(const HistoryRow&)>& emit) override;
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
  void split(const Script& script, const std::function<void(const Statement&)>& emit) override;

 private:
  // A connected target. The members depend on one another in this order.
  struct Target {
    Conninfo conninfo;
    Connection connection;
    Session session;

    Target(std::string_view uri, Host host, Canceller& canceller, const std::vector<std::string>& init_sql,
           const HistoryTable& history);
  };
  // The open transaction.
  struct Transaction {
    std::string id;
    bool ran_script = false;
  };

  Target& target();
  Target& rested_target();
  void run_in_transaction(const Script& script);

  Host host_;
  std::int64_t lock_id_;
  std::vector<std::string> init_sql_;
  HistoryTable history_;
  Canceller canceller_;
  std::unique_ptr<Target> target_;
  std::unique_ptr<MigrationLock> lock_;
  std::optional<Transaction> transaction_;
};

}  // namespace flux::postgres
