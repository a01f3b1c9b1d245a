/* SPDX-License-Identifier: Apache-2.0 */
/* Between rpm_db.c and the forms. */
#ifndef DISK_RPM_DB_INTERNAL_H
#define DISK_RPM_DB_INTERNAL_H

#include "disk/rpm_db.h"

int rpm_db_read_sqlite(int fd, uint64_t size, rpm_db_see *see, void *arg,
	struct err *e) MUST_CHECK;
int rpm_db_read_ndb(int fd, uint64_t size, rpm_db_see *see, void *arg,
	struct err *e) MUST_CHECK;
int rpm_db_read_bdb(int fd, uint64_t size, rpm_db_see *see, void *arg,
	struct err *e) MUST_CHECK;

#endif
