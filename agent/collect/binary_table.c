// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "binary/reasons.h"
#include "collect/binary_table.h"

enum { KEYS = 4 * BINARY_FILES_MAX, PRELOAD_BYTES = 4096 };

struct binary_key {
	uint64_t device;
	uint64_t inode;
	uint32_t file; /* from 1; 0 = free */
};

int binary_table_init(struct binary_table *t, struct err *e)
{
	*t = (struct binary_table){ 0 };
	buf_init(&t->text, BINARY_TEXT_BYTES);
	t->files = calloc(BINARY_FILES_MAX, sizeof(*t->files));
	t->uses = calloc(BINARY_USES_MAX, sizeof(*t->uses));
	t->roots = calloc(BINARY_ROOTS_MAX, sizeof(*t->roots));
	t->keys = calloc(KEYS, sizeof(*t->keys));
	if (!t->files || !t->uses || !t->roots || !t->keys)
		return err_set(e, -ENOMEM, "no memory for binaries");
	return buf_append(&t->text, "", 1, e);
}

void binary_table_done(struct binary_table *t)
{
	for (size_t i = 0; t->files && i < t->files_n; i++)
		if (t->files[i].held >= 0)
			(void)close(t->files[i].held);
	for (size_t i = 0; t->roots && i < t->roots_n; i++) {
		(void)close(t->roots[i].fd);
		buf_done(&t->roots[i].preload);
	}
	free(t->files);
	free(t->uses);
	free(t->roots);
	free(t->keys);
	buf_done(&t->text);
	*t = (struct binary_table){ 0 };
}

/* Where the pair is, or where it would be. */
static struct binary_key *slot(
	const struct binary_table *t, uint64_t device, uint64_t inode)
{
	size_t at = (size_t)((device * 31 + inode) * 0x9e3779b97f4a7c15ULL >> 40);

	for (;; at++) {
		struct binary_key *k = &t->keys[at % KEYS];

		if (!k->file || (k->device == device && k->inode == inode))
			return k;
	}
}

struct binary_file *binary_table_find(
	const struct binary_table *t, uint64_t device, uint64_t inode)
{
	const struct binary_key *k = slot(t, device, inode);

	return k->file ? &t->files[k->file - 1] : NULL;
}

void binary_table_alias(struct binary_table *t, const struct binary_file *f,
	uint64_t device, uint64_t inode)
{
	struct binary_key *k = slot(t, device, inode);

	/* Half of the slots stay free. */
	if (k->file || t->keys_n == KEYS / 2)
		return;
	t->keys_n++;
	*k = (struct binary_key){ device, inode, (uint32_t)(f - t->files) + 1 };
}

struct binary_file *binary_table_add(
	struct binary_table *t, int held, const struct stat *st)
{
	uint32_t known = slot(t, st->st_dev, st->st_ino)->file;
	struct binary_file *f;

	if (known || t->files_n == BINARY_FILES_MAX) {
		t->lost += !known;
		(void)close(held);
		return known ? &t->files[known - 1] : NULL;
	}
	f = &t->files[t->files_n++];
	*f = (struct binary_file){ .held = held, .st = *st };
	binary_table_alias(t, f, st->st_dev, st->st_ino);
	return f;
}

void binary_table_use(struct binary_table *t, struct binary_file *f,
	const struct binary_use *use)
{
	f->uses++;
	if (!f->first_seen_ns || use->start_boot_ns < f->first_seen_ns)
		f->first_seen_ns = use->start_boot_ns;
	if (f->uses > BINARY_USES_TOLD_MAX)
		return;
	if (t->uses_n == BINARY_USES_MAX) {
		t->lost++;
		return;
	}
	t->uses[t->uses_n++] = *use;
	if (f->last)
		t->uses[f->last - 1].next = (uint32_t)t->uses_n;
	else
		f->first = (uint32_t)t->uses_n;
	f->last = (uint32_t)t->uses_n;
}

uint32_t binary_table_text(struct binary_table *t, const char *s, size_t len)
{
	size_t at = t->text.len;

	if (!len || buf_append(&t->text, s, len, NULL) < 0)
		return 0;
	if (buf_append(&t->text, "", 1, NULL) == 0)
		return (uint32_t)at;
	t->text.len = at;
	return 0;
}

uint32_t binary_table_root(struct binary_table *t, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		(void)close(fd);
		return 0;
	}
	for (size_t i = 0; i < t->roots_n; i++)
		if (t->roots[i].device == st.st_dev &&
			t->roots[i].inode == st.st_ino) {
			(void)close(fd);
			return (uint32_t)i + 1;
		}
	if (t->roots_n == BINARY_ROOTS_MAX) {
		t->lost++;
		(void)close(fd);
		return 0;
	}
	t->roots[t->roots_n] = (struct binary_root){
		.fd = fd, .device = st.st_dev, .inode = st.st_ino
	};
	buf_init(&t->roots[t->roots_n].preload, PRELOAD_BYTES);
	return (uint32_t)++t->roots_n;
}
