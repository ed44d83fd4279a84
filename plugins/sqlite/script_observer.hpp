// What the statements of a script do to their session.
#pragma once

#include <sqlite3.h>

namespace flux::sqlite {

class Connection;

// Sees every statement that is prepared on a connection as long as it lives.
class ScriptObserver {
 public:
  explicit ScriptObserver(const Connection& connection);
  ~ScriptObserver();
  ScriptObserver(const ScriptObserver&) = delete;
  ScriptObserver& operator=(const ScriptObserver&) = delete;

  // "BEGIN", "COMMIT" or "ROLLBACK" where the statement prepared last is one; else null.
  const char* transaction_control() const { return transaction_control_; }
  // Has the session other settings, other databases or other temporary objects than before?
  bool changes_session() const { return changes_session_; }
  // Can a row that was there, or was added, break a foreign key?
  bool changes_rows() const { return changes_rows_; }
  // Were tables dropped, renamed or altered?
  bool changes_tables() const { return changes_tables_; }

  // Forgets what the statement before did to the transaction. Called before each is prepared.
  void next_statement() { transaction_control_ = nullptr; }

 private:
  static int authorize(void* self, int action, const char* first, const char* second, const char* database,
                       const char*);
  void note(int action, const char* first, const char* second);

  sqlite3* handle_;
  bool in_transaction_;
  const char* transaction_control_ = nullptr;
  bool changes_session_ = false, changes_rows_ = false, changes_tables_ = false;
};

}  // namespace flux::sqlite
