/* SPDX-License-Identifier: Apache-2.0 */
/* YARA rules, by libyara, over bytes of evidence. */
#ifndef LAB_SCAN_H
#define LAB_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct scan;

enum {
	SCAN_RULES_FILES_MAX = 64,
	SCAN_SECONDS = 60, /* for one item, when nobody says */
	SCAN_SECONDS_MAX = 3600,
	SCAN_STRINGS_TOLD = 16, /* of one match */
};

/* A rule that matches; borrowed for the call. */
struct scan_match {
	const char *rule;
	const char *namespace;
	const char *tags; /* with blanks */
	/* Where its strings were found first. */
	const char *strings[SCAN_STRINGS_TOLD];
	uint64_t offsets[SCAN_STRINGS_TOLD];
	size_t strings_n;
};

typedef int scan_see(void *arg, const struct scan_match *match, struct err *e);

/*
 * scan_new(ret, files, n, seconds, e), scan_free(s):
 * Compile the rules of ${n} files, which are trusted; each item may take
 * ${seconds}.  -EINVAL with the compiler's own sentence.
 */
int scan_new(struct scan **ret, const char *const *files, size_t n,
	unsigned seconds, struct err *e) MUST_CHECK;
void scan_free(struct scan *s);

/*
 * scan_bytes(s, p, len, see, arg, e):
 * Call ${see} for each rule that matches.  -ETIMEDOUT when it took too long,
 * after those that were found before.
 */
int scan_bytes(struct scan *s, const void *p, size_t len, scan_see *see,
	void *arg, struct err *e) MUST_CHECK;

#endif
