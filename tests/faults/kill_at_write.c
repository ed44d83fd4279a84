/* Preloaded into a program: kills it with SIGKILL at the n-th call that changes a file.
 *
 * Counted are the calls of write, pwrite, ftruncate, fsync, fdatasync, unlink and rename; the first three and the syncs for
 * regular files other than stdin, stdout and stderr only. KILL_AT_WRITE says n, from 1; 0: never. With KILL_TORN=1 half of what
 * the n-th call was to write is written first. A program that ends by itself leaves the count in KILL_COUNT_FILE. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static long calls, fatal;
static int torn;

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void start(void) {
  const char *at = getenv("KILL_AT_WRITE"), *how = getenv("KILL_TORN");
  fatal = at != NULL ? atol(at) : 0;
  torn = how != NULL && how[0] == '1';
}

__attribute__((destructor)) static void finish(void) {
  const char *file = getenv("KILL_COUNT_FILE");
  FILE *out = file != NULL ? fopen(file, "w") : NULL;
  if (out == NULL) return;
  fprintf(out, "%ld\n", calls);
  fclose(out);
}

static int counts(int fd) {
  struct stat about;
  return fd > STDERR_FILENO && fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
}

static int is_fatal(void) { return __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST) == fatal; }

static void die(void) { kill(getpid(), SIGKILL); }

ssize_t write(int fd, const void *data, size_t size) {
  if (counts(fd) && is_fatal()) {
    if (torn) (void)!NEXT(write)(fd, data, size / 2);
    die();
  }
  return NEXT(write)(fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  if (counts(fd) && is_fatal()) {
    if (torn) (void)!NEXT(pwrite)(fd, data, size / 2, at);
    die();
  }
  return NEXT(pwrite)(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
  if (counts(fd) && is_fatal()) {
    if (torn) (void)!NEXT(pwrite64)(fd, data, size / 2, at);
    die();
  }
  return NEXT(pwrite64)(fd, data, size, at);
}

int ftruncate(int fd, off_t size) {
  if (counts(fd) && is_fatal()) die();
  return NEXT(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size) {
  if (counts(fd) && is_fatal()) die();
  return NEXT(ftruncate64)(fd, size);
}

int fsync(int fd) {
  if (counts(fd) && is_fatal()) die();
  return NEXT(fsync)(fd);
}

int fdatasync(int fd) {
  if (counts(fd) && is_fatal()) die();
  return NEXT(fdatasync)(fd);
}

int unlink(const char *path) {
  if (is_fatal()) die();
  return NEXT(unlink)(path);
}

int rename(const char *from, const char *to) {
  if (is_fatal()) die();
  return NEXT(rename)(from, to);
}
