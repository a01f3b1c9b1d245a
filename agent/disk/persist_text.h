/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What files of the places say, in the forms that crontab(5), systemd.syntax(7),
 * sshd(8), ld.so(8) and python's site module define, as far as it tells what
 * runs; and which of it is odd wherever it stands.  The text may be an
 * attacker's; items borrow from it.
 */
#ifndef DISK_PERSIST_TEXT_H
#define DISK_PERSIST_TEXT_H

#include "disk/place.h"
#include "disk/slice.h"

struct err;

enum { PERSIST_LINES_MAX = 65536 }; /* of one file; what follows is not seen */

struct persist_item {
	unsigned line; /* from 1 */
	struct slice text;
	struct slice runs; /* what it starts or loads; empty = not told */
	const char *reason; /* it is odd; NULL = it is not */
};

typedef int persist_see(
	void *arg, const struct persist_item *item, struct err *e);

/*
 * persist_parse(place, text, see, arg, e):
 * Call ${see} for each line that says something: no comment, not empty.  A
 * negative return ends it.
 */
int persist_parse(const struct place *place, struct slice text,
	persist_see *see, void *arg, struct err *e) MUST_CHECK;

#endif
