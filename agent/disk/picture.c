// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include "base/err.h"
#include "disk/picture.h"
#include "disk/place.h"

enum { CHOSEN_FIRST = 1024 };

static bool is_code_name(const char *name)
{
	return fnmatch("*.so", name, 0) == 0 || fnmatch("*.so.*", name, 0) == 0 ||
	       fnmatch("*.ko", name, 0) == 0 || fnmatch("*.ko.*", name, 0) == 0;
}

static int mark(void *arg, uint32_t file, struct err *e)
{
	uint8_t *marks = arg;

	(void)e;
	marks[file] = 1;
	return 0;
}

static int mark_places(const struct picture *p, uint8_t *marks, struct err *e)
{
	int r = 0;

	for (const struct place *at = place_next(NULL); r == 0 && at;
		at = place_next(at))
		for (size_t i = 0; r == 0 && at->patterns[i]; i++)
			r = walk_glob(&p->walk, at->patterns[i], mark, marks, e);
	return r;
}

static bool is_wanted(const struct picture *p, uint32_t file, bool placed)
{
	const struct walk_file *f = &p->walk.files[file];

	if (!S_ISREG(f->mode))
		return false;
	if (p->packages.found && p->packages.owned[file].checksum)
		return true;
	return f->mode & 0111 || is_code_name(walk_name(&p->walk, file)) ||
	       (placed && f->size_bytes <= PICTURE_PLACED_BYTES);
}

/* What is compared: with its own checksum, or, in a place, with all others. */
static enum digest_weak weak_of(
	const struct picture *p, uint32_t file, bool placed)
{
	const struct packages_owned *o =
		p->packages.found ? &p->packages.owned[file] : NULL;

	if (o && o->checksum)
		return packages_weak(o->checksum);
	return placed ? picture_weak(p) : DIGEST_NO_WEAK;
}

static int choose(struct picture *p, struct err *e)
{
	size_t cap = 0;
	int r;

	p->placed = calloc(p->walk.n, 1);
	if (!p->placed)
		return err_set(e, -ENOMEM, "no memory for marks");
	r = mark_places(p, p->placed, e);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < p->walk.n; i++) {
		if (!is_wanted(p, i, p->placed[i]))
			continue;
		if (p->digests_n == cap) {
			struct digest *more;

			cap = cap ? cap * 2 : CHOSEN_FIRST;
			more = reallocarray(p->digests, cap, sizeof(*more));
			if (!more)
				return err_set(
					e, -ENOMEM, "no memory for digests");
			p->digests = more;
		}
		p->digests[p->digests_n++] = (struct digest){ .file = i,
			.weak = (uint8_t)weak_of(p, i, p->placed[i]) };
	}
	return 0;
}

/* What ends the reading of all that follows is told once. */
static const struct {
	int error;
	const char *reason;
} ends[] = {
	{ -EINTR, "interrupted" },
	{ -ETIME, "the time for the disk was up" },
	{ -EDQUOT, "more bytes than may be read" },
};

static int tell_ends(const struct picture *p,
	const struct picture_config *config, const size_t *n, struct err *e)
{
	struct err what = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(ends); i++) {
		(void)err_set(&what, 0, "contents of %zu of %zu files", n[i],
			p->digests_n);
		if (n[i])
			r = config->miss(
				config->arg, what.msg, ends[i].reason, e);
	}
	return r;
}

static int tell_unread(const struct picture *p,
	const struct picture_config *config, struct err *e)
{
	size_t n[ARRAY_LEN(ends)] = { 0 };
	char path[WALK_PATH_BYTES];
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->digests_n; i++) {
		const struct digest *d = &p->digests[i];
		size_t k = 0;

		while (k < ARRAY_LEN(ends) && d->result != ends[k].error)
			k++;
		if (k < ARRAY_LEN(ends))
			n[k]++;
		if (k < ARRAY_LEN(ends) || d->result == 0)
			continue;
		if (walk_path(path, &p->walk, d->file) < 0)
			(void)snprintf(path, sizeof(path), "(a path too long)");
		r = config->miss(config->arg, path, strerror(-d->result), e);
	}
	return r < 0 ? r : tell_ends(p, config, n, e);
}

/* By what a package's checksum is, and then by it. */
static int by_want(const void *a, const void *b)
{
	const struct packages_owned *const *x = a, *const *y = b;

	if ((*x)->checksum != (*y)->checksum)
		return (*x)->checksum - (*y)->checksum;
	return memcmp((*x)->want, (*y)->want, sizeof((*x)->want));
}

static int index_wants(struct picture *p, struct err *e)
{
	const struct packages *d = &p->packages;

	for (uint32_t i = 0; d->found && i < p->walk.n; i++)
		p->wants_n += d->owned[i].checksum != PACKAGES_NONE;
	p->wants = calloc(p->wants_n + 1, sizeof(*p->wants));
	if (!p->wants)
		return err_set(e, -ENOMEM, "no memory for checksums");
	p->wants_n = 0;
	for (uint32_t i = 0; d->found && i < p->walk.n; i++)
		if (d->owned[i].checksum)
			p->wants[p->wants_n++] = &d->owned[i];
	qsort(p->wants, p->wants_n, sizeof(*p->wants), by_want);
	return 0;
}

static int take(
	struct picture *p, const struct picture_config *config, struct err *e)
{
	const struct packages_from from = { &p->root, &p->walk, config->miss,
		config->arg, config->keys };
	const struct walk_config walk = { .miss = config->miss,
		.arg = config->arg,
		.interrupted = config->digest.interrupted,
		.until_ns = config->digest.until_ns,
		.skips = config->skips,
		.skips_n = config->skips_n };
	int r = root_open(&p->root, config->target, e);

	if (r == 0)
		r = walk_run(&p->walk, &p->root, &walk, e);
	if (r == 0)
		r = packages_load(&p->packages, &from, e);
	if (r == 0)
		r = index_wants(p, e);
	if (r == 0)
		r = choose(p, e);
	if (r == 0)
		r = digest_run(p->digests, p->digests_n, &p->root, &p->walk,
			&config->digest, e);
	if (r == 0)
		r = tell_unread(p, config, e);
	p->cut = config->digest.interrupted && *config->digest.interrupted;
	return r;
}

int picture_take(
	struct picture *ret, const struct picture_config *config, struct err *e)
{
	int r;

	*ret = (struct picture){ .root.fd = -1 };
	r = take(ret, config, e);
	if (r < 0)
		picture_done(ret);
	return r;
}

void picture_done(struct picture *p)
{
	free(p->digests);
	free(p->wants);
	free(p->placed);
	p->digests = NULL;
	p->wants = NULL;
	p->placed = NULL;
	p->digests_n = p->wants_n = 0;
	packages_done(&p->packages);
	walk_done(&p->walk);
	root_close(&p->root);
}

static int by_file(const void *key, const void *one)
{
	uint32_t file = *(const uint32_t *)key;
	const struct digest *d = one;

	return file < d->file ? -1 : file > d->file;
}

const struct digest *picture_digest(const struct picture *p, uint32_t file)
{
	const struct digest *d =
		p->digests_n ? bsearch(&file, p->digests, p->digests_n,
				       sizeof(*d), by_file)
			     : NULL;

	return d && d->result == 0 ? d : NULL;
}

uint16_t picture_owner(const struct picture *p, uint32_t file)
{
	return p->packages.found ? p->packages.owned[file].package : 0;
}

enum disk_state picture_state(const struct picture *p, uint32_t file)
{
	const struct packages_owned *o;
	const struct digest *d;

	if (!p->packages.found)
		return DISK_UNKNOWN;
	o = &p->packages.owned[file];
	if (!o->package)
		return p->packages.whole ? DISK_UNOWNED : DISK_UNKNOWN;
	if (!o->checksum)
		return DISK_OWNED;
	/* A checksum is of a regular file: what became something else. */
	if (!S_ISREG(p->walk.files[file].mode))
		return DISK_CHANGED;
	d = picture_digest(p, file);
	if (!d)
		return DISK_UNKNOWN;
	return packages_agree(o, d) ? DISK_AS_PACKAGED : DISK_CHANGED;
}

static bool has_want(const struct picture *p, enum packages_checksum checksum,
	const uint8_t *bytes, size_t len)
{
	struct packages_owned want = { .checksum = (uint8_t)checksum };
	const struct packages_owned *key = &want;

	memcpy(want.want, bytes, len);
	return bsearch(&key, p->wants, p->wants_n, sizeof(*p->wants), by_want);
}

bool picture_knows(const struct picture *p, const struct digest *d)
{
	static const enum packages_checksum weak[] = {
		[DIGEST_NO_WEAK] = PACKAGES_NONE,
		[DIGEST_MD5] = PACKAGES_MD5,
		[DIGEST_SHA1] = PACKAGES_SHA1,
	};
	static const size_t bytes[] = {
		[DIGEST_NO_WEAK] = 0,
		[DIGEST_MD5] = DIGEST_MD5_BYTES,
		[DIGEST_SHA1] = DIGEST_SHA1_BYTES,
	};

	return p->wants_n &&
	       ((d->weak && has_want(p, weak[d->weak], d->sum, bytes[d->weak])) ||
		       has_want(p, PACKAGES_SHA256, d->sha256, sizeof(d->sha256)));
}

enum digest_weak picture_weak(const struct picture *p)
{
	return p->wants_n && p->wants[0]->checksum == PACKAGES_SHA1 ? DIGEST_SHA1
								    : DIGEST_MD5;
}

bool picture_is_copy(const struct picture *p, uint32_t file)
{
	const struct digest *d = picture_digest(p, file);

	return d && picture_knows(p, d);
}
