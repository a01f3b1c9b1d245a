// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "evidence/manifest.h"
#include "evidence/segment.h"
#include "lab/fetch.h"
#include "lab/parallel.h"
#include "lab/pull.h"

enum { TEMP_CHARS = 64 };

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
	uint8_t public_key[MANIFEST_KEY_BYTES]; /* of manifest 0 */
	uint8_t last[HASH_BYTES]; /* of the manifest before */
	pthread_mutex_t lock; /* of the result */
};

static void count(struct pull *p, uint64_t *what, uint64_t n)
{
	pthread_mutex_lock(&p->lock);
	*what += n;
	pthread_mutex_unlock(&p->lock);
}

/* A thread's own connection. */
struct puller {
	struct pull *p;
	struct fetcher *f;
};

static void puller_free(void *arg)
{
	struct puller *u = arg;

	if (!u)
		return;
	if (u->f) {
		count(u->p, &u->p->result->fetched, u->f->objects);
		count(u->p, &u->p->result->fetched_bytes, u->f->bytes);
	}
	fetcher_free(u->f);
	free(u);
}

static void *puller_new(void *arg)
{
	struct puller *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->p = arg;
	if (fetcher_new(&u->f, u->p->store, NULL) == 0)
		return u;
	puller_free(u);
	return NULL;
}

static int save(struct puller *u, const char *name, struct err *e)
{
	const struct buf *b = &u->f->answer.body;
	AUTO_CLOSE int fd = -1;
	char temp[TEMP_CHARS];
	int r;

	(void)snprintf(temp, sizeof(temp), ".%.48s.tmp", name);
	(void)unlinkat(u->p->dirfd, temp, 0);
	fd = io_open(u->p->dirfd, temp, O_WRONLY | O_CREAT | O_EXCL, 0400, e);
	if (fd < 0)
		return fd;
	r = io_write(fd, b->data, b->len, e);
	if (r == 0 && renameat(u->p->dirfd, temp, u->p->dirfd, name) < 0)
		r = err_sys(e, "rename %s", name);
	if (r < 0)
		(void)unlinkat(u->p->dirfd, temp, 0);
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

static int read_manifest(
	struct puller *u, const struct manifest *m, struct err *e)
{
	int r = 0;

	/* What is wrong with it is for icelab verify to say. */
	for (size_t i = 0; r == 0 && m->body && i < m->body->n_segments; i++)
		r = want(u->p, m->body->segments[i], e);
	if (m->body && m->body->ending)
		u->p->result->final = true;
	return r;
}

/* It is whole, and the next in the chain of those before it. */
static bool fits(const struct pull *p, const struct manifest *m, int opened)
{
	if (opened < 0 || m->body->number != p->result->manifests)
		return false;
	if (m->body->number == 0)
		return true;
	return memcmp(m->public_key, p->public_key, MANIFEST_KEY_BYTES) == 0 &&
	       m->body->previous_sha256.len == HASH_BYTES &&
	       memcmp(m->body->previous_sha256.data, p->last, HASH_BYTES) == 0;
}

static int open_manifest(struct puller *u, struct manifest *m)
{
	const struct buf *b = &u->f->answer.body;

	manifest_done(m);
	*m = (struct manifest){ 0 };
	return manifest_open(m, b->data, b->len, NULL);
}

/*
 * Somebody who may add could add a version over the evidence: the oldest one
 * that is in its place is ours.  Without such a one, the newest as it is.
 */
static int choose_manifest(struct puller *u, const char *name, bool deleted,
	struct manifest *m, struct err *e)
{
	struct versions *v = &u->f->versions;

	fetch_versions(u->f, name);
	for (size_t i = 0; i < v->n && (v->n > 1 || deleted); i++) {
		int r = fetch(u->f, name, v->ids[i], e);

		if (r < 0)
			return r;
		if (fits(u->p, m, open_manifest(u, m))) {
			u->p->result->older += deleted || i + 1 < v->n;
			return 0;
		}
	}
	return fetch(u->f, name, NULL, e);
}

static int fetch_manifest(
	struct puller *u, const char *name, struct manifest *m, struct err *e)
{
	int r = fetch(u->f, name, NULL, e);

	if (r == -ENOENT || (r == 0 && fetch_is_versioned(u->f))) {
		int again = choose_manifest(u, name, r == -ENOENT, m, e);

		r = again == 0 || r == 0 ? again : r;
	}
	if (r < 0)
		return r;
	(void)open_manifest(u, m);
	return 0;
}

/* Until there are no more, or the final one. */
static int fetch_manifests(struct puller *u, struct err *e)
{
	struct pull_result *res = u->p->result;

	while (!res->final && res->manifests <= MANIFEST_NUMBER_MAX) {
		char name[MANIFEST_NAME_CHARS];
		struct manifest m = { 0 };
		struct err why = { 0 };
		int r;

		manifest_name(name, (unsigned)res->manifests);
		r = fetch_manifest(u, name, &m, &why);
		/* Without the right to list, what is missing is refused. */
		if (res->manifests && (r == -ENOENT || r == -EACCES))
			return 0;
		if (r < 0)
			return err_set(e, r, "%s", why.msg);
		r = save(u, name, e);
		if (r == 0)
			r = read_manifest(u, &m, e);
		memcpy(u->p->last, m.sha256, HASH_BYTES);
		if (!res->manifests)
			memcpy(u->p->public_key, m.public_key,
				MANIFEST_KEY_BYTES);
		manifest_done(&m);
		if (r < 0)
			return r;
		res->manifests++;
	}
	return 0;
}

static bool is_right(struct puller *u, const struct want *w)
{
	const struct buf *b = &u->f->answer.body;
	uint8_t sha256[HASH_BYTES];

	return hash_bytes(sha256, b->data, b->len, NULL) == 0 &&
	       memcmp(sha256, w->sha256, HASH_BYTES) == 0;
}

/* Of the older versions, the one that the manifest means. */
static bool find_version(struct puller *u, const struct want *w)
{
	struct versions *v = &u->f->versions;

	fetch_versions(u->f, w->name);
	for (size_t i = 0; i < v->n; i++)
		if (fetch(u->f, w->name, v->ids[i], NULL) == 0 && is_right(u, w)) {
			count(u->p, &u->p->result->older, 1);
			return true;
		}
	return false;
}

static int fetch_segment(void *state, size_t i, struct err *e)
{
	struct puller *u = state;
	const struct want *w = &u->p->wants[i];
	struct pull_result *res = u->p->result;
	struct err why = { 0 };
	bool right;
	int r;

	if (have(u->p, w->name, w->sha256)) {
		count(u->p, &res->kept, 1);
		count(u->p, &res->segments, 1);
		return 0;
	}
	r = fetch(u->f, w->name, NULL, &why);
	if (r < 0 && r != -ENOENT && r != -EACCES)
		return err_set(e, r, "%s", why.msg);
	right = (r == 0 && is_right(u, w)) || find_version(u, w);
	if (!right && r < 0) {
		count(u->p, &res->missing, 1);
		return 0;
	}
	/* What is wrong is kept as it is, for icelab verify to name. */
	if (!right)
		r = fetch(u->f, w->name, NULL, e);
	else
		r = 0;
	if (r == 0)
		r = save(u, w->name, e);
	if (r == 0)
		count(u->p, right ? &res->segments : &res->wrong, 1);
	return r;
}

static bool is_wanted(const struct pull *p, const char *name)
{
	for (size_t i = 0; i < p->wants_n; i++)
		if (strcmp(p->wants[i].name, name) == 0)
			return true;
	return false;
}

/* Of a capture that was cut off: what came after its last manifest. */
static int fetch_unlisted(struct puller *u, struct err *e)
{
	unsigned missing = 0;

	for (unsigned n = 0; n <= SEGMENT_NUMBER_MAX && missing < PULL_SEEK; n++) {
		char name[SEGMENT_NAME_CHARS];
		struct err why = { 0 };
		int r;

		segment_name(name, n);
		if (is_wanted(u->p, name)) {
			missing = 0;
			continue;
		}
		r = fetch(u->f, name, NULL, &why);
		if (r == -ENOENT || r == -EACCES) {
			missing++;
			continue;
		}
		if (r < 0)
			return err_set(e, r, "%s", why.msg);
		r = save(u, name, e);
		if (r < 0)
			return r;
		missing = 0;
		u->p->result->unlisted++;
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
		.state_new = puller_new,
		.fn = fetch_segment,
		.state_free = puller_free };
	struct puller *u = NULL;
	int r = store_open(&p->store, p->config->url, p->config->store, e);

	if (r == 0)
		r = open_directory(p, e);
	if (r < 0)
		return r;
	u = puller_new(p);
	if (!u)
		return err_set(e, -ENOMEM, "no memory for a connection");
	r = fetch_manifests(u, e);
	if (r == 0)
		r = parallel_run(p->wants_n, p->config->threads, &work, e);
	if (r == 0 && !p->result->final)
		r = fetch_unlisted(u, e);
	puller_free(u);
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
