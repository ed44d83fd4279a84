/* The lite backend: a SQLite file as a migration target, in plain C and by flux/backend_abi.h alone.
 *
 * Each function of the table is here, and each rule of the header is kept in the place where it matters. It has no
 * optional function: flux does without them. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <flux/backend_abi.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

FLUX_BACKEND_NOTE("lite");

#define HISTORY "main.lite_history"

struct flux_backend {
  const flux_host* host;
  int64_t busy_timeout;
  char* path; /* NULL while not connected */
  sqlite3* db;
  int lock;         /* a file descriptor; -1 while not locked */
  int64_t deadline; /* of the statement that runs, by CLOCK_MONOTONIC in microseconds; INT64_MAX: none */
};

/* ---- errors ------------------------------------------------------------------------------------------------ */

static flux_str str(const char* text) {
  flux_str out = {text, text != NULL ? strlen(text) : 0};
  return out;
}

/* Reports an error and returns its code. Where err is NULL nobody wants to know more than that. */
static flux_status fail_at(const flux_host* host, flux_err* err, flux_status code, const char* message, flux_str key) {
  flux_error_info info;
  if (err == NULL) return code;
  memset(&info, 0, sizeof info);
  info.struct_size = sizeof info;
  info.code = code;
  info.message = str(message);
  info.key = key;
  info.statement_index = info.byte_offset = -1;
  host->set_error(err, &info);
  return code;
}

static flux_status fail(const flux_backend* self, flux_err* err, flux_status code, const char* message) {
  return fail_at(self->host, err, code, message, str(NULL));
}

/* What SQLite says; `code` unless it is about others who are in the way. */
static flux_status fail_sqlite(const flux_backend* self, flux_err* err, flux_status code) {
  const int result = sqlite3_errcode(self->db) & 0xff;
  if (result == SQLITE_BUSY || result == SQLITE_LOCKED) code = FLUX_E_BUSY;
  return fail(self, err, code, sqlite3_errmsg(self->db));
}

/* ---- create and connect ------------------------------------------------------------------------------------ */

static const flux_key keys[] = {
    {"busy_timeout", FLUX_T_INT, 0, "5000", "milliseconds to wait for others who use the file"},
};

static flux_status configure(flux_backend* self, const flux_config* config, flux_err* err) {
  size_t i;
  for (i = 0; i < config->count; ++i) {
    /* An element may be longer than this SDK's: the stride is the host's. */
    const flux_kv* kv = (const flux_kv*)(const void*)((const char*)config->items + i * config->kv_size);
    if (kv->key.len != strlen(keys[0].name) || memcmp(kv->key.ptr, keys[0].name, kv->key.len) != 0)
      return fail_at(self->host, err, FLUX_E_CONFIG, "there is no such key", kv->key);
    if (kv->value.type != FLUX_T_INT)
      return fail_at(self->host, err, FLUX_E_CONFIG, "\"busy_timeout\" must be an integer", kv->key);
    self->busy_timeout = kv->value.u.i;
  }
  return FLUX_OK;
}

static flux_status create(const flux_host* host, const flux_config* config, flux_backend** out, flux_err* err) {
  flux_status status;
  flux_backend* self = calloc(1, sizeof *self);
  if (self == NULL) return fail_at(host, err, FLUX_E_NOMEM, "out of memory", str(NULL));
  self->host = host;
  self->busy_timeout = 5000;
  self->lock = -1;
  status = configure(self, config, err);
  if (status == FLUX_OK) *out = self;
  if (status != FLUX_OK) free(self);
  return status;
}

static void disconnect(flux_backend* self) {
  sqlite3_close(self->db); /* takes back an open transaction */
  self->db = NULL;
  if (self->lock >= 0) close(self->lock);
  self->lock = -1;
  free(self->path);
  self->path = NULL;
}

static void destroy(flux_backend* self) {
  disconnect(self);
  free(self);
}

/* What SQLite takes for a number of milliseconds is an int. */
static void wait_for_others(flux_backend* self, int64_t ms) {
  sqlite3_busy_timeout(self->db, ms < 0 ? 0 : ms > INT_MAX ? INT_MAX : (int)ms);
}

/* Opens the file anew: what scripts have changed of their session is gone with it. */
static flux_status open_session(flux_backend* self, flux_err* err) {
  flux_status status;
  if (self->path == NULL) return fail(self, err, FLUX_E_STATE, "not connected");
  sqlite3_close(self->db);
  if (sqlite3_open_v2(self->path, &self->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) == SQLITE_OK) {
    wait_for_others(self, self->busy_timeout);
    return FLUX_OK;
  }
  status = fail(self, err, FLUX_E_CONNECTION, sqlite3_errmsg(self->db));
  sqlite3_close(self->db);
  self->db = NULL;
  return status;
}

/* The session that is open; a new one where the last could not be opened. */
static flux_status session(flux_backend* self, flux_err* err) {
  return self->db != NULL ? FLUX_OK : open_session(self, err);
}

static int folder_exists(const char* path) {
  char* folder = strdup(path);
  int there;
  *strrchr(folder, '/') = '\0';
  there = access(folder[0] != '\0' ? folder : "/", X_OK) == 0;
  free(folder);
  return there;
}

static flux_status connect_to(flux_backend* self, flux_str uri, flux_err* err) {
  static const char scheme[] = "lite:";
  const size_t skip = sizeof scheme - 1;
  const char* base;
  flux_status status;
  if (self->path != NULL) return fail(self, err, FLUX_E_STATE, "connected already");
  /* A URI with a server may hold a password, so it is not repeated. */
  if (uri.len <= skip || memcmp(uri.ptr, scheme, skip) != 0 ||
      (uri.len > skip + 1 && memcmp(uri.ptr + skip, "//", 2) == 0))
    return fail(self, err, FLUX_E_CONNECTION, "the URI must be lite:FILE");
  base = uri.ptr[skip] == '/' ? "" : self->host->base_directory;
  if (asprintf(&self->path, "%s/%.*s", base, (int)(uri.len - skip), uri.ptr + skip) < 0) self->path = NULL;
  if (self->path == NULL) return fail(self, err, FLUX_E_NOMEM, "out of memory");
  status = folder_exists(self->path) ? open_session(self, err)
                                     : fail(self, err, FLUX_E_CONNECTION, "the folder of the database does not exist");
  if (status != FLUX_OK) disconnect(self);
  return status;
}

static flux_status describe_target(flux_backend* self, flux_text_fn emit, void* ctx, flux_err* err) {
  if (self->path == NULL) return fail(self, err, FLUX_E_STATE, "not connected");
  emit(ctx, str(self->path));
  return FLUX_OK;
}

/* ---- the lock: one that the kernel gives back when the process ends ------------------------------------------ */

static int64_t now_us(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The moment in so many milliseconds; far away where that is more than the clock can count. */
static int64_t from_now(int64_t ms) {
  const int64_t now = now_us(CLOCK_MONOTONIC);
  return ms < (INT64_MAX - now) / 1000 ? now + ms * 1000 : INT64_MAX;
}

static flux_status lock(flux_backend* self, int64_t timeout_ms, flux_err* err) {
  const int64_t until = from_now(timeout_ms);
  const struct timespec pause = {0, 20 * 1000 * 1000};
  char* name = NULL;
  int fd;
  if (self->path == NULL) return fail(self, err, FLUX_E_STATE, "not connected");
  if (self->lock >= 0) return fail(self, err, FLUX_E_STATE, "the lock is held already");
  if (asprintf(&name, "%s.lock", self->path) < 0) return fail(self, err, FLUX_E_NOMEM, "out of memory");
  fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  free(name);
  if (fd < 0) return fail(self, err, FLUX_E_FAILED, "the lock file cannot be opened");
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const int stop = self->host->is_cancelled(self->host->ctx);
    if (!stop && now_us(CLOCK_MONOTONIC) < until) {
      nanosleep(&pause, NULL);
      continue;
    }
    close(fd);
    return stop ? fail(self, err, FLUX_E_CANCELLED, "stopped while waiting for the lock")
                : fail(self, err, FLUX_E_LOCKED, "another process holds the migration lock");
  }
  self->lock = fd;
  return FLUX_OK;
}

static flux_status unlock(flux_backend* self, flux_err* err) {
  (void)err;
  if (self->lock >= 0) close(self->lock);
  self->lock = -1;
  return FLUX_OK;
}

/* ---- transactions and scripts ---------------------------------------------------------------------------------- */

static int in_transaction(const flux_backend* self) { return self->db != NULL && !sqlite3_get_autocommit(self->db); }

static flux_status run(flux_backend* self, const char* sql, flux_err* err) {
  return sqlite3_exec(self->db, sql, NULL, NULL, NULL) == SQLITE_OK ? FLUX_OK : fail_sqlite(self, err, FLUX_E_FAILED);
}

static flux_status begin(flux_backend* self, flux_err* err) {
  flux_status status;
  if (in_transaction(self)) return fail(self, err, FLUX_E_STATE, "a transaction is open already");
  status = open_session(self, err);
  return status == FLUX_OK ? run(self, "BEGIN IMMEDIATE", err) : status;
}

static flux_status commit(flux_backend* self, flux_err* err) {
  flux_status status;
  if (!in_transaction(self)) return fail(self, err, FLUX_E_STATE, "no transaction is open");
  status = run(self, "COMMIT", err);
  if (status != FLUX_OK) sqlite3_exec(self->db, "ROLLBACK", NULL, NULL, NULL); /* a failed commit has rolled back */
  return status;
}

static flux_status rollback(flux_backend* self, flux_err* err) {
  return in_transaction(self) ? run(self, "ROLLBACK", err) : FLUX_OK;
}

/* Runs one statement of the `length` bytes at *sql and moves them on; SQLite's result. */
static int run_statement(sqlite3* db, const char** sql, size_t* length) {
  sqlite3_stmt* statement = NULL;
  const char* rest = *sql;
  int result = sqlite3_prepare_v2(db, *sql, (int)*length, &statement, &rest);
  if (result == SQLITE_OK && statement != NULL) {
    do result = sqlite3_step(statement);
    while (result == SQLITE_ROW);
    result = sqlite3_finalize(statement);
  }
  if (rest == *sql) rest = *sql + *length; /* blanks and comments alone */
  *length -= (size_t)(rest - *sql);
  *sql = rest;
  return result;
}

/* Asked by SQLite before each statement of a script inside of a transaction: to end that is not for the script. The
 * history row behind it would be written all the same, and nothing would take it back. */
static int refuse_transaction_control(void* self, int action, const char* a, const char* b, const char* c,
                                      const char* d) {
  (void)self, (void)a, (void)b, (void)c, (void)d;
  return action == SQLITE_TRANSACTION ? SQLITE_DENY : SQLITE_OK;
}

/* Asked by SQLite while a statement runs; what is not 0 ends it. */
static int must_stop(void* of) {
  const flux_backend* self = of;
  return now_us(CLOCK_MONOTONIC) >= self->deadline || self->host->is_cancelled(self->host->ctx);
}

static flux_status fail_statement(const flux_backend* self, int result, flux_err* err) {
  if (result == SQLITE_AUTH)
    return fail(self, err, FLUX_E_SCRIPT,
                "BEGIN, COMMIT and ROLLBACK are not for scripts: each runs in a transaction of flux's own");
  if (result != SQLITE_INTERRUPT) return fail_sqlite(self, err, FLUX_E_SCRIPT);
  if (self->host->is_cancelled(self->host->ctx)) return fail(self, err, FLUX_E_CANCELLED, "the script was stopped");
  return fail(self, err, FLUX_E_SCRIPT, "the statement has run longer than it may");
}

static flux_status run_script(flux_backend* self, const char* sql, size_t length, int64_t timeout_ms, flux_err* err) {
  flux_status status = FLUX_OK;
  while (status == FLUX_OK && length > 0) {
    int result;
    self->deadline = timeout_ms > 0 ? from_now(timeout_ms) : INT64_MAX;
    result = run_statement(self->db, &sql, &length);
    if (result != SQLITE_OK) status = fail_statement(self, result, err);
  }
  return status;
}

static flux_status apply(flux_backend* self, const flux_script* script, flux_err* err) {
  const int inside = in_transaction(self);
  int64_t wait = -1, timeout_ms = -1;
  flux_status status = FLUX_OK;
  if (!inside) status = open_session(self, err);
  if (status != FLUX_OK) return status;
  /* SQLite counts the bytes of a text in an int. */
  if (script->text.len > INT_MAX) return fail(self, err, FLUX_E_SCRIPT, "the script is too long");
  /* No member is looked at that the host's struct_size denies. */
  if (FLUX_HAS(script, flux_script, lock_timeout_ms)) wait = script->lock_timeout_ms;
  if (FLUX_HAS(script, flux_script, statement_timeout_ms)) timeout_ms = script->statement_timeout_ms;
  if (wait >= 0) wait_for_others(self, wait == 0 ? INT_MAX : wait);

  if (inside) sqlite3_set_authorizer(self->db, refuse_transaction_control, self);
  sqlite3_progress_handler(self->db, 1000, must_stop, self);
  status = run_script(self, script->text.ptr, script->text.len, timeout_ms, err);
  /* Neither is about commit, rollback and the history. */
  sqlite3_progress_handler(self->db, 0, NULL, NULL);
  sqlite3_set_authorizer(self->db, NULL, NULL);
  return status;
}

/* ---- the history --------------------------------------------------------------------------------------------- */

static flux_status initialize(flux_backend* self, flux_err* err) {
  const flux_status status = open_session(self, err);
  if (status != FLUX_OK) return status;
  return run(
      self,
      "CREATE TABLE IF NOT EXISTS " HISTORY
      " (name_space TEXT, id TEXT, hash TEXT, state TEXT, undo TEXT, applied_by TEXT, flux_version TEXT, run_id TEXT,"
      " script TEXT, done_hash TEXT, note TEXT, applied_at_us INTEGER, duration_ms INTEGER, statements_done INTEGER,"
      " statements_started INTEGER, statements_total INTEGER, PRIMARY KEY (name_space, id))",
      err);
}

static sqlite3_stmt* prepared(flux_backend* self, const char* sql) {
  sqlite3_stmt* statement = NULL;
  return sqlite3_prepare_v2(self->db, sql, -1, &statement, NULL) == SQLITE_OK ? statement : NULL;
}

/* ptr NULL becomes NULL, the empty text stays one. */
static void bind(sqlite3_stmt* statement, int at, flux_str text) {
  sqlite3_bind_text64(statement, at, text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

static flux_str column(sqlite3_stmt* statement, int at) {
  flux_str out = {(const char*)sqlite3_column_text(statement, at), (size_t)sqlite3_column_bytes(statement, at)};
  return out;
}

static void read_row(sqlite3_stmt* statement, flux_history_row* row) {
  flux_str* const texts[] = {&row->name_space, &row->id,           &row->hash,   &row->state,     &row->undo,
                             &row->applied_by, &row->flux_version, &row->run_id, &row->done_hash, &row->note};
  int64_t* const numbers[] = {&row->applied_at_us, &row->duration_ms, &row->statements_done, &row->statements_started,
                              &row->statements_total};
  int at = 0;
  size_t i;
  memset(row, 0, sizeof *row);
  row->struct_size = sizeof *row;
  for (i = 0; i < sizeof texts / sizeof *texts; ++i) *texts[i] = column(statement, at++);
  for (i = 0; i < sizeof numbers / sizeof *numbers; ++i) *numbers[i] = sqlite3_column_int64(statement, at++);
}

static flux_status list_history(flux_backend* self, flux_str name_space, uint32_t flags, flux_history_fn emit,
                                void* ctx, flux_err* err) {
  flux_status status = session(self, err);
  flux_history_row row;
  sqlite3_stmt* statement;
  int result = SQLITE_DONE;
  if (status != FLUX_OK) return status;
  statement =
      prepared(self,
               "SELECT name_space, id, hash, state, CASE WHEN ?2 OR undo IS NULL THEN undo ELSE '' END, applied_by,"
               " flux_version, run_id, done_hash, note, applied_at_us, duration_ms, statements_done,"
               " statements_started, statements_total FROM " HISTORY " WHERE name_space = ?1");
  if (statement == NULL && strstr(sqlite3_errmsg(self->db), "no such table") != NULL) return FLUX_OK;
  if (statement == NULL) return fail_sqlite(self, err, FLUX_E_FAILED);
  bind(statement, 1, name_space);
  sqlite3_bind_int(statement, 2, (flags & FLUX_LIST_UNDO_TEXTS) != 0);
  while ((result = sqlite3_step(statement)) == SQLITE_ROW && status == FLUX_OK) {
    read_row(statement, &row);
    status = emit(ctx, &row);
  }
  if (status == FLUX_OK && result != SQLITE_DONE) status = fail_sqlite(self, err, FLUX_E_FAILED);
  sqlite3_finalize(statement);
  return status;
}

/* Runs a statement that changes rows; its status, and how many in *changed. */
static flux_status change(flux_backend* self, sqlite3_stmt* statement, int* changed, flux_err* err) {
  flux_status status = FLUX_OK;
  if (statement == NULL || sqlite3_step(statement) != SQLITE_DONE) status = fail_sqlite(self, err, FLUX_E_FAILED);
  *changed = sqlite3_changes(self->db);
  sqlite3_finalize(statement);
  return status;
}

static flux_status register_migration(flux_backend* self, const flux_history_row* given, flux_err* err) {
  flux_history_row row;
  sqlite3_stmt* statement;
  flux_status status = session(self, err);
  int at = 1, changed = 0;
  size_t i;
  if (status != FLUX_OK) return status;
  /* The row as this SDK knows it: what a smaller one lacks is unknown. */
  memset(&row, 0, sizeof row);
  row.duration_ms = row.statements_done = row.statements_started = row.statements_total = -1;
  memcpy(&row, given, given->struct_size < sizeof row ? given->struct_size : sizeof row);
  if (row.applied_at_us == 0) row.applied_at_us = now_us(CLOCK_REALTIME);

  statement = prepared(self, (row.flags & FLUX_ROW_NEW) != 0
                                 ? "INSERT OR IGNORE INTO " HISTORY " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
                                 : "INSERT OR REPLACE INTO " HISTORY " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  if (statement != NULL) {
    const flux_str texts[] = {row.name_space,   row.id,     row.hash,   row.state,     row.undo, row.applied_by,
                              row.flux_version, row.run_id, row.script, row.done_hash, row.note};
    const int64_t numbers[] = {row.applied_at_us, row.duration_ms, row.statements_done, row.statements_started,
                               row.statements_total};
    for (i = 0; i < sizeof texts / sizeof *texts; ++i) bind(statement, at++, texts[i]);
    for (i = 0; i < sizeof numbers / sizeof *numbers; ++i) sqlite3_bind_int64(statement, at++, numbers[i]);
  }
  status = change(self, statement, &changed, err);
  if (status == FLUX_OK && changed == 0)
    return fail(self, err, FLUX_E_CONFLICT, "the history has this row already: another run has applied it");
  return status;
}

static flux_status unregister_migration(flux_backend* self, flux_str name_space, flux_str id, flux_err* err) {
  sqlite3_stmt* statement;
  flux_status status = session(self, err);
  int changed = 0;
  if (status != FLUX_OK) return status;
  statement = prepared(self, "DELETE FROM " HISTORY " WHERE name_space = ? AND id = ?");
  if (statement != NULL) {
    bind(statement, 1, name_space);
    bind(statement, 2, id);
  }
  status = change(self, statement, &changed, err);
  return status == FLUX_OK && changed == 0 ? fail(self, err, FLUX_E_CONFLICT, "the history has no such row") : status;
}

/* ---- the table ------------------------------------------------------------------------------------------------- */

static const flux_backend_api api = {
    .struct_size = sizeof(flux_backend_api),
    .abi_minor = FLUX_ABI_MINOR,
    .min_host_minor = 0,
    .key_size = sizeof(flux_key),
    .capabilities = FLUX_CAP_TRANSACTIONAL_DDL | FLUX_CAP_LOCK,
    .name = "lite",
    .version = "0.1.0",
    .uri_schemes = "lite",
    .uri_example = "lite:app.db",
    .script_extension = "sql",
    .keys = keys,
    .key_count = sizeof keys / sizeof *keys,
    .create = create,
    .destroy = destroy,
    .connect = connect_to,
    .disconnect = disconnect,
    .describe_target = describe_target,
    .list_history = list_history,
    .initialize = initialize,
    .lock = lock,
    .unlock = unlock,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .apply = apply,
    .register_migration = register_migration,
    .unregister_migration = unregister_migration,
};

FLUX_EXPORT const flux_backend_api* flux_backend_entry_v1(void);
FLUX_EXPORT const flux_backend_api* flux_backend_entry_v1(void) { return &api; }
