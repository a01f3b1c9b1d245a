// SPDX-License-Identifier: Apache-2.0
/* One file: read once to know it, and once more when its content is wanted. */
#include <errno.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "base/err.h"
#include "binary/taken.h"
#include "collect/binary_internal.h"
#include "collect/set.h"
#include "stream/writer.h"

enum { WHAT_CHARS = 200 };

/* What is found of one file on the way. */
struct examined {
	struct binaries *b;
	struct binary_file *file;
	struct look look;
	struct reasons reasons;
};

static enum disk_state state_of(const struct examined *x)
{
	const struct binary_file *f = x->file;

	if (!f->root || !x->b->table.roots[f->root - 1].packages)
		return DISK_UNKNOWN;
	if (!f->owner.package[0])
		return DISK_UNOWNED;
	if (f->owner.checksum == PACKAGES_NONE)
		return DISK_OWNED;
	if (!x->look.read || !x->look.content.hashed)
		return DISK_UNKNOWN;
	return owner_agrees(&f->owner, x->look.content.md5, x->look.content.sha256)
		       ? DISK_AS_PACKAGED
		       : DISK_CHANGED;
}

/* The agent has in it the words that it looks for. */
static bool is_own(const struct binary_file *f)
{
	struct stat st;

	return stat("/proc/self/exe", &st) == 0 && st.st_dev == f->st.st_dev &&
	       st.st_ino == f->st.st_ino;
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
		.capability = x->look.capability_len != 0,
		.packages = root && root->packages,
		.state = state,
		.package = f->owner.package[0] ? f->owner.package : NULL,
		.elf = x->look.is_elf ? &x->look.elf : NULL,
		.is_script = x->look.is_script,
		.measure = x->look.measure,
		.entropy = look_entropy(&x->look),
		.size_bytes = (uint64_t)f->st.st_size,
	};

	/* A root that is one itself says nothing. */
	if (x->look.tmpfs && root && root->device != f->st.st_dev)
		facts.seen |= SEEN_TMPFS;
	if (!is_own(f))
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
	       x->file->seen & (SEEN_MEMFD | SEEN_DELETED | SEEN_LAYER) ||
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
		SET(&data, size_bytes, x->look.content.end);
		SET(&data, by_pieces, !x->look.content.hashed);
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
		.no_md5 = true,
		.interrupted = x->b->env->interrupted };
	struct content again;
	int r;

	k->content_id = id;
	k->written = x->look.content.cut
			     ? ICECORE__V1__BINARY_CONTENT__BINARY_CONTENT_CUT
			     : ICECORE__V1__BINARY_CONTENT__BINARY_CONTENT_WHOLE;
	k->why_not = x->look.content.cut ? "more than is read of one file" : NULL;
	if (is_written(x->b, id))
		return 0;
	if (x->look.content.data_bytes > x->b->left_bytes) {
		x->b->contents_n--;
		k->content_id = NULL;
		k->written = ICECORE__V1__BINARY_CONTENT__BINARY_CONTENT_NONE;
		k->why_not = "over the budget of all contents";
		return 0;
	}
	x->b->left_bytes -= x->look.content.data_bytes;
	r = content_read(&again, x->file->held, &config, &x->look.why);
	if (w.result < 0)
		return err_set(e, w.result, "%s", x->look.why.msg);
	r = r == 0 && memcmp(again.hashed ? again.sha256 : again.pieces_sha256,
			      id, CONTENT_SHA256_BYTES) != 0
		    ? err_set(&x->look.why, -ESTALE,
			      "it was changed while it was read")
		    : r;
	if (r < 0) {
		k->written = ICECORE__V1__BINARY_CONTENT__BINARY_CONTENT_CUT;
		k->why_not = x->look.why.msg;
	}
	return put_piece(x, id, again.end, (struct iovec){ NULL, 0 }, true, e);
}

static int put(struct examined *x, struct err *e)
{
	enum disk_state state = state_of(x);
	const uint8_t *id = x->look.content.hashed
				    ? x->look.content.sha256
				    : x->look.content.pieces_sha256;
	const struct taken *t = x->file->taken;
	char what[WHAT_CHARS];
	const char *path = binary_text(&x->b->table, x->file->path_at);
	struct binary_known k = { .file = x->file,
		.look = &x->look,
		.reasons = &x->reasons,
		.state = state,
		.written = ICECORE__V1__BINARY_CONTENT__BINARY_CONTENT_NONE };
	int r = 0;

	judge(x, state);
	if (!x->look.read)
		k.why_not = x->look.why.msg;
	else if (is_wanted(x, state))
		r = write_content(x, id, &k, e);
	/* A copy that a recorder made need not have all of it. */
	if (r == 0 && !k.why_not && x->file->copied &&
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
	r = look_at(&x->look, b->slow, f->held, b->env->interrupted, e);
	if (r == 0)
		r = put(x, e);
	look_done(&x->look);
	free(x);
	return r;
}
