// SPDX-License-Identifier: Apache-2.0
#include "disk/packages.h"

#include <errno.h>

#include "base/err.h"
#include "disk/dpkg.h"
#include "disk/rpm.h"

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

bool packages_agree(const struct packages_owned *o, const struct digest *d)
{
	if (o->checksum == PACKAGES_SHA256)
		return memcmp(o->want, d->sha256, sizeof(d->sha256)) == 0;
	return memcmp(o->want, d->md5, sizeof(d->md5)) == 0;
}

int packages_load(
	struct packages *ret, const struct packages_from *from, struct err *e)
{
	int r;

	*ret = (struct packages){ 0 };
	buf_init(&ret->text, PACKAGES_TEXT_BYTES);
	r = buf_append(&ret->text, "", 1, e);
	if (r == 0)
		r = dpkg_load(ret, from, e);
	if (r == 0)
		r = rpm_load(ret, from, e);
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
