/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of a torture test: every call fails once (unit/fault.h). */
#ifndef UNIT_TORTURE_H
#define UNIT_TORTURE_H

struct err;

enum { TORTURE_CALLS_MAX = 20000 };

/* One operation under torture: 0 or a negative errno. */
typedef int torture_operation(struct err *e);

/* What came of it. */
struct torture {
	long calls; /* that failed in turn */
	long errors; /* of these, how many the operation told */
	long bad; /* told as -EBADMSG */
};

/*
 * torture_run(what, op):
 * Run ${op} once as it is, then with each of its calls failing in turn.  The
 * test fails when an error has no sentence, when a descriptor stays open, or
 * when something leaks.
 */
struct torture torture_run(const char *what, torture_operation *op);

#endif
