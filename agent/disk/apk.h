/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alpine's database of installed packages (apk(5)): stanzas of "X:value" with
 * an empty line between them.
 *
 *	P: V: A:  name, version, architecture of the package
 *	F:        a directory, which files after it are in
 *	R:        a file, and behind it
 *	Z:        its checksum: Q1 and SHA-1, or Q2 and SHA-256, in base64; of a
 *	          symbolic link that of its target
 */
#ifndef DISK_APK_H
#define DISK_APK_H

#include "disk/packages.h"

packages_loader apk_load;

/* One line of it. */
struct apk_line {
	char key; /* 0: an empty line */
	struct slice value;
};

/*
 * apk_next(ret, rest): false at the end; of what is no such line ->key is '?'.
 */
bool apk_next(struct apk_line *ret, struct slice *rest);

/*
 * apk_checksum(ret, value): of a line with Z; PACKAGES_NONE for what is none.
 */
enum packages_checksum apk_checksum(
	uint8_t ret[DIGEST_SHA256_BYTES], struct slice value);

#endif
