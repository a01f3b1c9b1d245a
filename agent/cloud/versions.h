/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The versions of an object, from S3's answer to ListObjectVersions.  It is
 * read as text: what is no list of versions holds none.
 */
#ifndef CLOUD_VERSIONS_H
#define CLOUD_VERSIONS_H

#include <stddef.h>

enum {
	VERSIONS_MAX = 64, /* of one object that are looked at */
	VERSIONS_ID_CHARS = 256,
	VERSIONS_BYTES = 4 << 20, /* of the answer */
};

struct versions {
	char ids[VERSIONS_MAX][VERSIONS_ID_CHARS]; /* the oldest first */
	size_t n;
	size_t more; /* newer ones that there was no room for */
};

/*
 * versions_parse(ret, key, text, len):
 * The ids of <Version> elements whose <Key> is ${key}; delete markers and other
 * keys are left out.
 */
void versions_parse(
	struct versions *ret, const char *key, const char *text, size_t len);

#endif
