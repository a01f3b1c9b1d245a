/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What others say of a capture: when it was (time stamps) and where (the
 * cloud's identity documents), checked offline.
 */
#ifndef LAB_PROOFS_H
#define LAB_PROOFS_H

#include <stdbool.h>

#include "base/json.h"

struct err;
struct reader;

enum { PROOFS_NAME_CHARS = 32 };

struct proofs_options {
	const char *tsa_ca; /* PEM files; NULL = not given */
	const char *tsa_untrusted;
	const char *identity_ca;
	const char *replies; /* directory of manifest-NNNNNN.tsr; NULL: beside */
	bool require_timestamp;
};

struct proofs {
	json_t *timestamps; /* one for each manifest that should have one */
	json_t *identity; /* one for each that manifest 0 has */
};

/*
 * proofs_check(ret, r, o, e):
 * Check what the manifests of ${r} carry.  What is wrong with a proof is a
 * finding of ${r}; so is a missing or unchecked time stamp, of the first or
 * the final manifest, where one is required.  End with proofs_done().
 */
int proofs_check(struct proofs *ret, struct reader *r,
	const struct proofs_options *o, struct err *e) MUST_CHECK;
void proofs_done(struct proofs *p);

/*
 * proofs_tell(p):
 * Print it to stderr, for people.
 */
void proofs_tell(const struct proofs *p);

/*
 * proofs_stampable(r, i):
 * Whether the manifest ${i} of ${r} is one that is to have a time stamp: it is
 * good, and the first, the final or the last one, or has one or asks for it.
 */
bool proofs_stampable(const struct reader *r, size_t i);

/*
 * proofs_name(ret, number, suffix):
 * "manifest-NNNNNN.${suffix}"
 */
void proofs_name(
	char ret[PROOFS_NAME_CHARS], unsigned number, const char *suffix);

#endif
