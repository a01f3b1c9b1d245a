// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/err.h"
#include "binary/owner.h"
#include "live/hand.h"

int owner_find(struct owner *v, size_t n, int rootfd, struct err *e)
{
	int dpkg = owner_dpkg(v, n, rootfd, e);
	int rpm = dpkg < 0 ? dpkg : owner_rpm(v, n, rootfd, e);

	return rpm < 0 ? rpm : dpkg || rpm;
}

bool owner_agrees(const struct owner *o, const uint8_t *md5, const uint8_t *sha256)
{
	return o->checksum == PACKAGES_SHA256
		       ? memcmp(o->want, sha256, DIGEST_SHA256_BYTES) == 0
		       : memcmp(o->want, md5, DIGEST_MD5_BYTES) == 0;
}

/* What a hand looks up; all is its own. */
struct job {
	int root;
	struct owner *v;
	size_t n;
	int result;
	struct err why;
};

static void work(void *arg)
{
	struct job *j = arg;

	j->result = owner_find(j->v, j->n, j->root, &j->why);
}

static void release(void *arg)
{
	struct job *j = arg;

	for (size_t i = 0; j->v && i < j->n; i++)
		free((char *)(uintptr_t)j->v[i].path);
	free(j->v);
	if (j->root >= 0)
		(void)close(j->root);
	free(j);
}

static struct job *make_job(const struct owner *v, size_t n, int rootfd)
{
	struct job *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->n = n;
	j->v = calloc(n, sizeof(*j->v));
	j->root = fcntl(rootfd, F_DUPFD_CLOEXEC, 0);
	for (size_t i = 0; j->v && i < n; i++) {
		j->v[i].path = strdup(v[i].path);
		if (!j->v[i].path)
			break;
	}
	if (j->root >= 0 && j->v && j->v[n - 1].path)
		return j;
	release(j);
	return NULL;
}

/* Every answer, under the caller's own path. */
static void take(struct owner *v, const struct job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		const char *path = v[i].path;

		v[i] = j->v[i];
		v[i].path = path;
	}
}

int owner_find_timed(
	struct owner *v, size_t n, int rootfd, uint64_t wait_ns, struct err *e)
{
	static const struct hand_ops ops = { work, release };
	struct hand *h = NULL;
	struct job *j;
	int r;

	if (!n)
		return 0;
	j = n <= OWNER_ASKED_MAX ? make_job(v, n, rootfd) : NULL;
	if (!j)
		return err_set(e, -ENOMEM, "no memory for packages");
	r = hand_new(&h, &ops, j, e);
	if (r < 0) {
		release(j);
		return r;
	}
	hand_start(h);
	if (!hand_wait(h, wait_ns)) {
		r = err_set(e, -ETIMEDOUT, "its packages do not answer");
	} else {
		r = j->result;
		if (r < 0)
			(void)err_set(e, r, "%s", j->why.msg);
		else
			take(v, j);
	}
	hand_free(h);
	return r;
}
