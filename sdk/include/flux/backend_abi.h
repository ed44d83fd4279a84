/* flux/backend_abi.h -- the flux backend ABI, major version 1. C99 and C++11 clean.
 *
 * This table of C functions is the only thing that crosses the boundary between the host (flux) and
 * a backend (libflux_backend_NAME.so). Authors who write C++ include flux/backend.hpp instead, which
 * turns a class into this table.
 *
 * Rules
 *  - One exported symbol: `const flux_backend_api *flux_backend_entry_v1(void)`. The table that it
 *    returns is static and lives as long as the process. The library is never unloaded.
 *  - Every struct that may grow begins with `struct_size`, set by whoever made it to sizeof of the
 *    struct as they know it. It grows by appending only. A reader looks at no member that
 *    FLUX_HAS() denies. Arrays carry the size of one element beside them (their stride).
 *  - Borrow only: a pointer that is passed in either direction lives for that call. Nothing is freed
 *    across the boundary. Exceptions: flux_backend (made by create, freed by destroy, both in the
 *    backend) and flux_host (valid from create until destroy has returned).
 *  - Strings are UTF-8, pointer and length, not NUL-terminated. `ptr == NULL` means "none".
 *  - Nothing is thrown across, in either direction.
 *  - A function that can fail returns flux_status; if that is not FLUX_OK it has called
 *    host->set_error(err, ...) once before. `err` may be NULL, and set_error must then not be called.
 *  - The host serialises calls on one instance, possibly from different threads. Only cancel may
 *    overlap another call.
 *  - Nothing in it is SQL: a script is text, a target is a URI.
 */
#ifndef FLUX_BACKEND_ABI_H
#define FLUX_BACKEND_ABI_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

#define FLUX_ABI_MAJOR 1
#define FLUX_ABI_MINOR 0
#define FLUX_ENTRY_SYMBOL "flux_backend_entry_v1"

#if defined(__GNUC__)
#define FLUX_EXPORT __attribute__((visibility("default")))
#else
#define FLUX_EXPORT
#endif

/* Is `member` present in the size-prefixed struct *p of `type`? */
#define FLUX_HAS(p, type, member) \
  ((p)->struct_size >= offsetof(type, member) + sizeof(((const type *)0)->member))

typedef int32_t flux_status;
enum flux_status_code {
  FLUX_OK = 0,
  FLUX_E_FAILED = 1,      /* the operation failed for a reason that no other code names */
  FLUX_E_UNSUPPORTED = 2, /* this backend does not do that */
  FLUX_E_CONFIG = 3,      /* a key of the [backend] table is wrong; flux_error_info.key names it */
  FLUX_E_CONNECTION = 4,  /* no connection, or it was lost */
  FLUX_E_AUTH = 5,        /* the server refused the credentials */
  FLUX_E_LOCKED = 6,      /* the migration lock was not obtained within its timeout */
  FLUX_E_SCRIPT = 7,      /* a statement of the script failed; statement_index and byte_offset say where */
  FLUX_E_CONFLICT = 8,    /* the history row is not in the expected state */
  FLUX_E_STATE = 9,       /* called in a wrong state: not connected, begin inside a transaction, ... */
  FLUX_E_CANCELLED = 10,  /* stopped by cancel */
  FLUX_E_NOMEM = 11,
  FLUX_E_INTERNAL = 12,   /* a bug in the backend */
  FLUX_E_STOP = 13,       /* what an emit callback returns to end a listing early; handed through */
  FLUX_E_BUSY = 14        /* somebody else holds a lock inside the database, or two waited for each other: the same
                             call can succeed later. flux_error_info as for FLUX_E_SCRIPT; detail: who is in the way */
};
enum flux_log_level {
  FLUX_LOG_TRACE = 0,
  FLUX_LOG_DEBUG = 1,
  FLUX_LOG_INFO = 2,
  FLUX_LOG_WARN = 3,
  FLUX_LOG_ERROR = 4
};
enum flux_value_type {
  FLUX_T_STRING = 1,
  FLUX_T_INT = 2,
  FLUX_T_FLOAT = 3,
  FLUX_T_BOOL = 4,
  FLUX_T_STRINGS = 5 /* a list of strings */
};
/* Promises about behaviour, as bits of flux_backend_api.capabilities. */
enum flux_capability {
  FLUX_CAP_TRANSACTIONAL_DDL = 1,   /* rollback takes back everything since begin, history rows included */
  FLUX_CAP_LOCK = 2,                /* lock keeps other processes out, and dies with its process */
  FLUX_CAP_CANCEL = 4,              /* cancel ends a running call within 2 s with FLUX_E_CANCELLED */
  FLUX_CAP_STATEMENT_OFFSETS = 8    /* a FLUX_E_SCRIPT error carries statement_index and byte_offset */
};

typedef struct flux_str {
  const char *ptr;
  size_t len;
} flux_str;

typedef struct flux_err flux_err;         /* the host's sink for one error; may be NULL */
typedef struct flux_backend flux_backend; /* the backend's own instance */

typedef struct flux_error_info {
  uint32_t struct_size;
  flux_status code;
  flux_str message;        /* one sentence, without a final full stop; never a password */
  flux_str detail;         /* more about it, as the database said it */
  flux_str hint;           /* what to do next */
  flux_str sqlstate;       /* the database's own error code */
  flux_str key;            /* FLUX_E_CONFIG: the key of the [backend] table */
  int64_t statement_index; /* of the failing statement in its script, from 0; -1 unknown */
  int64_t byte_offset;     /* of the error in the script's text, in bytes from 0; -1 unknown */
} flux_error_info;

/* A key that the [backend] table may hold: what `flux backends NAME` shows and `flux init` writes. */
typedef struct flux_key {
  const char *name;          /* dotted where it lies in a sub-table: "tls.ca" */
  uint32_t type;             /* enum flux_value_type */
  uint32_t required;         /* 1: must be set */
  const char *default_value; /* as TOML text ("60", "\"public\"", "[]"); NULL: none */
  const char *description;   /* one line */
} flux_key;

typedef struct flux_value {
  uint32_t type, reserved; /* enum flux_value_type */
  union {
    flux_str s;
    int64_t i;
    double f;
    int32_t b;
    struct {
      const flux_str *items;
      size_t count;
    } list;
  } u;
} flux_value;
typedef struct flux_kv {
  flux_str key;
  flux_value value;
} flux_kv;
/* The [backend] table. A backend rejects a key that it does not know and a type that is not its own
 * with FLUX_E_CONFIG, naming the key. */
typedef struct flux_config {
  uint32_t struct_size, kv_size;
  const flux_kv *items;
  size_t count;
} flux_config;

/* What the host offers. */
typedef struct flux_host {
  uint32_t struct_size, abi_minor;
  const char *version; /* "flux 0.1.0" */
  void *ctx;
  void (*set_error)(flux_err *err, const flux_error_info *info);  /* copies at once; the last call wins */
  void (*log)(void *ctx, int32_t level, flux_str message);        /* from any thread */
  int32_t (*is_cancelled)(void *ctx);                             /* from any thread */
  const char *base_directory; /* absolute: where a relative path in the URI starts */
} flux_host;

/* Parts: the host runs a script that must not run in one transaction part by part, each an apply of its own, some
 * inside begin and commit, with history rows written between them. What a part changes of the session must be there for
 * the next part of the same script, yet not reach the history. */
enum flux_script_flag {
  FLUX_SCRIPT_CONTINUED = 1, /* earlier parts of this script ran just before, on this connection */
  FLUX_SCRIPT_CONTINUES = 2  /* more parts may follow. At least one of the two is set in every part */
};
/* A script to run, or a part of one: `text` is UTF-8 without BOM, lines ended by LF. */
typedef struct flux_script {
  uint32_t struct_size, flags; /* enum flux_script_flag */
  flux_str migration_id;       /* for messages and the like */
  flux_str text;
  int64_t lock_timeout_ms;      /* how long a statement may wait for a lock, then FLUX_E_BUSY; 0: without end;
                                   -1: as the database is set. What the script itself sets counts more */
  int64_t statement_timeout_ms; /* how long a statement may run; 0 and -1 as above */
} flux_script;

enum flux_row_flag {
  FLUX_ROW_NEW = 1 /* when registering: FLUX_E_CONFLICT where there is a row of this key already */
};
/* One row of the history, keyed by (name_space, id). A backend keeps what it is given; only the host knows what the
 * states and numbers mean. */
typedef struct flux_history_row {
  uint32_t struct_size, flags; /* enum flux_row_flag; 0 in a listing */
  flux_str name_space;     /* "" by default */
  flux_str id;
  flux_str hash;           /* "sha256:HEX", or 32 hex digits written by flux-migrations (Python) */
  flux_str state;          /* "applied", "repeatable", "interrupted", "undo_interrupted", "repeatable_interrupted" */
  flux_str undo;           /* the undo script as it was when applied; ptr NULL: none */
  flux_str applied_by;     /* who ran flux; ptr NULL: unknown */
  flux_str flux_version;   /* ptr NULL: unknown */
  int64_t applied_at_us;   /* microseconds since 1970 UTC; when registering, 0: the database's clock */
  int64_t duration_ms;     /* -1: unknown */
  int64_t statements_done; /* -1: unknown */
  flux_str run_id;         /* of the run that wrote it; ptr NULL: unknown */
  flux_str script;         /* the up script as it was when applied; ptr NULL: not kept. A listing leaves it out */
  flux_str done_hash;      /* of the statements that are done; ptr NULL: none */
  flux_str note;           /* what people did to the row by hand; ptr NULL: nothing */
  int64_t statements_started; /* -1: unknown */
  int64_t statements_total;   /* -1: unknown */
} flux_history_row;
enum flux_list_flag {
  FLUX_LIST_UNDO_TEXTS = 1 /* with the undo scripts that the rows keep; most of what lists a history needs none */
};
/* Called for each row; a result other than FLUX_OK ends the listing, which then returns it. */
typedef flux_status (*flux_history_fn)(void *ctx, const flux_history_row *row);
typedef void (*flux_text_fn)(void *ctx, flux_str text);

typedef struct flux_backend_api {
  uint32_t struct_size, abi_minor; /* the minor version that it was compiled against */
  uint32_t min_host_minor;         /* the least minor version of a host that it works with */
  uint32_t key_size;               /* sizeof(flux_key) */
  uint64_t capabilities;
  const char *name;                /* [a-z][a-z0-9_]*, as in the file's name and the ELF note */
  const char *version;
  const char *uri_schemes;         /* comma separated: "postgresql,postgres" */
  const char *uri_example;         /* what `flux init` writes: "sqlite:app.db" */
  const char *script_extension;    /* without the dot: "sql" */
  const flux_key *keys;
  size_t key_count;

  /* Makes an instance without connecting. Checks the configuration. */
  flux_status (*create)(const flux_host *host, const flux_config *config, flux_backend **out, flux_err *err);
  /* Ends an instance, connected or not. */
  void (*destroy)(flux_backend *self);

  /* Connects to the target that `uri` names. Creates nothing there but what the URI's own kind of
   * database creates by being opened. Fails with FLUX_E_CONNECTION or FLUX_E_AUTH, within a time of its own. */
  flux_status (*connect)(flux_backend *self, flux_str uri, flux_err *err);
  void (*disconnect)(flux_backend *self);
  /* Emits a one-line description of the connected target for people, without any secret. */
  flux_status (*describe_target)(flux_backend *self, flux_text_fn emit, void *ctx, flux_err *err);

  /* Emits every row of `name_space`, in any order, each as it comes: a history can have hundreds of thousands. Without
   * FLUX_LIST_UNDO_TEXTS in `flags` (enum flux_list_flag) a row that has an undo script has the empty text instead. No
   * history yet: no rows, FLUX_OK. Writes nothing and needs no more than the right to read. */
  flux_status (*list_history)(flux_backend *self, flux_str name_space, uint32_t flags, flux_history_fn emit, void *ctx,
                              flux_err *err);
  /* Creates the history, or adds to an older one what it lacks. Idempotent; called under the lock,
   * outside a transaction. */
  flux_status (*initialize)(flux_backend *self, flux_err *err);

  /* Takes the migration lock, waiting at most timeout_ms. FLUX_E_LOCKED otherwise, the message naming
   * the holder where that is known. The lock dies with the process or its connection. */
  flux_status (*lock)(flux_backend *self, int64_t timeout_ms, flux_err *err);
  flux_status (*unlock)(flux_backend *self, flux_err *err);

  /* A transaction around apply, register_migration and unregister_migration. Without
   * FLUX_CAP_TRANSACTIONAL_DDL these may do nothing, but for statements that flux.statements.v1 lets into a
   * transaction. begin inside a transaction and commit without one are FLUX_E_STATE; rollback without one is
   * FLUX_OK. A failed commit has rolled back, unless it says FLUX_E_CONNECTION: then the outcome is not known. */
  flux_status (*begin)(flux_backend *self, flux_err *err);
  flux_status (*commit)(flux_backend *self, flux_err *err);
  flux_status (*rollback)(flux_backend *self, flux_err *err);

  /* Runs a script. What it changes of the session (search path, role, settings) must reach neither
   * the history nor the next script. */
  flux_status (*apply)(flux_backend *self, const flux_script *script, flux_err *err);
  /* Writes one row, replacing one of the same key. */
  flux_status (*register_migration)(flux_backend *self, const flux_history_row *row, flux_err *err);
  /* Deletes one row; FLUX_E_CONFLICT where there is none. */
  flux_status (*unregister_migration)(flux_backend *self, flux_str name_space, flux_str id, flux_err *err);

  /* Optional. Ends the call that is running on this instance, from another thread. */
  void (*cancel)(flux_backend *self);
  /* Optional. A feature's own table of functions (static, size-prefixed), or NULL. */
  const void *(*get_interface)(flux_backend *self, const char *id);

  /* Optional, each of these. */

  /* After a call that failed with FLUX_E_CONNECTION: connects again and waits until what the lost connection was doing
   * has ended at the server, so that the history now says what became of it. Takes the migration lock again where
   * it was held and is lost. FLUX_E_CONNECTION where that is not found out within timeout_ms; time in which the
   * server is seen to be at work on it does not count. */
  flux_status (*reconnect)(flux_backend *self, int64_t timeout_ms, flux_err *err);
  /* Emits who holds the migration lock and since when, in one line; nothing where nobody does. Only reads. */
  flux_status (*describe_lock)(flux_backend *self, flux_text_fn emit, void *ctx, flux_err *err);
  /* Ends the session that holds the migration lock, whatever it is doing. FLUX_OK where nobody holds it. */
  flux_status (*break_lock)(flux_backend *self, flux_err *err);
  /* Emits what failed statements have left in the target for people to look at, a line each with what to do: an index
   * that is not valid. Only reads. */
  flux_status (*list_leftovers)(flux_backend *self, flux_text_fn emit, void *ctx, flux_err *err);
  /* Emits the script that was registered with a row; nothing where none is kept. Only reads. */
  flux_status (*read_script)(flux_backend *self, flux_str name_space, flux_str id, flux_text_fn emit, void *ctx,
                             flux_err *err);
} flux_backend_api;

typedef const flux_backend_api *(*flux_backend_entry_fn)(void);

/* ---- optional feature: the statements of a script -------------------------------------------- */
#define FLUX_IFACE_STATEMENTS_V1 "flux.statements.v1"
enum flux_statement_flag {
  FLUX_STATEMENT_BEGIN = 1,               /* begins a transaction, with default options */
  FLUX_STATEMENT_COMMIT = 2,              /* commits it */
  FLUX_STATEMENT_TRANSACTION_CONTROL = 4, /* begins, ends or prepares a transaction; set with the two above as well */
  FLUX_STATEMENT_NO_TRANSACTION = 8,      /* the database refuses it inside a transaction */
  FLUX_STATEMENT_OUTSIDE = 16,            /* may do something else, or nothing, inside a transaction: a script without
                                             a transaction runs it outside of one */
  FLUX_STATEMENT_SESSION = 32             /* changes the session and nothing else: runs again where a script that stopped
                                             somewhere behind it is resumed; set with OUTSIDE */
};
typedef struct flux_statement {
  uint32_t struct_size, flags;
  uint64_t offset, length; /* in bytes, in the script's text; without leading blanks and comments,
                              and without what ends it, such as ";" */
  flux_str what;           /* names it where a flag is set: "CREATE INDEX CONCURRENTLY" */
} flux_statement;
typedef flux_status (*flux_statement_fn)(void *ctx, const flux_statement *statement);
typedef struct flux_statements_v1 {
  uint32_t struct_size, reserved;
  /* A backend that has it also runs scripts in parts (enum flux_script_flag).
   * Emits each statement that is not empty, in order. Works without a connection. A script that cannot
   * be split (an unfinished quote, a command of a client program) is FLUX_E_SCRIPT with its byte_offset. */
  flux_status (*split)(flux_backend *self, const flux_script *script, flux_statement_fn emit, void *ctx, flux_err *err);
} flux_statements_v1;

/* ---- optional feature: many migrations without waiting between them --------------------------- */
#define FLUX_IFACE_BATCH_V1 "flux.batch.v1"
enum flux_unit_flag {
  FLUX_UNIT_REMOVES = 1 /* the row is deleted, not written */
};
/* A script and the history row behind it, in one transaction: both or neither. */
typedef struct flux_unit {
  uint32_t struct_size, flags;
  const flux_script *script;   /* NULL: nothing runs */
  const flux_history_row *row; /* NULL: the history stays as it is. A duration_ms of -1: as the backend measures it.
                                  FLUX_UNIT_REMOVES: its name_space and id alone count */
} flux_unit;
/* Unit `index` is settled: committed, or inside a transaction of the host's, run. Called in order. `duration_ms`: of its
 * transaction; -1: unknown. */
typedef void (*flux_settled_fn)(void *ctx, size_t index, int64_t duration_ms);
typedef struct flux_batch_v1 {
  uint32_t struct_size, reserved;
  /* Does for each unit in order what begin, apply, register_migration (or unregister_migration) and commit do; inside a
   * transaction that the host has begun, without begin and commit. Nothing of a unit runs unless all before it are
   * settled, but the backend need not wait to send it. Whether the row is there already (FLUX_ROW_NEW), or is not there
   * to be deleted, is found out in the unit's transaction before its script runs: FLUX_E_CONFLICT.
   * What fails is the first unit that is not settled: nothing is left of it, and none after it has run.
   * FLUX_E_UNSUPPORTED: that unit has not run, and cannot be run this way; the host does it by the other functions.
   * FLUX_E_CONNECTION: what has become of the units that are not settled is not known.
   * `unit_size` is the stride of `units`. */
  flux_status (*apply_batch)(flux_backend *self, const flux_unit *units, size_t count, size_t unit_size,
                             flux_settled_fn settled, void *ctx, flux_err *err);
} flux_batch_v1;

/* ---- optional feature: the schema of the target ------------------------------------------------
 * A schema is a set of facts at the finest grain: a table, a column, its default, a constraint, a comment. The host
 * compares the facts of two databases, finds the order and asks for the statement of each difference. What kinds of fact
 * there are, and what they look like, the backend alone knows. */
#define FLUX_IFACE_SCHEMA_V1 "flux.schema.v1"

/* Names a fact: `identity` is unique among those of its kind and as people would write it: "public.orders.id". */
typedef struct flux_fact_ref {
  flux_str kind;     /* "table", "column"; kind.ptr NULL: none */
  flux_str identity;
} flux_fact_ref;
enum flux_dependency_flag {
  FLUX_DEPENDENCY_SURVIVES = 1 /* stays as it is while what it depends on is altered in place */
};
typedef struct flux_dependency {
  flux_fact_ref on;
  uint32_t flags, reserved; /* enum flux_dependency_flag */
} flux_dependency;
typedef struct flux_property {
  flux_str name, value;
} flux_property;

enum flux_fact_flag {
  FLUX_FACT_PART = 1,      /* made and dropped together with its parent; also alone where the parent stays */
  FLUX_FACT_UNMODELLED = 2 /* found, but the backend cannot make it: reported, and never changed */
};
/* Two facts of one name are equal if their flags, definitions and properties are. Facts of one parent are emitted in their
 * order (columns), which counts where the parent is made, but not for equality. */
typedef struct flux_fact {
  uint32_t struct_size, flags; /* enum flux_fact_flag */
  flux_fact_ref name;
  flux_fact_ref parent;        /* what it belongs to, and is dropped with */
  flux_str schema, object;     /* the names alone, not quoted: of the schema (ptr NULL: none), and the fact's own */
  flux_str definition;         /* what it is, as the database says it */
  const flux_property *properties;     /* what else it is; sorted by name */
  const flux_dependency *dependencies; /* what must be there before it, and go after it; its parent need not be among
                                          them, and what is no fact may be */
  uint32_t property_count, property_size, dependency_count, dependency_size;
} flux_fact;
typedef flux_status (*flux_fact_fn)(void *ctx, const flux_fact *fact);

enum flux_change_flag {
  FLUX_CHANGE_ONLINE = 1,    /* the gentle way: few and short locks, at the price of more statements */
  FLUX_CHANGE_RENAME = 2,    /* `from` gets the name of `to`, and is else left as it is */
  FLUX_CHANGE_WITH_PARTS = 4 /* the parts differ too, and one of them cannot be changed alone: change all of it */
};
typedef struct flux_change {
  uint32_t struct_size, flags;   /* enum flux_change_flag */
  const flux_fact *from;         /* NULL: `to` is made */
  const flux_fact *to;           /* NULL: `from` is dropped */
  const flux_fact *const *from_parts, *const *to_parts; /* the facts with FLUX_FACT_PART below each, parts of parts too */
  const flux_fact *const *dependents; /* the facts that depend on `from` and are on both sides, as they are before */
  size_t from_part_count, to_part_count, dependent_count;
} flux_change;

enum flux_hazard {
  FLUX_HAZARD_DATA_LOSS = 1,
  FLUX_HAZARD_REWRITE = 2,        /* every row is written again */
  FLUX_HAZARD_LOCK = 4,           /* keeps others from reading or writing for longer than a moment; `remark` says which */
  FLUX_HAZARD_SCAN = 8,           /* every row is read */
  FLUX_HAZARD_NO_TRANSACTION = 16, /* cannot run in a transaction */
  FLUX_HAZARD_MAY_FAIL = 32,      /* depends on the rows that are there */
  FLUX_HAZARD_BREAKS_CLIENTS = 64 /* what runs now may rely on what goes */
};
enum flux_step_flag {
  FLUX_STEP_REBUILDS_DEPENDENTS = 1, /* what depends on `from` and does not survive must be dropped before, and is made
                                        again behind the change */
  FLUX_STEP_COMMITS = 2              /* what follows needs this to be committed */
};
typedef struct flux_step {
  uint32_t struct_size, flags; /* enum flux_step_flag */
  flux_str sql;                /* one statement, without what ends it */
  flux_str remark;             /* one line: what the hazards are about, or what this cannot bring back; ptr NULL: nothing */
  uint32_t hazards, reserved;  /* enum flux_hazard */
} flux_step;
typedef flux_status (*flux_step_fn)(void *ctx, const flux_step *step);

enum flux_mention_role {
  FLUX_MENTION_DEFINES = 1, /* the statement makes it; two statements that make it are an error */
  FLUX_MENTION_USES = 2,    /* it needs it, or may */
  FLUX_MENTION_RENAMED = 3  /* `flux: renamed from=OLD` stands above it, or `flux: new`: then old_name is empty */
};
typedef struct flux_mention {
  uint32_t struct_size, role; /* enum flux_mention_role */
  flux_str kind;              /* of the fact; ptr NULL: not known */
  flux_str name;              /* as a fact's identity would be, but for a schema that the statement does not say */
  flux_str old_name;          /* FLUX_MENTION_RENAMED: the last part of it, as it was */
} flux_mention;
typedef flux_status (*flux_mention_fn)(void *ctx, const flux_mention *mention);
/* Something wrong with the fact `name`, in one sentence. */
typedef void (*flux_problem_fn)(void *ctx, const flux_fact_ref *name, flux_str message);

typedef struct flux_schema_v1 {
  uint32_t struct_size, reserved;
  /* Makes an empty throw-away database, and emits the URI that another instance connects to: at the server that
   * `server_uri` names, or where its ptr is NULL at that of the connected target. Sweeps away those that a run which has
   * died has left. */
  flux_status (*create_shadow)(flux_backend *self, flux_str server_uri, flux_text_fn emit, void *ctx, flux_err *err);
  /* Ends it, whoever is connected to it. FLUX_OK where it is gone already. `server_uri` as it was. */
  flux_status (*drop_shadow)(flux_backend *self, flux_str server_uri, flux_str uri, flux_err *err);
  /* Emits every fact of the connected database but those that the database itself, or this backend for its history,
   * has made. One consistent look; only reads. */
  flux_status (*inspect)(flux_backend *self, flux_fact_fn emit, void *ctx, flux_err *err);
  /* Emits the statements of one difference, in their order. FLUX_E_UNSUPPORTED: that cannot be done in place. Then the
   * host drops and makes again; a part that cannot even be made alone changes with its parent
   * (FLUX_CHANGE_WITH_PARTS). Needs no connection. */
  flux_status (*change)(flux_backend *self, const flux_change *change, flux_step_fn emit, void *ctx, flux_err *err);
  /* Runs one definition in a throw-away database, as fast as it can; nothing is left of one that fails. Bodies of
   * functions are not looked into. */
  flux_status (*load)(flux_backend *self, flux_str sql, flux_err *err);
  /* Emits what is wrong with what was loaded and could not be looked into before. */
  flux_status (*check_loaded)(flux_backend *self, flux_problem_fn emit, void *ctx, flux_err *err);
  /* Emits what one statement of a definition file defines and uses, as far as its text shows. `sql` begins with the
   * comments above the statement. FLUX_E_SCRIPT where it defines nothing. Needs no connection. */
  flux_status (*read_definition)(flux_backend *self, flux_str sql, flux_mention_fn emit, void *ctx, flux_err *err);
} flux_schema_v1;

/* ---- the ELF note ------------------------------------------------------------------------------
 * Section .note.flux.backend: owner "flux", type 1, content: ABI major, ABI minor (uint32_t each, in the
 * machine's byte order), then the name, NUL-terminated. It lets the host list and refuse files without
 * running any of their code. Use once, at file scope, with a string literal. */
#define FLUX_NOTE_OWNER "flux"
#define FLUX_NOTE_TYPE 1
#define FLUX_NOTE_STRING_(x) #x
#define FLUX_NOTE_STRING(x) FLUX_NOTE_STRING_(x)
#define FLUX_BACKEND_NOTE(name)                                     \
  __asm__(                                                          \
      ".pushsection .note.flux.backend,\"a\",%note\n"               \
      ".balign 4\n"                                                 \
      ".long 5\n"                                                   \
      ".long 2f - 1f\n"                                             \
      ".long 1\n"                                                   \
      ".asciz \"flux\"\n"                                           \
      ".balign 4\n"                                                 \
      "1: .long " FLUX_NOTE_STRING(FLUX_ABI_MAJOR) "\n"             \
      ".long " FLUX_NOTE_STRING(FLUX_ABI_MINOR) "\n"                \
      ".asciz \"" name "\"\n"                                       \
      "2: .balign 4\n"                                              \
      ".popsection\n")

#ifdef __cplusplus
}
#endif
#endif
