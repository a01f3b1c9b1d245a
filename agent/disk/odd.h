/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the entry of a file alone tells, whatever its content is: rights that no
 * packager gives to it, attributes, a name that hides it, a device where none
 * belongs.
 */
#ifndef DISK_ODD_H
#define DISK_ODD_H

#include "disk/picture.h"

enum odd_kind {
	ODD_SETUID, /* a package's program that packages install without */
	ODD_CAPABILITY,
	ODD_IMMUTABLE,
	ODD_NAME, /* blanks or dots only, or control characters */
	ODD_DEVICE, /* out of /dev */
	ODD_KINDS,
};

typedef int odd_see(
	void *arg, enum odd_kind kind, const char *path, struct err *e);

/*
 * odd_run(p, see, arg, e):
 * Call ${see} for each; a negative return ends it.
 */
int odd_run(const struct picture *p, odd_see *see, void *arg,
	struct err *e) MUST_CHECK;

#endif
