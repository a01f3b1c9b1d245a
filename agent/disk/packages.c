// SPDX-License-Identifier: Apache-2.0
#include "disk/packages.h"

#include <errno.h>

#include "base/err.h"
#include "disk/apk.h"
#include "disk/dpkg.h"
#include "disk/npm.h"
#include "disk/python.h"
#include "disk/root.h"
#include "disk/rpm.h"
#include "disk/ucf.h"

enum { MISSING_FIRST = 256 };

int packages_init(
	struct packages *p, const struct packages_from *from, struct err *e)
{
	if (p->found)
		return 0;
	p->found = true;
	p->owned = calloc(from->w->n, sizeof(*p->owned));
	p->v = calloc(PACKAGES_MAX, sizeof(*p->v));
	return p->owned && p->v ? 0
				: err_set(e, -ENOMEM, "no memory for packages");
}

uint32_t packages_keep(struct packages *p, struct slice s)
{
	struct buf *b = &p->text;
	uint32_t at = (uint32_t)b->len;

	if (buf_append(b, s.p, s.len, NULL) == 0 &&
		buf_append(b, "", 1, NULL) == 0)
		return at;
	b->len = at;
	p->lost++;
	return 0;
}

uint16_t packages_add(struct packages *p, const struct package *package)
{
	if (p->n == PACKAGES_MAX)
		return 0;
	p->v[p->n++] = *package;
	return (uint16_t)p->n;
}

int packages_miss(struct packages *p, const struct packages_from *from,
	uint16_t number, const char *path, struct err *e)
{
	if (p->missing_n == PACKAGES_MISSING_MAX)
		return 0;
	if (p->missing_n == p->missing_cap) {
		size_t cap = p->missing_cap ? p->missing_cap * 2 : MISSING_FIRST;
		struct packages_missing *more =
			reallocarray(p->missing, cap, sizeof(*more));

		if (!more)
			return err_set(e, -ENOMEM, "no memory for packages");
		p->missing = more;
		p->missing_cap = cap;
	}
	p->missing[p->missing_n++] = (struct packages_missing){ .package = number,
		.path = packages_keep(p, slice_of(path)) };
	if (p->missing_n == PACKAGES_MISSING_MAX)
		return from->miss(from->arg, "packages",
			"more missing files than there is room for", e);
	return 0;
}

static const struct {
	enum digest_weak weak;
	size_t bytes;
} checksums[] = {
	[PACKAGES_NONE] = { DIGEST_NO_WEAK, 0 },
	[PACKAGES_MD5] = { DIGEST_MD5, DIGEST_MD5_BYTES },
	[PACKAGES_SHA1] = { DIGEST_SHA1, DIGEST_SHA1_BYTES },
	[PACKAGES_SHA256] = { DIGEST_NO_WEAK, DIGEST_SHA256_BYTES },
};

enum digest_weak packages_weak(enum packages_checksum checksum)
{
	return checksums[checksum].weak;
}

bool packages_agree(const struct packages_owned *o, const struct digest *d)
{
	return memcmp(o->want,
		       o->checksum == PACKAGES_SHA256 ? d->sha256 : d->sum,
		       checksums[o->checksum].bytes) == 0;
}

void packages_own(struct packages *p, uint32_t file, uint16_t number,
	enum packages_checksum checksum, const uint8_t *want)
{
	struct packages_owned *o = &p->owned[file];

	o->package = number;
	o->checksum = (uint8_t)checksum;
	if (checksum)
		memcpy(o->want, want, checksums[checksum].bytes);
}

uint16_t packages_find(const struct packages *p, struct slice name)
{
	for (uint16_t i = 1; i <= p->n; i++)
		if (slice_is(name, packages_text(p, p->v[i - 1].name)))
			return i;
	return 0;
}

int packages_slurp(const struct packages_from *from, const char *path,
	struct buf *ret, struct err *e)
{
	struct err why = { 0 };
	int r;

	buf_init(ret, PACKAGES_FILE_BYTES);
	if (walk_find(from->w, path, WALK_FOLLOW) == WALK_NONE)
		return 0;
	r = root_slurp(from->root, path, ret, &why);
	if (r < 0) {
		r = from->miss(from->arg, path, why.msg, e);
		return r < 0 ? r : 0;
	}
	return 1;
}

/* Those of the system first: what it owns is no language's. */
static packages_loader *const loaders[] = {
	dpkg_load,
	ucf_load,
	rpm_load,
	apk_load,
	python_load,
	npm_load,
};

int packages_load(
	struct packages *ret, const struct packages_from *from, struct err *e)
{
	int r;

	*ret = (struct packages){ 0 };
	buf_init(&ret->text, PACKAGES_TEXT_BYTES);
	r = buf_append(&ret->text, "", 1, e);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(loaders); i++)
		r = loaders[i](ret, from, e);
	if (r == 0 && ret->lost)
		r = from->miss(from->arg, "packages",
			"texts that there was no room for", e);
	if (r < 0)
		packages_done(ret);
	return r;
}

void packages_done(struct packages *p)
{
	free(p->v);
	free(p->owned);
	free(p->missing);
	buf_done(&p->text);
	*p = (struct packages){ 0 };
}
