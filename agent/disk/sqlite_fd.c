// SPDX-License-Identifier: Apache-2.0
#include "disk/sqlite_fd.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"

static const char vfs_name[] = "icecore-fd";

/* Of SQLite's own struct: it asks for as much as szOsFile says. */
struct file {
	sqlite3_file base;
	int fd;
	uint64_t size;
};

/* What the one file is, while its database is open. */
static struct {
	int fd;
	uint64_t size;
} held = { -1, 0 };

static int file_close(sqlite3_file *f)
{
	(void)f;
	return SQLITE_OK;
}

static int file_read(sqlite3_file *f, void *to, int len, sqlite3_int64 at)
{
	const struct file *own = (const struct file *)(const void *)f;
	ssize_t n;

	if (at < 0 || len < 0)
		return SQLITE_IOERR_READ;
	n = io_pread(own->fd, to, (size_t)len, (uint64_t)at, NULL);
	if (n < 0)
		return SQLITE_IOERR_READ;
	if (n == len)
		return SQLITE_OK;
	memset((uint8_t *)to + n, 0, (size_t)(len - n));
	return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *f, const void *from, int len, sqlite3_int64 at)
{
	(void)f;
	(void)from;
	(void)len;
	(void)at;
	return SQLITE_READONLY;
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	(void)f;
	(void)size;
	return SQLITE_READONLY;
}

static int file_flags(sqlite3_file *f, int flags)
{
	(void)f;
	(void)flags;
	return SQLITE_OK;
}

static int file_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	*ret = (sqlite3_int64)((const struct file *)(const void *)f)->size;
	return SQLITE_OK;
}

static int file_is_locked(sqlite3_file *f, int *ret)
{
	(void)f;
	*ret = 0;
	return SQLITE_OK;
}

static int file_control(sqlite3_file *f, int op, void *arg)
{
	(void)f;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *f)
{
	(void)f;
	return 0;
}

static int file_is(sqlite3_file *f)
{
	(void)f;
	return SQLITE_IOCAP_IMMUTABLE;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_flags,
	.xFileSize = file_size,
	.xLock = file_flags,
	.xUnlock = file_flags,
	.xCheckReservedLock = file_is_locked,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_is,
};

/* The database itself: a journal, or a temporary file, there is none. */
static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f,
	int flags, int *out_flags)
{
	struct file *own = (struct file *)(void *)f;

	(void)vfs;
	(void)name;
	*own = (struct file){ .fd = held.fd, .size = held.size };
	if (!(flags & SQLITE_OPEN_MAIN_DB))
		return SQLITE_CANTOPEN;
	own->base.pMethods = &methods;
	if (out_flags)
		*out_flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs;
	(void)name;
	(void)sync;
	return SQLITE_READONLY;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
	(void)vfs;
	(void)name;
	(void)flags;
	*ret = 0;
	return SQLITE_OK;
}

static int vfs_path(sqlite3_vfs *vfs, const char *name, int cap, char *ret)
{
	(void)vfs;
	(void)snprintf(ret, (size_t)cap, "%s", name);
	return SQLITE_OK;
}

/* Chance is asked for once, to seed what only writing needs. */
static int vfs_chance(sqlite3_vfs *vfs, int len, char *ret)
{
	(void)vfs;
	memset(ret, 0, (size_t)len);
	return len;
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs;
	return microseconds;
}

static int vfs_time(sqlite3_vfs *vfs, double *ret)
{
	(void)vfs;
	*ret = 0;
	return SQLITE_OK;
}

static int vfs_error(sqlite3_vfs *vfs, int len, char *ret)
{
	(void)vfs;
	(void)len;
	(void)ret;
	return 0;
}

static sqlite3_vfs vfs = {
	.iVersion = 1,
	.szOsFile = sizeof(struct file),
	.mxPathname = 512,
	.zName = vfs_name,
	.xOpen = vfs_open,
	.xDelete = vfs_delete,
	.xAccess = vfs_access,
	.xFullPathname = vfs_path,
	.xRandomness = vfs_chance,
	.xSleep = vfs_sleep,
	.xCurrentTime = vfs_time,
	.xGetLastError = vfs_error,
};

int sqlite_fd_open(struct sqlite3 **ret, int fd, uint64_t size, struct err *e)
{
	int r = sqlite3_vfs_register(&vfs, 0);

	held.fd = fd;
	held.size = size;
	if (r == SQLITE_OK)
		r = sqlite3_open_v2("database", ret,
			SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, vfs_name);
	if (r == SQLITE_OK)
		return 0;
	(void)err_set(e, -EBADMSG, "sqlite: %s", sqlite3_errstr(r));
	sqlite_fd_close(*ret);
	*ret = NULL;
	return r == SQLITE_NOMEM ? -ENOMEM : -EBADMSG;
}

void sqlite_fd_close(struct sqlite3 *db)
{
	(void)sqlite3_close(db);
	(void)sqlite3_vfs_unregister(&vfs);
	held.fd = -1;
}
