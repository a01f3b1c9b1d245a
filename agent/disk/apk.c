// SPDX-License-Identifier: Apache-2.0
#include "disk/apk.h"

#include <sys/stat.h>

#include <openssl/evp.h>

#include "base/err.h"
#include "disk/base64.h"
#include "disk/dpkg_text.h"

struct loading {
	struct packages *into;
	const struct packages_from *from;
	struct package next; /* until its first file */
	struct slice directory;
	uint16_t package; /* 0: none yet */
	uint32_t file; /* the last one; WALK_NONE */
	uint64_t bad;
};

bool apk_next(struct apk_line *ret, struct slice *rest)
{
	struct slice line;

	if (!slice_line(&line, rest))
		return false;
	*ret = (struct apk_line){ 0, { "", 0 } };
	if (!line.len)
		return true;
	ret->key = '?';
	if (line.len < 2 || line.p[1] != ':')
		return true;
	ret->key = *line.p;
	ret->value = (struct slice){ line.p + 2, line.len - 2 };
	return true;
}

enum packages_checksum apk_checksum(
	uint8_t ret[DIGEST_SHA256_BYTES], struct slice value)
{
	struct slice sum = { value.p + 2, value.len - 2 };

	if (slice_begins(value, "Q1") &&
		base64_decode(ret, DIGEST_SHA1_BYTES, sum))
		return PACKAGES_SHA1;
	if (slice_begins(value, "Q2") &&
		base64_decode(ret, DIGEST_SHA256_BYTES, sum))
		return PACKAGES_SHA256;
	return PACKAGES_NONE;
}

/* The package that lines are of now. */
static uint16_t own_package(struct loading *l)
{
	if (!l->package) {
		l->next.format = "apk";
		l->package = packages_add(l->into, &l->next);
	}
	return l->package;
}

static int see_file(struct loading *l, struct slice name, struct err *e)
{
	char path[WALK_PATH_BYTES];
	uint16_t number = own_package(l);
	int n = snprintf(path, sizeof(path), "/%.*s/%.*s",
		(int)l->directory.len, l->directory.p, (int)name.len, name.p);

	l->file = WALK_NONE;
	if (n < 0 || (size_t)n >= sizeof(path) || !dpkg_path_is_sane(name) ||
		(l->directory.len && !dpkg_path_is_sane(l->directory)) ||
		!number) {
		l->bad++;
		return 0;
	}
	l->into->v[number - 1].files++;
	l->file = walk_find(l->from->w, path, 0);
	if (l->file == WALK_NONE)
		return packages_miss(l->into, l->from, number, path, e);
	packages_own(l->into, l->file, number, PACKAGES_NONE, NULL);
	l->into->owned[l->file].conffile = strncmp(path, "//etc/", 6) == 0 ||
					   strncmp(path, "/etc/", 5) == 0;
	return 0;
}

/* Of a link it is that of its target. */
static bool is_target(const struct loading *l, enum packages_checksum kind,
	const uint8_t *want)
{
	const struct walk_file *f = &l->from->w->files[l->file];
	const char *target = walk_text(l->from->w, f->target);
	const EVP_MD *md = kind == PACKAGES_SHA1 ? EVP_sha1() : EVP_sha256();
	uint8_t is[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	return S_ISLNK(f->mode) &&
	       EVP_Digest(target, strlen(target), is, &len, md, NULL) == 1 &&
	       memcmp(is, want, len) == 0;
}

static void see_checksum(struct loading *l, struct slice value)
{
	uint8_t want[DIGEST_SHA256_BYTES] = { 0 };
	enum packages_checksum kind = apk_checksum(want, value);

	if (kind == PACKAGES_NONE) {
		l->bad++;
		return;
	}
	if (l->file == WALK_NONE)
		return;
	l->into->v[l->package - 1].checksums++;
	if (!is_target(l, kind, want))
		packages_own(l->into, l->file, l->package, kind, want);
}

static int see_line(struct loading *l, const struct apk_line *line, struct err *e)
{
	switch (line->key) {
	case 0: /* the next package */
		if (l->next.name)
			(void)own_package(l);
		l->next = (struct package){ 0 };
		l->package = 0;
		l->file = WALK_NONE;
		break;
	case 'P':
		l->next.name = packages_keep(l->into, line->value);
		break;
	case 'V':
		l->next.version = packages_keep(l->into, line->value);
		break;
	case 'A':
		l->next.architecture = packages_keep(l->into, line->value);
		break;
	case 'F':
		l->directory = line->value;
		l->file = WALK_NONE;
		break;
	case 'R':
		return see_file(l, line->value, e);
	case 'Z':
		see_checksum(l, line->value);
		break;
	case '?':
		l->bad++;
		break;
	}
	return 0;
}

int apk_load(
	struct packages *into, const struct packages_from *from, struct err *e)
{
	static const char *const paths[] = { "/lib/apk/db/installed",
		"/usr/lib/apk/db/installed" };
	int r = 0, found = 0;

	for (size_t i = 0; r == 0 && !found && i < ARRAY_LEN(paths); i++) {
		struct loading l = { .into = into,
			.from = from,
			.directory = { "", 0 },
			.file = WALK_NONE };
		AUTO_BUF struct buf b = { 0 };
		struct apk_line line;
		struct slice rest;

		found = packages_slurp(from, paths[i], &b, e);
		r = found <= 0 ? found : packages_init(into, from, e);
		rest = slice_of_buf(&b);
		if (found > 0 && r == 0)
			into->whole = true;
		while (r == 0 && found && apk_next(&line, &rest))
			r = see_line(&l, &line, e);
		if (r == 0)
			r = see_line(&l, &(struct apk_line){ 0, { "", 0 } }, e);
		into->bad += l.bad;
		if (r == 0 && l.bad)
			r = from->miss(from->arg, paths[i],
				"lines that apk does not write", e);
	}
	return r;
}
