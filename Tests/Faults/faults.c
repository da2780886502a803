// Makes the Nth call of a system function fail, for Scripts/faults.py.
//
//   cc -shared -fPIC -O1 -o faults.so faults.c -ldl
//   FAULT_CALL=write FAULT_NTH=3 FAULT_ERRNO=28 FAULT_MARK=fired LD_PRELOAD=./faults.so winnow …
//
// FAULT_ERRNO is the number of the error; for write, -1 makes the call write half of what it is
// given. The file FAULT_MARK appears when the call was made to fail. Standard error is left alone.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;
static long nth = -1;
static int error;
static const char *name, *mark;

__attribute__((constructor)) static void start(void) {
  const char *count = getenv("FAULT_NTH"), *code = getenv("FAULT_ERRNO");
  name = getenv("FAULT_CALL");
  mark = getenv("FAULT_MARK");
  error = code ? atoi(code) : EIO;
  nth = name && count ? atol(count) : -1;
}

// Whether this call is the one. Makes no call that is watched.
static int fails(const char *call) {
  if (nth < 0 || strcmp(call, name) != 0) return 0;
  if (atomic_fetch_add(&calls, 1) + 1 != nth) return 0;
  if (mark) {
    long file = syscall(SYS_openat, AT_FDCWD, mark, O_WRONLY | O_CREAT, 0644);
    if (file >= 0) syscall(SYS_close, file);
  }
  errno = error;
  return 1;
}

#define REAL(call) ((__typeof__(&call))dlsym(RTLD_NEXT, #call))

ssize_t write(int file, const void *bytes, size_t count) {
  if (file != 2 && fails("write")) {
    if (error != -1) return -1;
    return syscall(SYS_write, file, bytes, count / 2);
  }
  return syscall(SYS_write, file, bytes, count);
}

ssize_t read(int file, void *bytes, size_t count) {
  if (fails("read")) {
    if (error != -1) return -1;
    return syscall(SYS_read, file, bytes, (count + 1) / 2);
  }
  return syscall(SYS_read, file, bytes, count);
}

int fsync(int file) { return fails("fsync") ? -1 : REAL(fsync)(file); }

int close(int file) {
  if (file != 2 && fails("close")) {
    syscall(SYS_close, file);
    errno = error;
    return -1;
  }
  return REAL(close)(file);
}

int renameat(int from, const char *old, int to, const char *new) {
  return fails("renameat") ? -1 : REAL(renameat)(from, old, to, new);
}

int mkdirat(int folder, const char *path, mode_t mode) {
  return fails("mkdirat") ? -1 : REAL(mkdirat)(folder, path, mode);
}

int ftruncate(int file, off_t length) {
  return fails("ftruncate") ? -1 : REAL(ftruncate)(file, length);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return fails("open") ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return fails("openat") ? -1 : (int)syscall(SYS_openat, folder, path, flags, mode);
}

extern void *__libc_malloc(size_t);
void *malloc(size_t size) {
  if (nth >= 0 && fails("malloc")) {
    errno = ENOMEM;
    return NULL;
  }
  return __libc_malloc(size);
}
