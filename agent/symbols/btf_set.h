/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types of a kernel and of its modules as one set in which a name means
 * one thing.  BTF as Documentation/bpf/btf.rst has it; what a module has goes
 * on where vmlinux ends, and points into it.  Nothing in it is trusted: an id
 * that leads nowhere is void, a chain without end is cut.
 */
#ifndef SYMBOLS_BTF_SET_H
#define SYMBOLS_BTF_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct btf;
struct btf_type;
struct err;
struct kernel_files;

enum {
	BTF_SET_NAME_CHARS = 256,
	BTF_SET_TYPES_MAX = 1 << 22, /* of all parts */
	BTF_SET_CHAIN_MAX = 32, /* typedefs, const and the like in a row */
};

struct btf_part {
	const char *name; /* "" = vmlinux; borrowed */
	struct btf *btf;
	uint32_t first; /* its own types: [first, end) */
	uint32_t end;
	uint32_t *typedef_of; /* of a type without a name, by id - first: that
				 of a typedef; 0 = none */
};

/* Which table of names: structs with unions, or enums. */
enum btf_names { BTF_NAMES_USER, BTF_NAMES_ENUM };

struct btf_owner;

struct btf_set {
	struct btf_part *parts; /* the first is vmlinux */
	size_t parts_n;
	size_t refused; /* modules whose types make no sense */
	struct btf_owner *owners; /* by hash of the name; 2^owners_log */
	unsigned owners_log;
};

/* A type, and the part that ids in it are meant in. */
struct btf_at {
	size_t part;
	uint32_t id; /* 0 = void */
};

/*
 * btf_set_open(set, k, e), btf_set_close(set):
 * All of ${k}, which is borrowed.  -ENOENT without types of vmlinux, -EBADMSG
 * when those make no sense.
 */
int btf_set_open(struct btf_set *set, const struct kernel_files *k,
	struct err *e) MUST_CHECK;
void btf_set_close(struct btf_set *set);

/*
 * btf_set_type(set, at):
 * NULL = void, or none.
 */
const struct btf_type *btf_set_type(const struct btf_set *set, struct btf_at at);

/*
 * btf_set_strip(set, at):
 * ${at} without typedefs, const and the like; id 0 = void.
 */
struct btf_at btf_set_strip(const struct btf_set *set, struct btf_at at);

/*
 * btf_set_string(set, part, offset):
 * A name in the part, "" when there is none.
 */
const char *btf_set_string(
	const struct btf_set *set, size_t part, uint32_t offset);

/*
 * btf_set_name(set, ret, at):
 * The name of a struct, union, enum or forward declaration that no other of
 * the set has: its own; that of a typedef for it; "unnamed_ID"; and for one
 * whose name means another type already "NAME___PART_ID".
 */
void btf_set_name(const struct btf_set *set, char ret[BTF_SET_NAME_CHARS],
	struct btf_at at);

/*
 * btf_set_find(set, names, name):
 * The type that ${name} means, with id 0 when there is none.
 */
struct btf_at btf_set_find(
	const struct btf_set *set, enum btf_names names, const char *name);

/*
 * btf_set_bytes(set, at):
 * sizeof; 0 when it has none.
 */
uint64_t btf_set_bytes(const struct btf_set *set, struct btf_at at);

#endif
