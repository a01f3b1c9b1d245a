// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>
#include <openssl/crypto.h>
#include <zstd.h>

#include "unit/fault.h"

static atomic_bool armed;
static atomic_long left;
static _Atomic(const char *) hit;

void fault_arm(long n)
{
	hit = NULL;
	left = n;
	armed = true;
}

const char *fault_disarm(void)
{
	armed = false;
	return hit;
}

bool fault_here(const char *name, int code)
{
	if (!armed || left-- != 0)
		return false;
	hit = name;
	errno = code;
	return true;
}

#define WRAP(type, name, params, args, bad, code)                              \
	type __real_##name params;                                             \
	type __wrap_##name params;                                             \
	type __wrap_##name params                                              \
	{                                                                      \
		if (fault_here(#name, code))                                   \
			return bad;                                            \
		return __real_##name args;                                     \
	}

WRAP(void *, malloc, (size_t n), (n), NULL, ENOMEM)
WRAP(void *, calloc, (size_t n, size_t m), (n, m), NULL, ENOMEM)
WRAP(void *, realloc, (void *p, size_t n), (p, n), NULL, ENOMEM)
WRAP(void *, reallocarray, (void *p, size_t n, size_t m), (p, n, m), NULL, ENOMEM)
WRAP(char *, strdup, (const char *s), (s), NULL, ENOMEM)
WRAP(void *, mmap, (void *p, size_t n, int a, int b, int fd, off_t o),
	(p, n, a, b, fd, o), MAP_FAILED, ENOMEM)
WRAP(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n), -1, ENOSPC)
WRAP(ssize_t, pwrite, (int fd, const void *p, size_t n, off_t o), (fd, p, n, o),
	-1, ENOSPC)
WRAP(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n), -1, EIO)
WRAP(int, openat, (int fd, const char *p, int f, mode_t m), (fd, p, f, m), -1,
	EMFILE)
WRAP(int, fsync, (int fd), (fd), -1, EIO)
WRAP(int, ftruncate, (int fd, off_t n), (fd, n), -1, EFBIG)
WRAP(int, mkdirat, (int fd, const char *p, mode_t m), (fd, p, m), -1, EACCES)
WRAP(int, renameat2, (int a, const char *p, int b, const char *q, unsigned f),
	(a, p, b, q, f), -1, EIO)
WRAP(ZSTD_CCtx *, ZSTD_createCCtx, (void), (), NULL, ENOMEM)
WRAP(ZSTD_DCtx *, ZSTD_createDCtx, (void), (), NULL, ENOMEM)

int __real_pthread_create(
	pthread_t *t, const pthread_attr_t *a, void *(*fn)(void *), void *arg);
int __wrap_pthread_create(
	pthread_t *t, const pthread_attr_t *a, void *(*fn)(void *), void *arg);

int __wrap_pthread_create(
	pthread_t *t, const pthread_attr_t *a, void *(*fn)(void *), void *arg)
{
	if (fault_here("pthread_create", EAGAIN))
		return EAGAIN;
	return __real_pthread_create(t, a, fn, arg);
}

static void *crypto_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return fault_here("OPENSSL_malloc", ENOMEM) ? NULL : __real_malloc(n);
}

static void *crypto_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return fault_here("OPENSSL_realloc", ENOMEM) ? NULL
						     : __real_realloc(p, n);
}

static void crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static void *json_alloc(size_t n)
{
	return fault_here("json_malloc", ENOMEM) ? NULL : __real_malloc(n);
}

void fault_hooks(void)
{
	if (!CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free))
		abort();
	json_set_alloc_funcs(json_alloc, free);
}

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>

bool fault_leaks(void)
{
	return __lsan_do_recoverable_leak_check() != 0;
}
#else
bool fault_leaks(void)
{
	return false;
}
#endif
