/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dpkg's database of an attached disk.  Diversions are followed, a merged /usr
 * too, since paths lead through the links of the disk; what dpkg was told to
 * leave out (path-exclude) is not missing.
 */
#ifndef DISK_DPKG_H
#define DISK_DPKG_H

#include "disk/packages.h"

enum {
	DPKG_DIVERSIONS_MAX = 4096,
	DPKG_FILTERS_MAX = 256,
};

/*
 * dpkg_load(into, from, e):
 * Add what it says; a disk without one is no error.
 */
int dpkg_load(struct packages *into, const struct packages_from *from,
	struct err *e) MUST_CHECK;

#endif
