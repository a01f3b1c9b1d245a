/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What icelab show prints as tables: one line of show_tables for each value of
 * --kind.  A record is one row, or several (the threads of a process).
 */
#ifndef LAB_SHOW_TABLE_H
#define LAB_SHOW_TABLE_H

#include <stddef.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "icecore/v1/record.pb-c.h"

struct buf;
struct err;

struct show_table {
	const char *kind; /* of --kind */
	unsigned body; /* body_case of its records */
	const char *header;
	/* How many rows ${m} has; NULL = one. */
	size_t (*rows)(const Icecore__V1__Record *m);
	/* What row ${i} is made of, for filters and JSON; NULL = the body. */
	const ProtobufCMessage *(*item)(const Icecore__V1__Record *m, size_t i);
	/* Append row ${i}, without its line feed. */
	int (*row)(struct buf *ret, const Icecore__V1__Record *m, size_t i,
		struct err *e);
};

/* One array for each kind of evidence; each ends with an empty line. */
extern const struct show_table show_live_tables[];
extern const struct show_table show_binary_tables[];
extern const struct show_table show_core_tables[];
extern const struct show_table show_disk_tables[];
extern const struct show_table show_network_tables[];
extern const struct show_table show_event_tables[];
extern const struct show_table show_finding_tables[];
extern const struct show_table show_kernel_tables[];

/*
 * show_table_find(kind): NULL = none; then any record's name is a kind, and
 * is printed field by field.
 */
const struct show_table *show_table_find(const char *kind);

/*
 * show_table_names(f):
 * Print the kinds, with commas.
 */
void show_table_names(FILE *f);

/*
 * show_table_rows(t, m), show_table_item(t, m, i):
 * As the members of the same name say.
 */
size_t show_table_rows(const struct show_table *t, const Icecore__V1__Record *m);
const ProtobufCMessage *show_table_item(
	const struct show_table *t, const Icecore__V1__Record *m, size_t i);

/*
 * show_table_json(t, m, i):
 * {KIND: {...}} of row ${i}; an item has the pid and the netns of its record
 * as well.  NULL when there is no memory.
 */
json_t *show_table_json(
	const struct show_table *t, const Icecore__V1__Record *m, size_t i);

/*
 * show_body(m): the message in the record; NULL = none that is known.
 * show_member(m, offset): what lies there in it.
 * show_u32(ret, m, field): the field of that name, when ${m} has it: 1 or 0.
 */
const ProtobufCMessage *show_body(const Icecore__V1__Record *m);
const void *show_member(const ProtobufCMessage *m, size_t offset);
int show_u32(uint32_t *ret, const ProtobufCMessage *m, const char *field);

/*
 * show_event_name(ev), show_event_what(ret, ev, e):
 * The kind of an event without its prefix, "-" when it is none; append what
 * happened in words, escaped.
 */
const char *show_event_name(const Icecore__V1__Event *ev);
int show_event_what(struct buf *ret, const Icecore__V1__Event *ev,
	struct err *e) MUST_CHECK;

#endif
