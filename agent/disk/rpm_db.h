/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm's databases, read without rpm and without a write, in the three forms
 * that it has had:
 *
 *	rpmdb.sqlite   SQLite, since rpm 4.16: table Packages, one blob each
 *	Packages.db    "ndb", of SUSE: slots in the first pages, blobs behind
 *	Packages       a hash of Berkeley DB 4 to 6: values on overflow pages
 *
 * The file may be an attacker's: sizes, chains and counts are bounded.
 */
#ifndef DISK_RPM_DB_H
#define DISK_RPM_DB_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	RPM_DB_PACKAGES_MAX = 65535,
	RPM_DB_BLOB_BYTES = 64 << 20, /* of one package */
};

#define RPM_DB_BYTES (2ULL << 30) /* of a database; a larger one is not read */

enum rpm_db_kind { RPM_DB_SQLITE, RPM_DB_NDB, RPM_DB_BDB, RPM_DB_KINDS };

/* One package's header; a negative return ends the reading. */
typedef int rpm_db_see(void *arg, const uint8_t *blob, size_t len, struct err *e);

/*
 * rpm_db_name(kind): its file, in one of the directories of rpm_load().
 * rpm_db_read(kind, fd, see, arg, e):
 * Call ${see} for each package of the database that ${fd} is open on.
 * -EBADMSG for what is none, or damaged: those before were seen.
 */
const char *rpm_db_name(enum rpm_db_kind kind);
int rpm_db_read(enum rpm_db_kind kind, int fd, rpm_db_see *see, void *arg,
	struct err *e) MUST_CHECK;

#endif
