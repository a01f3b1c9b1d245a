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

/* Which files lie in a place: a byte for each. */
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

	for (const struct place *at = places; r == 0 && at->kind; at++)
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

static int choose(struct picture *p, struct err *e)
{
	AUTO_FREE uint8_t *marks = calloc(p->walk.n, 1);
	size_t cap = 0;
	int r;

	if (!marks)
		return err_set(e, -ENOMEM, "no memory for marks");
	r = mark_places(p, marks, e);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < p->walk.n; i++) {
		if (!is_wanted(p, i, marks[i]))
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
		p->digests[p->digests_n++] = (struct digest){ .file = i };
	}
	return 0;
}

static int tell_unread(const struct picture *p,
	const struct picture_config *config, struct err *e)
{
	char path[WALK_PATH_BYTES];
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->digests_n; i++) {
		const struct digest *d = &p->digests[i];

		if (d->result == 0)
			continue;
		if (walk_path(path, &p->walk, d->file) < 0)
			(void)snprintf(path, sizeof(path), "(a path too long)");
		r = config->miss(config->arg, path, strerror(-d->result), e);
	}
	return r;
}

static int take(
	struct picture *p, const struct picture_config *config, struct err *e)
{
	const struct packages_from from = { &p->root, &p->walk, config->miss,
		config->arg };
	const struct walk_config walk = { .miss = config->miss,
		.arg = config->arg,
		.interrupted = config->digest.interrupted };
	int r = root_open(&p->root, config->target, e);

	if (r == 0)
		r = walk_run(&p->walk, &p->root, &walk, e);
	if (r == 0)
		r = packages_load(&p->packages, &from, e);
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
	p->digests = NULL;
	p->digests_n = 0;
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
		return DISK_UNOWNED;
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

bool picture_is_copy(const struct picture *p, uint32_t file)
{
	const struct digest *d = picture_digest(p, file);

	if (!d || !p->packages.found)
		return false;
	for (uint32_t i = 0; i < p->walk.n; i++)
		if (p->packages.owned[i].checksum &&
			packages_agree(&p->packages.owned[i], d))
			return true;
	return false;
}
