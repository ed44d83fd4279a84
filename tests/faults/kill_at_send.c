/* Preloaded into a program: kills it with SIGKILL at the n-th message that it sends over a socket.
 *
 * Counted are the calls of send. KILL_AT_SEND says n, from 1; 0: never. With KILL_SENT=1 the message is still sent, so that
 * the server works on it for a client that is gone. A program that ends by itself leaves the count in KILL_COUNT_FILE. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static long calls, fatal;
static int sent;

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void start(void) {
  const char *at = getenv("KILL_AT_SEND"), *how = getenv("KILL_SENT");
  fatal = at != NULL ? atol(at) : 0;
  sent = how != NULL && how[0] == '1';
}

__attribute__((destructor)) static void finish(void) {
  const char *file = getenv("KILL_COUNT_FILE");
  FILE *out = file != NULL ? fopen(file, "w") : NULL;
  if (out == NULL) return;
  fprintf(out, "%ld\n", calls);
  fclose(out);
}

ssize_t send(int fd, const void *data, size_t size, int flags) {
  if (__atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST) == fatal) {
    if (sent) (void)!NEXT(send)(fd, data, size, flags);
    kill(getpid(), SIGKILL);
  }
  return NEXT(send)(fd, data, size, flags);
}
