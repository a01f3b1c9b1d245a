// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "collect/disk_record.h"
#include "icecore/v1/record.pb-c.h"
#include "stream/writer.h"

enum { BATCH_XATTRS = 4096, FILE_XATTRS = WALK_XATTRS_BYTES / 2 };

/* Files until they are a record. */
struct batch {
	struct writer *w;
	const struct picture *p;
	Icecore__V1__DiskFile files[DISK_BATCH_FILES];
	Icecore__V1__DiskFile *files_p[DISK_BATCH_FILES];
	size_t n;
	ProtobufCBinaryData xattrs[BATCH_XATTRS];
	size_t xattrs_n;
	uint8_t texts[DISK_BATCH_BYTES]; /* paths */
	size_t bytes; /* of these, and of what is borrowed */
	size_t used; /* of ->texts */
};

static ProtobufCBinaryData bytes_of(const void *p, size_t len)
{
	return (ProtobufCBinaryData){ .len = len,
		.data = (uint8_t *)(uintptr_t)p };
}

static ProtobufCBinaryData text_of(const char *s)
{
	return bytes_of(s, strlen(s));
}

static ProtobufCBinaryData slice_bytes(struct slice s)
{
	return bytes_of(s.p, s.len < DISK_LINE_BYTES ? s.len : DISK_LINE_BYTES);
}

static int flush(struct batch *b, struct err *e)
{
	Icecore__V1__DiskFiles files = ICECORE__V1__DISK_FILES__INIT;
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;

	files.files = b->files_p;
	files.n_files = b->n;
	m.body_case = ICECORE__V1__RECORD__BODY_DISK_FILES;
	m.disk_files = &files;
	b->n = b->xattrs_n = b->bytes = b->used = 0;
	return writer_put(b->w, &(struct record){ .message = &m }, e);
}

static void set_stat(Icecore__V1__DiskFile *f, const struct walk_file *from)
{
	f->has_inode = f->has_mode = f->has_uid = f->has_gid = 1;
	f->has_links = f->has_size_bytes = f->has_device_major = 1;
	f->has_device_minor = f->has_atime_ns = f->has_mtime_ns = 1;
	f->has_ctime_ns = 1;
	f->inode = from->inode;
	f->mode = from->mode;
	f->uid = from->uid;
	f->gid = from->gid;
	f->links = from->links;
	f->size_bytes = from->size_bytes;
	f->device_major = from->device_major;
	f->device_minor = from->device_minor;
	f->atime_ns = from->time_ns[WALK_ATIME];
	f->mtime_ns = from->time_ns[WALK_MTIME];
	f->ctime_ns = from->time_ns[WALK_CTIME];
	f->has_btime_ns = from->time_ns[WALK_BTIME] != 0;
	f->btime_ns = from->time_ns[WALK_BTIME];
	f->has_attributes = 1;
	f->attributes = from->attributes;
}

static void set_xattrs(
	struct batch *b, Icecore__V1__DiskFile *f, const struct walk_file *from)
{
	const char *name = walk_text(&b->p->walk, from->xattrs);

	f->xattrs = &b->xattrs[b->xattrs_n];
	for (; *name && f->n_xattrs < FILE_XATTRS; name += strlen(name) + 1) {
		f->xattrs[f->n_xattrs++] = text_of(name);
		b->bytes += strlen(name) + 8;
	}
	b->xattrs_n += f->n_xattrs;
	f->has_capability = from->capability_len != 0;
	f->capability = bytes_of(
		walk_text(&b->p->walk, from->capability), from->capability_len);
}

static void set_content(
	const struct picture *p, Icecore__V1__DiskFile *f, uint32_t file)
{
	const struct digest *d = picture_digest(p, file);
	uint16_t owner = picture_owner(p, file);

	f->package = (char *)(uintptr_t)packages_name(&p->packages, owner);
	f->has_state = 1;
	f->state = (Icecore__V1__DiskState)picture_state(p, file);
	if (!d)
		return;
	f->has_sha256 = 1;
	f->sha256 = bytes_of(d->sha256, sizeof(d->sha256));
	f->has_md5 = d->weak == DIGEST_MD5;
	f->md5 = bytes_of(d->sum, DIGEST_MD5_BYTES);
}

static int add(struct batch *b, uint32_t file, struct err *e)
{
	const struct walk_file *from = &b->p->walk.files[file];
	const char *target = walk_text(&b->p->walk, from->target);
	Icecore__V1__DiskFile *f = &b->files[b->n];
	char path[WALK_PATH_BYTES];
	int len = walk_path(path, &b->p->walk, file);

	if (len < 0)
		return 0; /* told by the walk */
	icecore__v1__disk_file__init(f);
	memcpy(b->texts + b->used, path, (size_t)len);
	f->has_path = 1;
	f->path = bytes_of(b->texts + b->used, (size_t)len);
	b->used += (size_t)len;
	/* What nobody could tell is not there. */
	if (from->mode) {
		set_stat(f, from);
		set_xattrs(b, f, from);
		set_content(b->p, f, file);
	}
	f->has_target = from->target != 0;
	f->target = text_of(target);
	b->bytes += (size_t)len + strlen(target);
	b->files_p[b->n] = f;
	b->n++;
	if (b->n < DISK_BATCH_FILES && b->xattrs_n <= BATCH_XATTRS - FILE_XATTRS &&
		b->bytes < DISK_BATCH_BYTES - 4 * WALK_PATH_BYTES)
		return 0;
	return flush(b, e);
}

int disk_put_files(struct writer *w, const struct picture *p, struct err *e)
{
	AUTO_FREE struct batch *b = malloc(sizeof(*b));
	int r = 0;

	if (!b)
		return err_set(e, -ENOMEM, "no memory for files");
	b->w = w;
	b->p = p;
	b->n = b->xattrs_n = b->bytes = b->used = 0;
	for (uint32_t i = 0; r == 0 && i < p->walk.n; i++)
		r = add(b, i, e);
	return r == 0 && b->n ? flush(b, e) : r;
}

static void set_text(protobuf_c_boolean *has, ProtobufCBinaryData *ret,
	const struct packages *d, uint32_t text)
{
	*has = 1;
	*ret = text_of(packages_text(d, text));
}

int disk_put_packages(struct writer *w, const struct picture *p, struct err *e)
{
	const struct packages *d = &p->packages;
	int r = 0;

	for (size_t i = 0; r == 0 && i < d->n; i++) {
		const struct package *from = &d->v[i];
		Icecore__V1__DiskPackage k = ICECORE__V1__DISK_PACKAGE__INIT;
		Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;

		k.format = (char *)(uintptr_t)from->format;
		set_text(&k.has_name, &k.name, d, from->name);
		set_text(&k.has_version, &k.version, d, from->version);
		set_text(&k.has_architecture, &k.architecture, d,
			from->architecture);
		set_text(&k.has_status, &k.status, d, from->status);
		k.has_files = k.has_checksums = 1;
		k.files = from->files;
		k.checksums = from->checksums;
		k.has_signature = from->signature != PACKAGES_NOT_ASKED;
		k.signature = (Icecore__V1__DiskSignature)from->signature;
		k.has_signer = from->signature > PACKAGES_UNSIGNED ||
			       from->signature == PACKAGES_SIGNED;
		k.signer = bytes_of(from->signer, sizeof(from->signer));
		m.body_case = ICECORE__V1__RECORD__BODY_DISK_PACKAGE;
		m.disk_package = &k;
		r = writer_put(w, &(struct record){ .message = &m }, e);
	}
	return r;
}

/* What a package tells, NULL when it does not, and what was found. */
static void set_sums(Icecore__V1__DiskVerdict *out,
	const struct packages_owned *o, const struct digest *d)
{
	if (o) {
		out->has_md5_expected = o->checksum == PACKAGES_MD5;
		out->has_sha1_expected = o->checksum == PACKAGES_SHA1;
		out->has_sha256_expected = o->checksum == PACKAGES_SHA256;
		out->md5_expected = bytes_of(o->want, DIGEST_MD5_BYTES);
		out->sha1_expected = bytes_of(o->want, DIGEST_SHA1_BYTES);
		out->sha256_expected = bytes_of(o->want, DIGEST_SHA256_BYTES);
	}
	if (d) {
		out->has_md5_found = d->weak == DIGEST_MD5;
		out->has_sha1_found = d->weak == DIGEST_SHA1;
		out->has_sha256_found = 1;
		out->md5_found = bytes_of(d->sum, DIGEST_MD5_BYTES);
		out->sha1_found = bytes_of(d->sum, DIGEST_SHA1_BYTES);
		out->sha256_found = bytes_of(d->sha256, DIGEST_SHA256_BYTES);
	}
}

int disk_put_verdict(struct writer *w, const struct picture *p,
	const struct verify_verdict *v, struct err *e)
{
	const struct digest *d =
		v->file == WALK_NONE ? NULL : picture_digest(p, v->file);
	Icecore__V1__DiskVerdict out = ICECORE__V1__DISK_VERDICT__INIT;
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;

	out.has_path = out.has_deviation = out.has_class_ = 1;
	out.path = text_of(v->path);
	out.deviation = (Icecore__V1__DiskDeviation)v->deviation;
	out.class_ = (Icecore__V1__DiskClass)v->class;
	out.has_package = v->package != 0;
	if (v->package)
		out.package = text_of(packages_name(&p->packages, v->package));
	set_sums(&out,
		v->deviation == VERIFY_CHANGED ? &p->packages.owned[v->file]
					       : NULL,
		d);
	m.body_case = ICECORE__V1__RECORD__BODY_DISK_VERDICT;
	m.disk_verdict = &out;
	return writer_put(w, &(struct record){ .message = &m }, e);
}

int disk_put_persistence(struct writer *w, const struct picture *p,
	const struct persist_found *f, struct err *e)
{
	uint16_t owner = picture_owner(p, f->content);
	Icecore__V1__DiskPersistence out = ICECORE__V1__DISK_PERSISTENCE__INIT;
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;

	out.kind = (char *)(uintptr_t)f->place->kind;
	out.technique = (char *)(uintptr_t)f->place->technique;
	out.has_path = out.has_state = 1;
	out.path = text_of(f->path);
	out.state = (Icecore__V1__DiskState)f->state;
	out.reason = (char *)(uintptr_t)f->reason;
	out.has_package = owner != 0;
	if (owner)
		out.package = text_of(packages_name(&p->packages, owner));
	out.has_line = out.has_text = !f->whole;
	if (!f->whole) {
		out.line = f->item.line;
		out.text = slice_bytes(f->item.text);
		out.has_runs = f->item.runs.len != 0;
		out.runs = slice_bytes(f->item.runs);
	}
	m.body_case = ICECORE__V1__RECORD__BODY_DISK_PERSISTENCE;
	m.disk_persistence = &out;
	return writer_put(w, &(struct record){ .message = &m }, e);
}

int disk_put_container(
	struct writer *w, const struct container_found *f, struct err *e)
{
	Icecore__V1__DiskContainer out = ICECORE__V1__DISK_CONTAINER__INIT;
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;

	out.engine = (char *)(uintptr_t)f->engine;
	out.has_id = out.has_programs = 1;
	out.id = text_of(f->id);
	out.has_name = f->name[0] != 0;
	out.name = text_of(f->name);
	out.has_image = f->image[0] != 0;
	out.image = text_of(f->image);
	out.has_layer = f->layer[0] != 0;
	out.layer = text_of(f->layer);
	out.programs = f->added;
	m.body_case = ICECORE__V1__RECORD__BODY_DISK_CONTAINER;
	m.disk_container = &out;
	return writer_put(w, &(struct record){ .message = &m }, e);
}
