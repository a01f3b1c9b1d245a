/* SPDX-License-Identifier: Apache-2.0 */
/* What icelab inspect prints: a table for each kind, or JSON lines. */
#ifndef INSPECT_PRINT_H
#define INSPECT_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"

struct buf;
struct err;
struct inspection;

struct print {
	struct inspection *in;
	uint64_t pid; /* only this process; 0 = all */
	bool jsonl;
};

struct print_kind {
	const char *name; /* of --kind */
	int (*print)(const struct print *p, struct err *e);
};

/*
 * print_kind_find(name): NULL = none.
 * print_kind_names(): "tasks, modules, ...".
 */
const struct print_kind *print_kind_find(const char *name);
const char *print_kind_names(void);

/*
 * print_summary(p, e):
 * What was walked and how far, and the findings; as JSON lines everything.
 */
int print_summary(const struct print *p, struct err *e) MUST_CHECK;

/* One for each kind. */
int print_tasks(const struct print *p, struct err *e) MUST_CHECK;
int print_modules(const struct print *p, struct err *e) MUST_CHECK;
int print_hooks(const struct print *p, struct err *e) MUST_CHECK;
int print_bpf(const struct print *p, struct err *e) MUST_CHECK;
int print_sockets(const struct print *p, struct err *e) MUST_CHECK;
int print_maps(const struct print *p, struct err *e) MUST_CHECK;
int print_findings(const struct print *p, struct err *e) MUST_CHECK;
int print_smear(const struct print *p, struct err *e) MUST_CHECK;
int print_gaps(const struct print *p, struct err *e) MUST_CHECK;

/*
 * print_header(p, text):
 * Of a table; nothing before JSON lines.
 */
void print_header(const struct print *p, const char *text);

/*
 * print_record(p, kind, m, e):
 * The rows of ${m} as icelab show prints those of --kind ${kind}.
 */
int print_record(const struct print *p, const char *kind,
	const Icecore__V1__Record *m, struct err *e) MUST_CHECK;

/*
 * print_line(p, kind, m, row, e):
 * A message that is no record: ${row}, or {KIND: {...}}.
 */
int print_line(const struct print *p, const char *kind, const ProtobufCMessage *m,
	const struct buf *row, struct err *e) MUST_CHECK;

#endif
