/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file system for SQLite that has one file, which is open already: no path is
 * followed, nothing is locked or written, and no time of access changes.
 */
#ifndef DISK_SQLITE_FD_H
#define DISK_SQLITE_FD_H

#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct sqlite3;

/*
 * sqlite_fd_open(ret, fd, size, e), sqlite_fd_close(db):
 * The database in the ${size} bytes of ${fd}, which is borrowed until the
 * close.  One at a time in a process; ${db} may be NULL.
 */
int sqlite_fd_open(
	struct sqlite3 **ret, int fd, uint64_t size, struct err *e) MUST_CHECK;
void sqlite_fd_close(struct sqlite3 *db);

#endif
