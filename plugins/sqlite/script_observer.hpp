// What the statements of a script do to their session.
#pragma once

#include <sqlite3.h>

#include <string_view>

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
  // Has the statement prepared last set busy_timeout?
  bool sets_busy_timeout() const { return sets_busy_timeout_; }
  // Has it chosen a journal mode that leaves a broken file behind where the process is killed?
  bool endangers_file() const { return endangers_file_; }
  // Has the session other settings, other databases or other temporary objects than before?
  bool changes_session() const { return changes_session_; }
  // Can a row that was there, or was added, break a foreign key?
  bool changes_rows() const { return changes_rows_; }
  // Were tables dropped, renamed or altered?
  bool changes_tables() const { return changes_tables_; }

  // Forgets what was noted of the statement before. Called before each is prepared.
  void next_statement() {
    transaction_control_ = nullptr;
    sets_busy_timeout_ = endangers_file_ = false;
  }

 private:
  static int authorize(void* self, int action, const char* first, const char* second, const char* database,
                       const char*);
  void note(int action, const char* first, const char* second);
  void note_pragma(std::string_view name, std::string_view value);

  sqlite3* handle_;
  bool in_transaction_;
  const char* transaction_control_ = nullptr;
  bool sets_busy_timeout_ = false, endangers_file_ = false;
  bool changes_session_ = false, changes_rows_ = false, changes_tables_ = false;
};

}  // namespace flux::sqlite
