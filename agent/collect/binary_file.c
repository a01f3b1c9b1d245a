// SPDX-License-Identifier: Apache-2.0
/* One file: read once to know it, and once more when its content is wanted. */
#include <errno.h>
#include <linux/magic.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "base/err.h"
#include "binary/slow.h"
#include "binary/taken.h"
#include "collect/binary_internal.h"
#include "collect/set.h"
#include "stream/writer.h"

enum { HEAD_BYTES = 512, WHAT_CHARS = 200 };

/* What is found of one file on the way. */
struct examined {
	struct binaries *b;
	struct binary_file *file;
	int fd;
	struct content content;
	bool read;
	struct elf_traits elf;
	bool is_elf;
	struct script script;
	bool is_script;
	struct measure *measure;
	int segments[ELF_SEGMENTS_MAX];
	int sections[ELF_SECTIONS_MAX];
	uint8_t capability[BINARY_CAPABILITY_BYTES];
	size_t capability_len;
	bool tmpfs;
	struct reasons reasons;
	struct err why; /* it was not read, or not wholly */
};

static ssize_t read_slowly(
	void *arg, void *buf, size_t len, uint64_t offset, struct err *e)
{
	const struct examined *x = arg;
	size_t done = 0;

	while (done < len) {
		/* A direct read begins at a block. */
		uint64_t at = offset + done, from = at - at % 4096;
		const uint8_t *p;
		size_t some;
		ssize_t n = slow_read(
			x->b->slow, &p, x->fd, from, SLOW_PIECE_BYTES, e);

		if (n < 0)
			return n;
		if ((uint64_t)n <= at - from)
			break;
		some = (size_t)n - (size_t)(at - from);
		if (some > len - done)
			some = len - done;
		memcpy((uint8_t *)buf + done, p + (at - from), some);
		done += some;
	}
	return (ssize_t)done;
}

static int begin(struct examined *x, struct err *e)
{
	uint64_t size = (uint64_t)x->file->st.st_size;
	char head[HEAD_BYTES];
	struct statfs fs;
	ssize_t n;
	int r;

	x->tmpfs = fstatfs(x->fd, &fs) == 0 &&
		   ((unsigned)fs.f_type == TMPFS_MAGIC ||
			   (unsigned)fs.f_type == RAMFS_MAGIC);
	n = fgetxattr(x->fd, "security.capability", x->capability,
		sizeof(x->capability));
	x->capability_len = n > 0 ? (size_t)n : 0;
	n = read_slowly(x, head, sizeof(head), 0, e);
	if (n < 0)
		return (int)n;
	x->is_script = script_read(&x->script, head, (size_t)n);
	r = elf_traits_read(&x->elf, size, read_slowly, x, e);
	x->is_elf = r == 0;
	if (r >= 0)
		r = measure_new(&x->measure, size, e);
	if (r < 0 || !x->is_elf)
		return r;
	for (size_t i = 0; i < x->elf.segments_n; i++) {
		const struct elf_region *g = &x->elf.segments[i];

		x->segments[i] = g->type == 1 /* PT_LOAD */
					 ? measure_part(x->measure, g->offset,
						   g->file_bytes)
					 : -1;
	}
	for (size_t i = 0; i < x->elf.sections_n; i++)
		x->sections[i] = measure_part(x->measure,
			x->elf.sections[i].offset, x->elf.sections[i].file_bytes);
	return 0;
}

static int see_bytes(
	void *arg, uint64_t offset, const uint8_t *p, size_t len, struct err *e)
{
	const struct examined *x = arg;

	(void)e;
	measure_see(x->measure, offset, p, len);
	return 0;
}

static int read_file(struct examined *x)
{
	struct content_config config = { .slow = x->b->slow,
		.see = see_bytes,
		.arg = x,
		.interrupted = x->b->env->interrupted };
	int r;

	x->fd = content_open(x->b->slow, x->file->held, &x->why);
	r = x->fd < 0 ? x->fd : begin(x, &x->why);
	if (r >= 0)
		r = content_read(&x->content, x->file->held, &config, &x->why);
	x->read = r >= 0;
	return r == -ENOMEM ? r : 0;
}

static enum disk_state state_of(const struct examined *x)
{
	const struct binary_file *f = x->file;

	if (!f->root || !x->b->table.roots[f->root - 1].packages)
		return DISK_UNKNOWN;
	if (!f->owner.package[0])
		return DISK_UNOWNED;
	if (!f->owner.has_md5)
		return DISK_OWNED;
	if (!x->read || !x->content.hashed)
		return DISK_UNKNOWN;
	return memcmp(f->owner.md5, x->content.md5, CONTENT_MD5_BYTES) == 0
		       ? DISK_AS_PACKAGED
		       : DISK_CHANGED;
}

static int highest_entropy(const struct examined *x)
{
	int highest = -1;

	for (size_t i = 0; x->is_elf && i < x->elf.segments_n; i++) {
		int v = measure_entropy(x->measure, x->segments[i]);

		if (x->elf.segments[i].file_bytes >= REASONS_PACKED_BYTES &&
			v > highest)
			highest = v;
	}
	return highest;
}

static void judge(struct examined *x, enum disk_state state)
{
	const struct binary_file *f = x->file;
	const struct binary_root *root =
		f->root ? &x->b->table.roots[f->root - 1] : NULL;
	struct reasons_facts facts = {
		.path = binary_text(&x->b->table, f->path_at),
		.seen = f->seen,
		.mode = f->st.st_mode,
		.capability = x->capability_len != 0,
		.packages = root && root->packages,
		.state = state,
		.package = f->owner.package[0] ? f->owner.package : NULL,
		.elf = x->is_elf ? &x->elf : NULL,
		.is_script = x->is_script,
		.measure = x->measure,
		.entropy = x->read ? highest_entropy(x) : -1,
		.size_bytes = (uint64_t)f->st.st_size,
	};

	/* A root that is one itself says nothing. */
	if (x->tmpfs && root && root->device != f->st.st_dev)
		facts.seen |= SEEN_TMPFS;
	reasons_find(&x->reasons, &facts);
}

static bool is_wanted(const struct examined *x, enum disk_state state)
{
	switch (x->b->env->binaries) {
	case COLLECT_BINARIES_ALL:
		return true;
	case COLLECT_BINARIES_NONE:
		return false;
	case COLLECT_BINARIES_SUSPICIOUS:
		break;
	}
	return x->reasons.n || x->file->taken ||
	       x->file->seen & (SEEN_MEMFD | SEEN_DELETED) ||
	       state == DISK_UNOWNED || state == DISK_CHANGED;
}

static int put_piece(struct examined *x, const uint8_t *id, uint64_t offset,
	struct iovec bulk, bool last, struct err *e)
{
	Icecore__V1__BinaryData data = ICECORE__V1__BINARY_DATA__INIT;
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;

	SET(&data, content_id, set_bytes(id, CONTENT_SHA256_BYTES));
	SET(&data, offset, offset);
	if (last) {
		SET(&data, last, 1);
		SET(&data, size_bytes, x->content.end);
		SET(&data, by_pieces, !x->content.hashed);
	}
	m.body_case = ICECORE__V1__RECORD__BODY_BINARY_DATA;
	m.binary_data = &data;
	return writer_put(x->b->w,
		&(struct record){ &m, &bulk, bulk.iov_len ? 1 : 0 }, e);
}

/* What the second reading writes to. */
struct writing {
	struct examined *x;
	const uint8_t *id;
	int result; /* of the writer */
};

static int write_piece(
	void *arg, uint64_t offset, const uint8_t *p, size_t len, struct err *e)
{
	struct writing *w = arg;
	struct iovec bulk = { (void *)(uintptr_t)p, len };

	w->result = put_piece(w->x, w->id, offset, bulk, false, e);
	return w->result;
}

static bool is_written(struct binaries *b, const uint8_t *id)
{
	for (size_t i = 0; i < b->contents_n; i++)
		if (memcmp(b->contents[i], id, CONTENT_SHA256_BYTES) == 0)
			return true;
	if (b->contents_n < BINARY_CONTENTS_MAX)
		memcpy(b->contents[b->contents_n++], id, CONTENT_SHA256_BYTES);
	return false;
}

/* A negative return means that the writer failed. */
static int write_content(struct examined *x, const uint8_t *id,
	struct binary_known *k, struct err *e)
{
	struct writing w = { .x = x, .id = id };
	struct content_config config = { .slow = x->b->slow,
		.see = write_piece,
		.arg = &w,
		.interrupted = x->b->env->interrupted };
	struct content again;
	int r;

	k->content_id = id;
	k->written = x->content.cut
			     ? ICECORE__V1__BINARY_CONTENT__BINARY_CONTENT_CUT
			     : ICECORE__V1__BINARY_CONTENT__BINARY_CONTENT_WHOLE;
	k->why_not = x->content.cut ? "more than is read of one file" : NULL;
	if (is_written(x->b, id))
		return 0;
	if (x->content.data_bytes > x->b->left_bytes) {
		x->b->contents_n--;
		k->content_id = NULL;
		k->written = ICECORE__V1__BINARY_CONTENT__BINARY_CONTENT_NONE;
		k->why_not = "over the budget of all contents";
		return 0;
	}
	x->b->left_bytes -= x->content.data_bytes;
	r = content_read(&again, x->file->held, &config, &x->why);
	if (w.result < 0)
		return err_set(e, w.result, "%s", x->why.msg);
	r = r == 0 && memcmp(again.hashed ? again.sha256 : again.pieces_sha256,
			      id, CONTENT_SHA256_BYTES) != 0
		    ? err_set(&x->why, -ESTALE, "it was changed while it was read")
		    : r;
	if (r < 0) {
		k->written = ICECORE__V1__BINARY_CONTENT__BINARY_CONTENT_CUT;
		k->why_not = x->why.msg;
	}
	return put_piece(x, id, again.end, (struct iovec){ NULL, 0 }, true, e);
}

static int put(struct examined *x, struct err *e)
{
	enum disk_state state = state_of(x);
	const uint8_t *id = x->content.hashed ? x->content.sha256
					      : x->content.pieces_sha256;
	const struct taken *t = x->file->taken;
	char what[WHAT_CHARS];
	const char *path = binary_text(&x->b->table, x->file->path_at);
	struct binary_known k = { .file = x->file,
		.content = x->read ? &x->content : NULL,
		.elf = x->is_elf ? &x->elf : NULL,
		.segments = x->segments,
		.sections = x->sections,
		.script = x->is_script ? &x->script : NULL,
		.measure = x->measure,
		.capability = x->capability,
		.capability_len = x->capability_len,
		.reasons = &x->reasons,
		.state = state,
		.written = ICECORE__V1__BINARY_CONTENT__BINARY_CONTENT_NONE };
	int r = 0;

	judge(x, state);
	if (!x->read)
		k.why_not = x->why.msg;
	else if (is_wanted(x, state))
		r = write_content(x, id, &k, e);
	/* A copy that a recorder made need not have all of it. */
	if (r == 0 && t && !k.why_not && t->how == TAKEN_COPIED &&
		t->copied_bytes < t->size_bytes) {
		k.written = ICECORE__V1__BINARY_CONTENT__BINARY_CONTENT_CUT;
		k.why_not = "the recorder kept its beginning only";
	}
	if (r == 0 && k.why_not) {
		(void)snprintf(what, sizeof(what), "content of %.170s",
			path ? path : "a file");
		r = binary_gap(x->b, what, k.why_not, e);
	}
	return r < 0 ? r : binary_record_put(x->b, &k, e);
}

int binary_examine(struct binaries *b, struct binary_file *f, struct err *e)
{
	struct examined *x = calloc(1, sizeof(*x));
	int r;

	if (!x)
		return err_set(e, -ENOMEM, "no memory for a binary");
	x->b = b;
	x->file = f;
	x->fd = -1;
	r = read_file(x);
	if (r < 0)
		r = err_set(e, r, "%s", x->why.msg);
	else
		r = put(x, e);
	if (x->fd >= 0)
		(void)close(x->fd);
	if (x->is_elf)
		elf_traits_done(&x->elf);
	measure_free(x->measure);
	free(x);
	return r;
}
