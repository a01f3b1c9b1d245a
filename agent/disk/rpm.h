/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm's database of an attached disk, in whichever form is there, in
 * /usr/lib/sysimage/rpm or /var/lib/rpm.  What is configuration may differ, what
 * is a ghost need not be there, and what was left out on purpose is not
 * missing.  A header that is not as its own SHA-256 says is marked as altered.
 */
#ifndef DISK_RPM_H
#define DISK_RPM_H

#include "disk/packages.h"

/*
 * rpm_load(into, from, e):
 * Add what it says; a disk without one is no error.
 */
int rpm_load(struct packages *into, const struct packages_from *from,
	struct err *e) MUST_CHECK;

struct rpm_file;
struct rpm_header;

/*
 * rpm_directories: where a database may be, each with a slash behind it, NULL
 * at the end.
 * rpm_checksum(o, h, f): what ${h} says that the content of ${f} should be.
 */
extern const char *const rpm_directories[];
void rpm_checksum(struct packages_owned *o, const struct rpm_header *h,
	const struct rpm_file *f);

#endif
