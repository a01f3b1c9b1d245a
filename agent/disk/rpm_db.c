// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sys/stat.h>

#include "base/err.h"
#include "disk/rpm_db_internal.h"

static const struct form {
	const char *name;
	int (*read)(int fd, uint64_t size, rpm_db_see *see, void *arg,
		struct err *e);
} forms[RPM_DB_KINDS] = {
	[RPM_DB_SQLITE] = { "rpmdb.sqlite", rpm_db_read_sqlite },
	[RPM_DB_NDB] = { "Packages.db", rpm_db_read_ndb },
	[RPM_DB_BDB] = { "Packages", rpm_db_read_bdb },
};

const char *rpm_db_name(enum rpm_db_kind kind)
{
	return forms[kind].name;
}

int rpm_db_read(enum rpm_db_kind kind, int fd, rpm_db_see *see, void *arg,
	struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(e, "look at %s", forms[kind].name);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EBADMSG, "is no regular file");
	if ((uint64_t)st.st_size > RPM_DB_BYTES)
		return err_set(e, -EFBIG, "is larger than what is read");
	return forms[kind].read(fd, (uint64_t)st.st_size, see, arg, e);
}
