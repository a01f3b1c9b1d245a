// SPDX-License-Identifier: Apache-2.0
/* By libsqlite3; what is only in a write-ahead log is not seen. */
#include <errno.h>
#include <sqlite3.h>

#include "base/err.h"
#include "disk/rpm_db_internal.h"
#include "disk/sqlite_fd.h"

enum {
	STEPS_AT_ONCE = 1 << 20,
	STEPS_MAX = 1 << 16, /* of these: a query that does not end */
};

static int count_steps(void *arg)
{
	return ++*(int *)arg > STEPS_MAX;
}

/* ${r} of sqlite, whose words are its own. */
static int told(sqlite3 *db, int r, struct err *e)
{
	return err_set(e, r == SQLITE_NOMEM ? -ENOMEM : -EBADMSG, "sqlite: %s",
		db ? sqlite3_errmsg(db) : sqlite3_errstr(r));
}

static int open_db(sqlite3 **ret, int fd, uint64_t size, struct err *e)
{
	int r = sqlite_fd_open(ret, fd, size, e);

	if (r < 0)
		return r;
	(void)sqlite3_limit(*ret, SQLITE_LIMIT_LENGTH, RPM_DB_BLOB_BYTES);
	(void)sqlite3_db_config(*ret, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	(void)sqlite3_db_config(
		*ret, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
	return 0;
}

static int see_rows(sqlite3 *db, sqlite3_stmt *rows, rpm_db_see *see, void *arg,
	struct err *e)
{
	int r = 0, n = 0, step = SQLITE_ROW;

	while (r == 0 && (step = sqlite3_step(rows)) == SQLITE_ROW) {
		const void *blob = sqlite3_column_blob(rows, 0);
		int len = sqlite3_column_bytes(rows, 0);

		if (++n > RPM_DB_PACKAGES_MAX)
			return err_set(
				e, -EBADMSG, "more packages than there can be");
		r = see(arg, blob ? blob : (const void *)"",
			blob ? (size_t)len : 0, e);
	}
	return r == 0 && step != SQLITE_DONE ? told(db, step, e) : r;
}

int rpm_db_read_sqlite(
	int fd, uint64_t size, rpm_db_see *see, void *arg, struct err *e)
{
	sqlite3_stmt *rows = NULL;
	sqlite3 *db = NULL;
	int steps = 0, r;

	r = open_db(&db, fd, size, e);
	if (r < 0)
		return r;
	sqlite3_progress_handler(db, STEPS_AT_ONCE, count_steps, &steps);
	r = sqlite3_prepare_v2(db, "SELECT blob FROM Packages ORDER BY rowid",
		-1, &rows, NULL);
	r = r == SQLITE_OK ? see_rows(db, rows, see, arg, e) : told(db, r, e);
	(void)sqlite3_finalize(rows);
	sqlite_fd_close(db);
	return r;
}
