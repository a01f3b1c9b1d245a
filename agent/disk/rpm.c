// SPDX-License-Identifier: Apache-2.0
#include "disk/rpm.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/num.h"
#include "disk/root.h"
#include "disk/rpm_db.h"
#include "disk/rpm_header.h"

const char *const rpm_directories[] = { "/usr/lib/sysimage/rpm/",
	"/var/lib/rpm/", NULL };

struct loading {
	struct packages *into;
	const struct packages_from *from;
	uint16_t package; /* whose files are read */
	uint64_t bad; /* headers that are none */
};

/* Two digits at a time; false for what is no digest of ${bytes}. */
static bool parse_digest(uint8_t *ret, size_t bytes, struct slice hex)
{
	if (hex.len != 2 * bytes)
		return false;
	for (size_t i = 0; i < bytes; i++) {
		char two[3] = { hex.p[2 * i], hex.p[2 * i + 1], 0 };
		uint64_t v;

		if (num_hex(&v, two) != 2)
			return false;
		ret[i] = (uint8_t)v;
	}
	return true;
}

void rpm_checksum(struct packages_owned *o, const struct rpm_header *h,
	const struct rpm_file *f)
{
	bool sha = h->algorithm == RPM_SHA256;

	o->checksum = PACKAGES_NONE;
	if (f->flags & RPM_FILE_GHOST || !S_ISREG(f->mode) ||
		(!sha && h->algorithm != RPM_MD5))
		return;
	if (parse_digest(o->want, sha ? DIGEST_SHA256_BYTES : DIGEST_MD5_BYTES,
		    f->digest))
		o->checksum = sha ? PACKAGES_SHA256 : PACKAGES_MD5;
}

static int see_file(struct loading *l, const struct rpm_header *h,
	const struct rpm_file *f, struct err *e)
{
	struct package *p = &l->into->v[l->package - 1];
	struct packages_owned *o;
	char path[WALK_PATH_BYTES];
	uint32_t file;
	int n = snprintf(path, sizeof(path), "%.*s%.*s", (int)f->directory.len,
		f->directory.p, (int)f->name.len, f->name.p);

	if (n <= 0 || n >= WALK_PATH_BYTES || path[0] != '/' ||
		strstr(path, "/../")) {
		l->bad++;
		return 0;
	}
	if (f->state != RPM_STATE_NORMAL)
		return 0;
	p->files++;
	file = walk_find(l->from->w, path, 0);
	if (file == WALK_NONE)
		return f->flags & (RPM_FILE_GHOST | RPM_FILE_MISSING_OK)
			       ? 0
			       : packages_miss(
					 l->into, l->from, l->package, path, e);
	o = &l->into->owned[file];
	o->package = l->package;
	o->mode = f->mode;
	o->conffile = f->flags & RPM_FILE_CONFIG;
	rpm_checksum(o, h, f);
	p->checksums += o->checksum != PACKAGES_NONE;
	return 0;
}

static int see_files(struct loading *l, const struct rpm_header *h, struct err *e)
{
	struct rpm_files files;
	struct rpm_file f;
	int r = rpm_files_begin(&files, h, e);

	if (r < 0)
		return r;
	while (r == 0 && rpm_files_next(&files, &f))
		r = see_file(l, h, &f, e);
	if (files.at != h->files)
		l->bad++;
	rpm_files_end(&files);
	return r;
}

static enum packages_signature signature_of(struct package *p,
	const uint8_t *blob, size_t len, const struct openpgp_keys *keys)
{
	struct err why = { 0 };

	if (!keys)
		return PACKAGES_NOT_ASKED;
	switch (rpm_header_signed(blob, len, keys, p->signer, &why)) {
	case 0:
		return PACKAGES_SIGNED;
	case -ENODATA:
		return PACKAGES_UNSIGNED;
	case -ENOKEY:
		return PACKAGES_OTHER_KEY;
	case -EKEYREJECTED:
		return PACKAGES_BAD_SIGNATURE;
	default:
		return PACKAGES_SIGNATURE_UNREAD;
	}
}

static int see_header(void *arg, const uint8_t *blob, size_t len, struct err *e)
{
	struct loading *l = arg;
	struct package p = { .format = "rpm" };
	struct rpm_header h;
	struct err why = { 0 };
	char version[512];
	int r;

	if (rpm_header_parse(&h, blob, len, &why) < 0) {
		l->bad++;
		return 0;
	}
	(void)snprintf(version, sizeof(version), "%.*s-%.*s", (int)h.version.len,
		h.version.p, (int)h.release.len, h.release.p);
	p.name = packages_keep(l->into, h.name);
	p.version = packages_keep(l->into, slice_of(version));
	p.architecture = packages_keep(l->into, h.architecture);
	p.altered = rpm_header_intact(blob, len) == 0;
	p.signature = (uint8_t)signature_of(&p, blob, len, l->from->keys);
	l->package = packages_add(l->into, &p);
	if (!l->package)
		return l->from->miss(l->from->arg, "rpm",
			"more packages than there is room for", e);
	r = see_files(l, &h, &why);
	if (r == -EBADMSG) {
		l->bad++;
		return 0;
	}
	return r < 0 ? err_set(e, r, "%s", why.msg) : 0;
}

/* What SQLite wrote last may be in its log only. */
static int check_log(struct loading *l, const char *database, struct err *e)
{
	char path[WALK_PATH_BYTES + 8];
	uint32_t file;

	(void)snprintf(path, sizeof(path), "%s-wal", database);
	file = walk_find(l->from->w, path, 0);
	if (file == WALK_NONE || !l->from->w->files[file].size_bytes)
		return 0;
	return l->from->miss(
		l->from->arg, path, "what is only in this log is not seen", e);
}

/* 1 when it was there; what is damaged is told, and what came before kept. */
static int load_one(struct loading *l, const char *directory,
	enum rpm_db_kind kind, struct err *e)
{
	char path[WALK_PATH_BYTES];
	struct err why = { 0 };
	AUTO_CLOSE int fd = -1;
	struct stat st;
	int r;

	(void)snprintf(path, sizeof(path), "%s%s", directory, rpm_db_name(kind));
	if (walk_find(l->from->w, path, WALK_FOLLOW) == WALK_NONE)
		return 0;
	fd = root_file(l->from->root, path, &st, &why);
	r = fd < 0 ? fd : packages_init(l->into, l->from, e);
	l->into->whole |= r == 0;
	if (r == 0)
		r = rpm_db_read(kind, fd, see_header, l, &why);
	if (r == -ENOMEM)
		return err_set(e, r, "%s", why.msg[0] ? why.msg : e->msg);
	if (r < 0)
		r = l->from->miss(l->from->arg, path, why.msg, e);
	else if (l->bad)
		r = l->from->miss(l->from->arg, path,
			"headers that rpm does not write", e);
	if (r == 0)
		r = check_log(l, path, e);
	l->into->bad += l->bad;
	return r < 0 ? r : 1;
}

/* The first one: rpm itself uses no other. */
int rpm_load(
	struct packages *into, const struct packages_from *from, struct err *e)
{
	struct loading l = { .into = into, .from = from };
	int r = 0;

	for (size_t i = 0; r == 0 && rpm_directories[i]; i++)
		for (int kind = 0; r == 0 && kind < RPM_DB_KINDS; kind++)
			r = load_one(&l, rpm_directories[i],
				(enum rpm_db_kind)kind, e);
	return r < 0 ? r : 0;
}
