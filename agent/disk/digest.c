// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

#include <openssl/evp.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "disk/digest.h"
#include "disk/root.h"
#include "disk/walk.h"

/* What the threads share. */
struct work {
	struct digest *v;
	size_t n;
	const struct disk_root *root;
	const struct walk *w;
	const struct digest_config *config;
	atomic_size_t next;
	_Atomic uint64_t bytes; /* read so far, by all */
};

struct worker {
	struct work *work;
	pthread_t thread;
	EVP_MD_CTX *sha256;
	EVP_MD_CTX *weak;
	uint8_t *piece;
};

void digest_judge(struct digest *d, const uint8_t *p, size_t len)
{
	if (len >= 4 && memcmp(p, "\177ELF", 4) == 0)
		d->content = DIGEST_ELF;
	else if (len >= 2 && memcmp(p, "#!", 2) == 0)
		d->content = DIGEST_SCRIPT;
	else if (len && (p[0] >= 0x80 || (p[0] < ' ' && !isspace(p[0]))))
		d->content = DIGEST_BINARY;
}

static const EVP_MD *weak_of(const struct digest *d)
{
	return d->weak == DIGEST_SHA1 ? EVP_sha1() : EVP_md5();
}

/* 0 while it goes on. */
static int over(const struct digest_config *c)
{
	if (c->interrupted && *c->interrupted)
		return -EINTR;
	return c->until_ns && clock_ns(CLOCK_MONOTONIC) > c->until_ns ? -ETIME
								      : 0;
}

static int read_all(struct worker *k, struct digest *d, int fd)
{
	uint64_t done = 0;
	ssize_t got;

	do {
		int end = over(k->work->config);

		if (end < 0)
			return end;
		got = io_read(fd, k->piece, DIGEST_PIECE_BYTES, NULL);
		if (got < 0)
			return (int)got;
		if (!done)
			digest_judge(d, k->piece, (size_t)got);
		done += (uint64_t)got;
		if (done > DIGEST_FILE_BYTES)
			return -EFBIG;
		if (EVP_DigestUpdate(k->sha256, k->piece, (size_t)got) != 1 ||
			(d->weak && EVP_DigestUpdate(k->weak, k->piece,
					    (size_t)got) != 1))
			return -EIO;
	} while (got == DIGEST_PIECE_BYTES);
	return 0;
}

static int digest_one(struct worker *k, struct digest *d)
{
	struct work *work = k->work;
	uint64_t bytes_max = work->config->bytes_max ? work->config->bytes_max
						     : DIGEST_ALL_BYTES;
	char path[WALK_PATH_BYTES];
	struct stat st;
	AUTO_CLOSE int fd = -1;
	int r = walk_path(path, work->w, d->file);

	if (r < 0)
		return r;
	fd = root_file(work->root, path, &st, NULL);
	if (fd < 0)
		return fd;
	if ((uint64_t)st.st_size > DIGEST_FILE_BYTES)
		return -EFBIG;
	if (atomic_fetch_add(&work->bytes, (uint64_t)st.st_size) +
			(uint64_t)st.st_size >
		bytes_max)
		return -EDQUOT;
	if (EVP_DigestInit_ex(k->sha256, EVP_sha256(), NULL) != 1 ||
		(d->weak && EVP_DigestInit_ex(k->weak, weak_of(d), NULL) != 1))
		return -EIO;
	r = read_all(k, d, fd);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (r == 0 && (EVP_DigestFinal_ex(k->sha256, d->sha256, NULL) != 1 ||
			      (d->weak && EVP_DigestFinal_ex(
						  k->weak, d->sum, NULL) != 1)))
		r = -EIO;
	return r;
}

static void *run(void *arg)
{
	struct worker *k = arg;

	for (;;) {
		size_t i = atomic_fetch_add(&k->work->next, 1);

		if (i >= k->work->n)
			return NULL;
		k->work->v[i].result = digest_one(k, &k->work->v[i]);
	}
}

static int prepare(struct worker *k, struct work *work)
{
	k->work = work;
	k->sha256 = EVP_MD_CTX_new();
	k->weak = EVP_MD_CTX_new();
	k->piece = malloc(DIGEST_PIECE_BYTES);
	return k->sha256 && k->weak && k->piece ? 0 : -ENOMEM;
}

static void release(struct worker *k)
{
	EVP_MD_CTX_free(k->sha256);
	EVP_MD_CTX_free(k->weak);
	free(k->piece);
}

int digest_run(struct digest *v, size_t n, const struct disk_root *root,
	const struct walk *w, const struct digest_config *config, struct err *e)
{
	struct work work = {
		.v = v, .n = n, .root = root, .w = w, .config = config
	};
	struct worker workers[DIGEST_THREADS_MAX] = { 0 };
	unsigned want = config->threads < 1 ? 1 : config->threads, began = 0;
	int r = 0;

	if (want > DIGEST_THREADS_MAX)
		want = DIGEST_THREADS_MAX;
	for (unsigned i = 0; r == 0 && i < want; i++)
		r = prepare(&workers[i], &work);
	/* The first one is this thread; without the others it does it all. */
	for (unsigned i = 1; r == 0 && i < want; i++, began++)
		if (pthread_create(&workers[i].thread, NULL, run, &workers[i]))
			break;
	if (r == 0)
		(void)run(&workers[0]);
	for (unsigned i = 1; i <= began; i++)
		(void)pthread_join(workers[i].thread, NULL);
	for (unsigned i = 0; i < want; i++)
		release(&workers[i]);
	return r < 0 ? err_set(e, r, "no memory to read %zu files", n) : 0;
}
