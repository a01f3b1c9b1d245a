// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/http.h"
#include "base/io.h"
#include "evidence/manifest.h"
#include "evidence/segment.h"
#include "lab/parallel.h"
#include "lab/pull.h"

enum { PAUSE_MS = 250, TEMP_CHARS = 64 };

/* A segment that is to be fetched. */
struct want {
	char name[SEGMENT_NAME_CHARS];
	uint8_t sha256[HASH_BYTES];
};

struct pull {
	const struct pull_config *config;
	struct pull_result *result;
	struct store *store;
	int dirfd;
	struct want *wants;
	size_t wants_n;
	pthread_mutex_t lock; /* of the result */
};

/* One thread's connection, and what it fetched last. */
struct fetcher {
	struct pull *p;
	struct http *http;
	struct http_answer answer;
};

static void count(struct pull *p, uint64_t *what, uint64_t n)
{
	pthread_mutex_lock(&p->lock);
	*what += n;
	pthread_mutex_unlock(&p->lock);
}

static void fetcher_free(void *arg)
{
	struct fetcher *f = arg;

	if (!f)
		return;
	http_free(f->http);
	http_answer_done(&f->answer);
	free(f);
}

static void *fetcher_new(void *arg)
{
	struct fetcher *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->p = arg;
	http_answer_init(&f->answer, MANIFEST_MAX_BYTES + 4096);
	if (store_connect(&f->http, f->p->store, NULL) == 0)
		return f;
	fetcher_free(f);
	return NULL;
}

/* The object in f->answer.body. */
static int fetch(struct fetcher *f, const char *name, struct err *e)
{
	const struct store_object o = { .key = name };
	struct store_trace trace = { 0 };
	int r = -EAGAIN;

	for (unsigned i = 0; r == -EAGAIN && i < PULL_TRIES; i++) {
		struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };

		for (unsigned k = 0; i && k < 1U << i; k++)
			(void)nanosleep(&pause, NULL);
		r = store_do(f->p->store, f->http, &f->answer, STORE_GET, &o,
			&trace, e);
		if (r == -EKEYEXPIRED &&
			store_renew(f->p->store, trace.ticket, e) == 0)
			r = -EAGAIN;
	}
	if (r == 0) {
		count(f->p, &f->p->result->fetched, 1);
		count(f->p, &f->p->result->fetched_bytes, f->answer.body.len);
	}
	return r < 0 ? err_wrap(e, r, "%s", name) : 0;
}

static int save(struct fetcher *f, const char *name, struct err *e)
{
	const struct buf *b = &f->answer.body;
	AUTO_CLOSE int fd = -1;
	char temp[TEMP_CHARS];
	int r;

	(void)snprintf(temp, sizeof(temp), ".%.48s.tmp", name);
	(void)unlinkat(f->p->dirfd, temp, 0);
	fd = io_open(f->p->dirfd, temp, O_WRONLY | O_CREAT | O_EXCL, 0400, e);
	if (fd < 0)
		return fd;
	r = io_write(fd, b->data, b->len, e);
	if (r == 0 && renameat(f->p->dirfd, temp, f->p->dirfd, name) < 0)
		r = err_sys(e, "rename %s", name);
	if (r < 0)
		(void)unlinkat(f->p->dirfd, temp, 0);
	return r;
}

/* Whether the file is there with these bytes. */
static bool have(struct pull *p, const char *name, const uint8_t *sha256)
{
	struct buf b = { 0 };
	uint8_t got[HASH_BYTES];
	bool same;

	buf_init(&b, MANIFEST_MAX_BYTES);
	same = io_slurp(p->dirfd, name, &b, NULL) == 0 &&
	       hash_bytes(got, b.data, b.len, NULL) == 0 &&
	       memcmp(got, sha256, HASH_BYTES) == 0;
	buf_done(&b);
	return same;
}

/* "segment-NNNNNN.age"; nothing else is asked for, or written. */
static bool is_segment(const char *name)
{
	return strncmp(name, "segment-", 8) == 0 &&
	       strspn(name + 8, "0123456789") == 6 &&
	       strcmp(name + 14, ".age") == 0;
}

static int want(struct pull *p, const Icecore__V1__SegmentEntry *s, struct err *e)
{
	struct want *wants;

	if (!is_segment(s->name) || s->sha256.len != HASH_BYTES)
		return 0;
	wants = reallocarray(p->wants, p->wants_n + 1, sizeof(*wants));
	if (!wants)
		return err_set(e, -ENOMEM, "no memory for segments");
	p->wants = wants;
	wants += p->wants_n++;
	(void)snprintf(wants->name, sizeof(wants->name), "%.31s", s->name);
	memcpy(wants->sha256, s->sha256.data, HASH_BYTES);
	return 0;
}

static int read_manifest(struct fetcher *f, struct err *e)
{
	const struct buf *b = &f->answer.body;
	struct manifest m = { 0 };
	int r = 0;

	/* What is wrong with it is for icelab verify to say. */
	(void)!manifest_open(&m, b->data, b->len, NULL);
	for (size_t i = 0; r == 0 && m.body && i < m.body->n_segments; i++)
		r = want(f->p, m.body->segments[i], e);
	if (m.body && m.body->ending)
		f->p->result->final = true;
	manifest_done(&m);
	return r;
}

/* Until there are no more, or the final one. */
static int fetch_manifests(struct fetcher *f, struct err *e)
{
	struct pull_result *res = f->p->result;

	while (!res->final && res->manifests <= MANIFEST_NUMBER_MAX) {
		char name[MANIFEST_NAME_CHARS];
		struct err why = { 0 };
		int r;

		manifest_name(name, (unsigned)res->manifests);
		r = fetch(f, name, &why);
		/* Without the right to list, what is missing is refused. */
		if (res->manifests && (r == -ENOENT || r == -EACCES))
			return 0;
		if (r < 0)
			return err_set(e, r, "%s", why.msg);
		r = save(f, name, e);
		if (r == 0)
			r = read_manifest(f, e);
		if (r < 0)
			return r;
		res->manifests++;
	}
	return 0;
}

static int fetch_segment(void *state, size_t i, struct err *e)
{
	struct fetcher *f = state;
	const struct want *w = &f->p->wants[i];
	struct pull_result *res = f->p->result;
	uint8_t sha256[HASH_BYTES];
	int r;

	if (have(f->p, w->name, w->sha256)) {
		count(f->p, &res->kept, 1);
		count(f->p, &res->segments, 1);
		return 0;
	}
	r = fetch(f, w->name, e);
	if (r == -ENOENT || r == -EACCES) {
		count(f->p, &res->missing, 1);
		return 0;
	}
	if (r == 0)
		r = hash_bytes(
			sha256, f->answer.body.data, f->answer.body.len, e);
	if (r == 0)
		r = save(f, w->name, e);
	if (r < 0)
		return r;
	count(f->p,
		memcmp(sha256, w->sha256, HASH_BYTES) == 0 ? &res->segments
							   : &res->wrong,
		1);
	return 0;
}

static bool is_wanted(const struct pull *p, const char *name)
{
	for (size_t i = 0; i < p->wants_n; i++)
		if (strcmp(p->wants[i].name, name) == 0)
			return true;
	return false;
}

/* Of a capture that was cut off: what came after its last manifest. */
static int fetch_unlisted(struct fetcher *f, struct err *e)
{
	unsigned missing = 0;

	for (unsigned n = 0; n <= SEGMENT_NUMBER_MAX && missing < PULL_SEEK; n++) {
		char name[SEGMENT_NAME_CHARS];
		struct err why = { 0 };
		int r;

		segment_name(name, n);
		if (is_wanted(f->p, name)) {
			missing = 0;
			continue;
		}
		r = fetch(f, name, &why);
		if (r == -ENOENT || r == -EACCES) {
			missing++;
			continue;
		}
		if (r < 0)
			return err_set(e, r, "%s", why.msg);
		r = save(f, name, e);
		if (r < 0)
			return r;
		missing = 0;
		f->p->result->unlisted++;
	}
	return 0;
}

static int open_directory(struct pull *p, struct err *e)
{
	if (mkdir(p->config->directory, 0700) < 0 && errno != EEXIST)
		return err_sys(e, "mkdir %s", p->config->directory);
	p->dirfd = io_open(
		AT_FDCWD, p->config->directory, O_RDONLY | O_DIRECTORY, 0, e);
	return p->dirfd < 0 ? p->dirfd : 0;
}

static int run(struct pull *p, struct err *e)
{
	const struct parallel work = { .arg = p,
		.state_new = fetcher_new,
		.fn = fetch_segment,
		.state_free = fetcher_free };
	struct fetcher *f = NULL;
	int r = store_open(&p->store, p->config->url, p->config->store, e);

	if (r == 0)
		r = open_directory(p, e);
	if (r < 0)
		return r;
	f = fetcher_new(p);
	if (!f)
		return err_set(e, -ENOMEM, "no memory for a connection");
	r = fetch_manifests(f, e);
	if (r == 0)
		r = parallel_run(p->wants_n, p->config->threads, &work, e);
	if (r == 0 && !p->result->final)
		r = fetch_unlisted(f, e);
	fetcher_free(f);
	return r;
}

int pull_run(struct pull_result *ret, const struct pull_config *config,
	struct err *e)
{
	struct pull p = { .config = config, .result = ret, .dirfd = -1 };
	int r;

	*ret = (struct pull_result){ 0 };
	pthread_mutex_init(&p.lock, NULL);
	r = run(&p, e);
	if (p.dirfd >= 0)
		(void)close(p.dirfd);
	store_close(p.store);
	free(p.wants);
	pthread_mutex_destroy(&p.lock);
	return r < 0 ? err_wrap(e, r, "%s", config->url) : 0;
}
