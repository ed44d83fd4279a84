/* A backend as its author wrote it for the ABI 1.0, with the header as it was then (sdk/abi/1.0): every later flux must
 * load it and work with it. Never changed, only compiled: a change that this file needs breaks everybody's backend.
 *
 * The target "frozen:FILE" is a file that holds the scripts that ran, one behind the other, and the rows of the
 * history. A transaction is what has not been saved to it. */
#include <flux/backend_abi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

FLUX_BACKEND_NOTE("frozen_1_0");

#define TEXT(member) offsetof(flux_history_row, member)
static const size_t texts[] = {TEXT(name_space), TEXT(id),         TEXT(hash),         TEXT(state),
                               TEXT(undo),       TEXT(applied_by), TEXT(flux_version), TEXT(run_id),
                               TEXT(script),     TEXT(done_hash),  TEXT(note)};
static const size_t numbers[] = {TEXT(applied_at_us), TEXT(duration_ms), TEXT(statements_done),
                                 TEXT(statements_started), TEXT(statements_total)};
enum {
  text_count = sizeof texts / sizeof texts[0],
  number_count = sizeof numbers / sizeof numbers[0],
  most_rows = 100
};

struct text {
  char* bytes; /* NULL: none */
  size_t size;
};
struct row {
  struct text texts[text_count];
  long long numbers[number_count];
};
struct flux_backend {
  const flux_host* host;
  char* file;
  struct text ran;
  struct row rows[most_rows];
  size_t count;
  int in_transaction;
};

static flux_status fail(const flux_backend* self, flux_err* err, flux_status code, const char* message) {
  if (err != NULL) {
    flux_error_info info;
    memset(&info, 0, sizeof info);
    info.struct_size = sizeof info;
    info.code = code;
    info.message.ptr = message;
    info.message.len = strlen(message);
    info.statement_index = info.byte_offset = -1;
    self->host->set_error(err, &info);
  }
  return code;
}

static struct text copy(const char* bytes, size_t size) {
  struct text made = {NULL, 0};
  if (bytes == NULL) return made;
  made.bytes = malloc(size + 1);
  if (made.bytes == NULL) abort();
  memcpy(made.bytes, bytes, size);
  made.bytes[size] = '\0';
  made.size = size;
  return made;
}

static void forget_row(struct row* row) {
  for (int i = 0; i < text_count; ++i) free(row->texts[i].bytes);
}

static void forget(flux_backend* self) {
  for (size_t i = 0; i < self->count; ++i) forget_row(&self->rows[i]);
  free(self->ran.bytes);
  self->ran.bytes = NULL;
  self->ran.size = self->count = 0;
}

static void write_text(FILE* file, const struct text* text) {
  fprintf(file, "%lld\n", text->bytes != NULL ? (long long)text->size : -1);
  if (text->bytes != NULL) fwrite(text->bytes, 1, text->size, file);
  fputc('\n', file);
}

static int read_text(FILE* file, struct text* text) {
  long long size;
  memset(text, 0, sizeof *text);
  if (fscanf(file, "%lld", &size) != 1 || fgetc(file) != '\n') return 0;
  if (size >= 0) {
    text->bytes = calloc(1, (size_t)size + 1);
    text->size = (size_t)size;
    if (text->bytes == NULL || fread(text->bytes, 1, text->size, file) != text->size) return 0;
  }
  return fgetc(file) == '\n';
}

static flux_status save(flux_backend* self, flux_err* err) {
  FILE* file = fopen(self->file, "we");
  if (file == NULL) return fail(self, err, FLUX_E_FAILED, "the file cannot be written");
  write_text(file, &self->ran);
  for (size_t i = 0; i < self->count; ++i) {
    for (int t = 0; t < text_count; ++t) write_text(file, &self->rows[i].texts[t]);
    for (int n = 0; n < number_count; ++n) fprintf(file, "%lld\n", self->rows[i].numbers[n]);
  }
  return fclose(file) == 0 ? FLUX_OK : fail(self, err, FLUX_E_FAILED, "the file cannot be written");
}

static int read_row(FILE* file, struct row* row) {
  for (int t = 0; t < text_count; ++t)
    if (!read_text(file, &row->texts[t])) return 0;
  for (int n = 0; n < number_count; ++n)
    if (fscanf(file, "%lld", &row->numbers[n]) != 1) return 0;
  return fgetc(file) == '\n';
}

static void load(flux_backend* self) {
  FILE* file = fopen(self->file, "re");
  forget(self);
  if (file == NULL) return;
  if (read_text(file, &self->ran))
    while (self->count < most_rows && read_row(file, &self->rows[self->count])) ++self->count;
  fclose(file);
}

static flux_status create(const flux_host* host, const flux_config* config, flux_backend** out, flux_err* err) {
  flux_backend* self = calloc(1, sizeof *self);
  if (self == NULL) return FLUX_E_NOMEM;
  self->host = host;
  if (config->count != 0) {
    const flux_status status = fail(self, err, FLUX_E_CONFIG, "this backend has no keys");
    free(self);
    return status;
  }
  *out = self;
  return FLUX_OK;
}

static void disconnect(flux_backend* self) {
  forget(self);
  free(self->file);
  self->file = NULL;
}

static void destroy(flux_backend* self) {
  disconnect(self);
  free(self);
}

static flux_status connect(flux_backend* self, flux_str uri, flux_err* err) {
  static const char scheme[] = "frozen:";
  const size_t length = sizeof scheme - 1;
  if (uri.len <= length || memcmp(uri.ptr, scheme, length) != 0)
    return fail(self, err, FLUX_E_CONNECTION, "the URI is not frozen:FILE");
  disconnect(self);
  self->file = copy(uri.ptr + length, uri.len - length).bytes;
  load(self);
  return FLUX_OK;
}

static flux_status describe_target(flux_backend* self, flux_text_fn emit, void* ctx, flux_err* err) {
  const flux_str target = {self->file, strlen(self->file)};
  (void)err;
  emit(ctx, target);
  return FLUX_OK;
}

static int is(const struct text* text, flux_str wanted) {
  return text->size == wanted.len && memcmp(text->bytes, wanted.ptr, wanted.len) == 0;
}

static flux_status list_history(flux_backend* self, flux_str name_space, uint32_t flags, flux_history_fn emit,
                                void* ctx, flux_err* err) {
  (void)err;
  for (size_t i = 0; i < self->count; ++i) {
    flux_history_row row;
    if (!is(&self->rows[i].texts[0], name_space)) continue;
    memset(&row, 0, sizeof row);
    row.struct_size = sizeof row;
    for (int t = 0; t < text_count; ++t) {
      const struct text* text = &self->rows[i].texts[t];
      flux_str* member = (flux_str*)(void*)((char*)&row + texts[t]);
      member->ptr = text->bytes;
      member->len = text->size;
      if (texts[t] == TEXT(undo) && text->bytes != NULL && !(flags & FLUX_LIST_UNDO_TEXTS)) member->len = 0;
      if (texts[t] == TEXT(script)) member->ptr = NULL;
    }
    for (int n = 0; n < number_count; ++n)
      *(int64_t*)(void*)((char*)&row + numbers[n]) = (int64_t)self->rows[i].numbers[n];
    const flux_status status = emit(ctx, &row);
    if (status != FLUX_OK) return status;
  }
  return FLUX_OK;
}

static flux_status ok(flux_backend* self, flux_err* err) {
  (void)self, (void)err;
  return FLUX_OK;
}

static flux_status lock(flux_backend* self, int64_t timeout_ms, flux_err* err) {
  (void)timeout_ms, (void)err;
  load(self); /* what others have done meanwhile */
  return FLUX_OK;
}

static flux_status begin(flux_backend* self, flux_err* err) {
  if (self->in_transaction) return fail(self, err, FLUX_E_STATE, "there is a transaction already");
  self->in_transaction = 1;
  return FLUX_OK;
}

static flux_status commit(flux_backend* self, flux_err* err) {
  if (!self->in_transaction) return fail(self, err, FLUX_E_STATE, "there is no transaction");
  self->in_transaction = 0;
  return save(self, err);
}

static flux_status rollback(flux_backend* self, flux_err* err) {
  (void)err;
  if (self->in_transaction) load(self);
  self->in_transaction = 0;
  return FLUX_OK;
}

static flux_status changed(flux_backend* self, flux_err* err) {
  return self->in_transaction ? FLUX_OK : save(self, err);
}

static flux_status apply(flux_backend* self, const flux_script* script, flux_err* err) {
  if (script->text.len >= 4 && memcmp(script->text.ptr, "fail", 4) == 0)
    return fail(self, err, FLUX_E_SCRIPT, "the script says fail");
  char* both = realloc(self->ran.bytes, self->ran.size + script->text.len + 1);
  if (both == NULL) return fail(self, err, FLUX_E_NOMEM, "out of memory");
  memcpy(both + self->ran.size, script->text.ptr, script->text.len);
  self->ran.bytes = both;
  self->ran.size += script->text.len;
  return changed(self, err);
}

static size_t find(const flux_backend* self, flux_str name_space, flux_str id) {
  size_t at = 0;
  while (at < self->count && !(is(&self->rows[at].texts[0], name_space) && is(&self->rows[at].texts[1], id))) ++at;
  return at;
}

static flux_status register_migration(flux_backend* self, const flux_history_row* row, flux_err* err) {
  const size_t at = find(self, row->name_space, row->id);
  if (at < self->count && (row->flags & FLUX_ROW_NEW))
    return fail(self, err, FLUX_E_CONFLICT, "the row is there already");
  if (at == most_rows) return fail(self, err, FLUX_E_FAILED, "the history is full");
  if (at < self->count)
    forget_row(&self->rows[at]);
  else
    ++self->count;
  for (int t = 0; t < text_count; ++t) {
    const flux_str* member = (const flux_str*)(const void*)((const char*)row + texts[t]);
    self->rows[at].texts[t] = copy(member->ptr, member->len);
  }
  for (int n = 0; n < number_count; ++n)
    self->rows[at].numbers[n] = *(const int64_t*)(const void*)((const char*)row + numbers[n]);
  if (self->rows[at].numbers[0] == 0) self->rows[at].numbers[0] = 1767225600000000; /* no clock: 2026-01-01 */
  return changed(self, err);
}

static flux_status unregister_migration(flux_backend* self, flux_str name_space, flux_str id, flux_err* err) {
  const size_t at = find(self, name_space, id);
  if (at == self->count) return fail(self, err, FLUX_E_CONFLICT, "there is no such row");
  forget_row(&self->rows[at]);
  memmove(&self->rows[at], &self->rows[at + 1], (self->count - at - 1) * sizeof(struct row));
  --self->count;
  return changed(self, err);
}

static const flux_backend_api api = {
    .struct_size = sizeof(flux_backend_api),
    .abi_minor = FLUX_ABI_MINOR,
    .min_host_minor = 0,
    .key_size = sizeof(flux_key),
    .capabilities = FLUX_CAP_TRANSACTIONAL_DDL,
    .name = "frozen_1_0",
    .version = "1.0",
    .uri_schemes = "frozen",
    .uri_example = "frozen:app.frozen",
    .script_extension = "frozen",
    .create = create,
    .destroy = destroy,
    .connect = connect,
    .disconnect = disconnect,
    .describe_target = describe_target,
    .list_history = list_history,
    .initialize = ok,
    .lock = lock,
    .unlock = ok,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .apply = apply,
    .register_migration = register_migration,
    .unregister_migration = unregister_migration,
};

FLUX_EXPORT const flux_backend_api* flux_backend_entry_v1(void);
FLUX_EXPORT const flux_backend_api* flux_backend_entry_v1(void) { return &api; }
