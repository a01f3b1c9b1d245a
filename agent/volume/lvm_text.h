/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text in which LVM2 keeps a group of volumes (lvm.conf(5) has the
 * grammar): sections in braces, name = value, lists in brackets, and # to the
 * end of a line.  Parsed into nodes that point into the text.
 */
#ifndef VOLUME_LVM_TEXT_H
#define VOLUME_LVM_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "disk/slice.h"

struct err;

enum {
	LVM_TEXT_NODES_MAX = 1 << 18,
	LVM_TEXT_DEPTH_MAX = 8,
};

enum lvm_kind { LVM_SECTION, LVM_NUMBER, LVM_STRING, LVM_LIST };

/* 0 is the whole text, a section; as a link it is "none". */
struct lvm_node {
	enum lvm_kind kind;
	struct slice name; /* "" of what is in a list */
	struct slice text; /* of a string, as it stands between its quotes */
	uint64_t number; /* of a number; negative ones and fractions: 0 */
	uint32_t first; /* of a section or a list */
	uint32_t next; /* in the same one */
};

struct lvm_text {
	struct lvm_node *nodes;
	uint32_t n, cap;
};

/*
 * lvm_text_parse(ret, text, e), lvm_text_done(t):
 * ${text} must live as long.  -EBADMSG for what is none.
 */
int lvm_text_parse(
	struct lvm_text *ret, struct slice text, struct err *e) MUST_CHECK;
void lvm_text_done(struct lvm_text *t);

/*
 * lvm_text_find(t, in, kind, name):
 * The member of the section ${in} with that name and kind; 0 = none.
 */
uint32_t lvm_text_find(const struct lvm_text *t, uint32_t in,
	enum lvm_kind kind, struct slice name);

/*
 * lvm_text_number(t, in, name), lvm_text_string(t, in, name):
 * 0 and "" when it is not there.
 */
uint64_t lvm_text_number(const struct lvm_text *t, uint32_t in, const char *name);
struct slice lvm_text_string(
	const struct lvm_text *t, uint32_t in, const char *name);

#endif
