/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that processes use, each once, by device and inode; held by
 * descriptor from when it was first seen, so that it is the same file whatever
 * becomes of its name.
 */
#ifndef COLLECT_BINARY_TABLE_H
#define COLLECT_BINARY_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "binary/owner.h"

struct err;
struct taken;

enum {
	BINARY_FILES_MAX = 8192,
	BINARY_USES_MAX = 131072,
	BINARY_ROOTS_MAX = 512,
	BINARY_TEXT_BYTES = 16 << 20,
	BINARY_USES_TOLD_MAX = 64, /* of one file */
};

/* As icecore.v1.BinaryHow. */
enum binary_how {
	BINARY_EXE = 1,
	BINARY_MAPPED,
	BINARY_OPEN,
	BINARY_SCRIPT,
	BINARY_TAKEN,
	BINARY_LAYER,
};

/* Offsets "_at" are of the table's text; 0 = not told. */
struct binary_use {
	enum binary_how how;
	uint32_t pid;
	uint64_t start_boot_ns;
	uint32_t fd;
	uint64_t address;
	uint32_t path_at;
	uint32_t container_at;
	uint32_t next; /* of the same file, from 1 */
};

struct binary_file {
	int held; /* O_PATH; or of a taken list, then for pread() */
	struct stat st;
	unsigned seen; /* enum reasons_seen */
	uint32_t path_at; /* in its root, without " (deleted)" */
	uint32_t root; /* number of it, from 1; 0 = none */
	uint32_t first; /* use, from 1 */
	uint32_t last;
	uint32_t uses;
	uint64_t first_seen_ns; /* CLOCK_BOOTTIME */
	const struct taken *taken; /* NULL = no recorder took it */
	bool copied; /* ->held is the copy that it made */
	struct owner owner;
};

struct binary_root {
	int fd; /* O_PATH */
	dev_t device;
	ino_t inode;
	bool packages; /* it has a database of them */
	struct buf preload; /* /etc/ld.so.preload */
};

struct binary_key;

struct binary_table {
	struct binary_file *files;
	size_t files_n;
	struct binary_use *uses;
	size_t uses_n;
	struct binary_root *roots;
	size_t roots_n;
	struct binary_key *keys; /* by hash */
	size_t keys_n;
	struct buf text;
	uint64_t lost; /* files and uses that there was no room for */
};

/*
 * binary_table_init(t, e), binary_table_done(t).
 */
int binary_table_init(struct binary_table *t, struct err *e) MUST_CHECK;
void binary_table_done(struct binary_table *t);

/*
 * binary_table_find(t, device, inode):
 * The file, or NULL; binary_table_alias() lets it be found by another pair,
 * too, since /proc/PID/maps need not have what stat() has.
 */
struct binary_file *binary_table_find(
	const struct binary_table *t, uint64_t device, uint64_t inode);
void binary_table_alias(struct binary_table *t, const struct binary_file *f,
	uint64_t device, uint64_t inode);

/*
 * binary_table_add(t, held, st):
 * The file of ${st}: the one that is there already, and ${held} is closed, or
 * a new one, which takes it.  NULL when there is no room, and it is closed.
 */
struct binary_file *binary_table_add(
	struct binary_table *t, int held, const struct stat *st);

/*
 * binary_table_use(t, f, use): one more use.
 * binary_table_text(t, s, len): keep a string; 0 when there is no room.
 */
void binary_table_use(struct binary_table *t, struct binary_file *f,
	const struct binary_use *use);
uint32_t binary_table_text(struct binary_table *t, const char *s, size_t len);

/*
 * binary_table_root(t, fd): the number of that root; ${fd} is taken.  0 = none.
 */
uint32_t binary_table_root(struct binary_table *t, int fd);

static inline const char *binary_text(const struct binary_table *t, uint32_t at)
{
	return at ? (const char *)t->text.data + at : NULL;
}

#endif
