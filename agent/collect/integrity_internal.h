/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the collector integrity: each looks at one kind of thing, and
 * writes its records, findings and gaps. */
#ifndef COLLECT_INTEGRITY_INTERNAL_H
#define COLLECT_INTEGRITY_INTERNAL_H

#include <stddef.h>

#include "base/cleanup.h"

struct collect_env;
struct err;
struct kstate;
struct writer;

struct integrity {
	const struct collect_env *env;
	struct writer *w;
	struct kstate *state; /* its modules were looked at */
};

/*
 * integrity_gap(it, what, reason, e):
 * One gap of the live picture.
 */
int integrity_gap(struct integrity *it, const char *what, const char *reason,
	struct err *e) MUST_CHECK;

/*
 * integrity_put_fact(it, fact, e):
 * Write a KernelFact: ${len} bytes, and ${n} words on what they mean.
 */
struct integrity_fact {
	const char *name;
	const char *path;
	const void *value;
	size_t len;
	const char **meaning;
	size_t n;
};

int integrity_put_fact(struct integrity *it, const struct integrity_fact *fact,
	struct err *e) MUST_CHECK;

/*
 * integrity_modules(it, e) and the others:
 * 0, or a negative errno when the writer failed.
 */
int integrity_modules(struct integrity *it, struct err *e) MUST_CHECK;
int integrity_bpf(struct integrity *it, struct err *e) MUST_CHECK;
int integrity_hooks(struct integrity *it, struct err *e) MUST_CHECK;
int integrity_directories(struct integrity *it, struct err *e) MUST_CHECK;
int integrity_facts(struct integrity *it, struct err *e) MUST_CHECK;
int integrity_mounts(struct integrity *it, struct err *e) MUST_CHECK;
int integrity_sessions(struct integrity *it, struct err *e) MUST_CHECK;

#endif
