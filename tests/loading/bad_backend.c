/* A backend in plain C that does nothing, and, by macros, each way of being one that the host must refuse.
 *
 *   BACKEND_NAME     name in the note and in the table; the file is libflux_backend_NAME.so
 *   TABLE_NAME       another name in the table
 *   NOTE_MAJOR       another ABI major in the note
 *   ABI_MINOR        another ABI minor, in note and table
 *   MIN_HOST_MINOR   the least minor of a host
 *   NO_NOTE          no ELF note
 *   NO_ENTRY         no entry function
 *   NULL_TABLE       the entry function returns NULL
 *   SHORT_TABLE      a table that ends before its last required function
 *   OLD_TABLE        a table of an older SDK, without the optional functions at its end; the host must take it
 *   WITHOUT_COMMIT   commit is NULL
 *   UNDEFINED        calls a function that no library has
 *   PRINTS           prints when it is loaded
 *   CREATE_FAILS     create reports an error
 *   APPLY_FAILS      apply fails with every script that is not empty
 */
#include <flux/backend_abi.h>

#ifdef ABI_MINOR
#undef FLUX_ABI_MINOR
#define FLUX_ABI_MINOR ABI_MINOR
#endif
#ifdef NOTE_MAJOR
#undef FLUX_ABI_MAJOR
#define FLUX_ABI_MAJOR NOTE_MAJOR
#endif
#ifndef TABLE_NAME
#define TABLE_NAME BACKEND_NAME
#endif
#ifndef MIN_HOST_MINOR
#define MIN_HOST_MINOR 0
#endif

#ifndef NO_NOTE
FLUX_BACKEND_NOTE(BACKEND_NAME);
#endif

#ifdef PRINTS
#include <stdio.h>
__attribute__((constructor)) static void print(void) {
  puts("code of the backend has run");
  fflush(stdout);
}
#endif

#ifdef UNDEFINED
void flux_test_function_that_nobody_has(void);
#endif

static char instance;

static flux_status create(const flux_host* host, const flux_config* config, flux_backend** out, flux_err* err) {
  (void)config;
#ifdef UNDEFINED
  flux_test_function_that_nobody_has();
#endif
#ifdef CREATE_FAILS
  if (err != NULL) {
    static const char message[] = "the driver is not usable";
    static const char hint[] = "install the driver";
    flux_error_info info = {sizeof info,
                            FLUX_E_FAILED,
                            {message, sizeof message - 1},
                            {NULL, 0},
                            {hint, sizeof hint - 1},
                            {NULL, 0},
                            {NULL, 0},
                            -1,
                            -1};
    host->set_error(err, &info);
  }
  (void)out;
  return FLUX_E_FAILED;
#else
  (void)host, (void)err;
  *out = (flux_backend*)&instance;
  return FLUX_OK;
#endif
}
static void nothing(flux_backend* self) { (void)self; }
static flux_status ok(flux_backend* self, flux_err* err) { return (void)self, (void)err, FLUX_OK; }
static flux_status connect(flux_backend* self, flux_str uri, flux_err* err) {
  return (void)self, (void)uri, (void)err, FLUX_OK;
}
static flux_status describe_target(flux_backend* self, flux_text_fn emit, void* ctx, flux_err* err) {
  static const char text[] = "nowhere";
  const flux_str target = {text, sizeof text - 1};
  emit(ctx, target);
  return (void)self, (void)err, FLUX_OK;
}
static flux_status list_history(flux_backend* self, flux_str name_space, uint32_t flags, flux_history_fn emit,
                                void* ctx, flux_err* err) {
  return (void)self, (void)name_space, (void)flags, (void)emit, (void)ctx, (void)err, FLUX_OK;
}
static flux_status lock(flux_backend* self, int64_t timeout_ms, flux_err* err) {
  return (void)self, (void)timeout_ms, (void)err, FLUX_OK;
}
static flux_status apply(flux_backend* self, const flux_script* script, flux_err* err) {
#ifdef APPLY_FAILS
  if (script->text.len > 0) return (void)self, (void)err, FLUX_E_SCRIPT;
#endif
  return (void)self, (void)script, (void)err, FLUX_OK;
}
static flux_status register_migration(flux_backend* self, const flux_history_row* row, flux_err* err) {
  return (void)self, (void)row, (void)err, FLUX_OK;
}
static flux_status unregister_migration(flux_backend* self, flux_str name_space, flux_str id, flux_err* err) {
  return (void)self, (void)name_space, (void)id, (void)err, FLUX_OK;
}

#ifdef OLD_TABLE
/* What lies behind an older table is not of it: this must not be called. */
static flux_status beyond(flux_backend* self, flux_text_fn emit, void* ctx, flux_err* err) {
  (void)self, (void)emit, (void)ctx, (void)err;
  __builtin_trap();
}
#endif

static const flux_backend_api api = {
#ifdef SHORT_TABLE
    .struct_size = offsetof(flux_backend_api, unregister_migration),
#elif defined OLD_TABLE
    .struct_size = offsetof(flux_backend_api, reconnect),
#else
    .struct_size = sizeof(flux_backend_api),
#endif
    .abi_minor = FLUX_ABI_MINOR,
    .min_host_minor = MIN_HOST_MINOR,
    .key_size = sizeof(flux_key),
    .name = TABLE_NAME,
    .version = "1.0",
    .uri_schemes = "nowhere",
    .uri_example = "nowhere:",
    .script_extension = "sql",
    .create = create,
    .destroy = nothing,
    .connect = connect,
    .disconnect = nothing,
    .describe_target = describe_target,
    .list_history = list_history,
    .initialize = ok,
    .lock = lock,
    .unlock = ok,
    .begin = ok,
#ifndef WITHOUT_COMMIT
    .commit = ok,
#endif
    .rollback = ok,
    .apply = apply,
    .register_migration = register_migration,
    .unregister_migration = unregister_migration,
#ifdef OLD_TABLE
    .describe_lock = beyond,
    .list_leftovers = beyond,
#endif
};

#ifdef NO_ENTRY
/* Keeps the table, and with it a file that looks like a backend. */
FLUX_EXPORT const flux_backend_api* flux_test_table(void);
FLUX_EXPORT const flux_backend_api* flux_test_table(void) { return &api; }
#else
FLUX_EXPORT const flux_backend_api* flux_backend_entry_v1(void);
FLUX_EXPORT const flux_backend_api* flux_backend_entry_v1(void) {
#ifdef NULL_TABLE
  return (void)&api, NULL;
#else
  return &api;
#endif
}
#endif
