// The MariaDB and MySQL backend: what the host calls.
#pragma once

#include <chrono>
#include <flux/backend.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "canceller.hpp"
#include "connection.hpp"
#include "history_table.hpp"
#include "lock_holder.hpp"
#include "migration_lock.hpp"
#include "session.hpp"
#include "statement_splitter.hpp"

namespace flux::mariadb {

// Works on two connections: one runs the scripts and, in their transactions, keeps the history; the other one holds the
// migration lock and writes the history rows that belong to no transaction of a script.
class MariadbBackend : public MigrationBackend, public flux::StatementSplitter {
 public:
  MariadbBackend(Host host, const BackendConfig& config);

  static std::vector<Key> keys();
  static const char* uri_example() { return "mariadb://localhost/app"; }

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
  std::optional<std::string> read_script(std::string_view name_space, std::string_view id) override;
  void split(const Script& script, const std::function<void(const Statement&)>& emit) override;

 private:
  // A connected target. The members depend on one another in this order.
  struct Target {
    TargetUri uri;
    Connection connection;
    Session session;
    LockNames locks;

    Target(std::string_view text, Canceller& canceller, const std::vector<std::string>& init_sql, HistoryTable& history,
           const std::string& lock_name);
  };

  Target& target();
  void open_target(std::string_view uri);
  Connection& rested();
  void require_locks();
  void start_transaction(bool goes_on);
  void take_work_lock(std::chrono::milliseconds limit);
  void wait_for_end(unsigned long lost, const std::string& lock, std::chrono::milliseconds limit);
  void set_timeouts(const Script& script);
  void run_script(const Script& script);
  void run_statement(const Script& script, const SplitStatement& statement, std::int64_t index);
  [[noreturn]] void explain(const Script& script, const SplitStatement& statement, std::int64_t index,
                            BackendError& error);
  void check_transaction(const Script& script, const SplitStatement& statement, std::int64_t index);
  void with_history(const std::function<void(Connection&)>& work);
  // Runs `work` on the connection, whose settings do not count meanwhile.
  void aside(const std::function<void(Connection&)>& work);
  void write_history(const std::function<void(Connection&)>& work);
  void send_rollback();

  Host host_;
  std::string lock_name_;
  std::vector<std::string> init_sql_;
  HistoryTable history_;
  Canceller canceller_;
  std::unique_ptr<Target> target_;
  std::unique_ptr<MigrationLock> lock_;
  std::string uri_;            // of the target
  unsigned long session_ = 0;  // at the server, of the working connection or the last one
  bool in_transaction_ = false;
  bool begins_later_ = false;  // in_transaction_, but the server does not know of it yet
  bool in_parts_ = false;      // a part of a script has run, and more follow: the session is the script's
  bool work_locked_ = false;
  bool ran_statement_ = false;             // of a script, in this session, that does more than change it
  std::set<std::string> whole_;            // statements that must not be split once more
  std::map<std::string, Reading> groups_;  // those between BEGIN and COMMIT that are read otherwise than a fresh script
};

}  // namespace flux::mariadb
