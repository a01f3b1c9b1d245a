// SPDX-License-Identifier: Apache-2.0
/* Two disks are looked at and mounted while every call fails once; each time all
 * of it is undone.  Wants root, loop devices and ext4. */
#include <dirent.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/io.h"
#include "unit/fault.h"
#include "unit/torture.h"
#include "unit/volume_fixture.h"
#include "volume/volume.h"

#define WRAP(name, params, args)                                               \
	int __real_##name params;                                              \
	int __wrap_##name params;                                              \
	int __wrap_##name params                                               \
	{                                                                      \
		return fault_here(#name, EPERM) ? -1 : __real_##name args;     \
	}

WRAP(fsopen, (const char *t, unsigned f), (t, f))
WRAP(fsconfig, (int fd, unsigned c, const char *k, const void *v, int a),
	(fd, c, k, v, a))
WRAP(fsmount, (int fd, unsigned f, unsigned a), (fd, f, a))
WRAP(move_mount, (int a, const char *p, int b, const char *q, unsigned f),
	(a, p, b, q, f))
WRAP(unshare, (int f), (f))
WRAP(mount,
	(const char *s, const char *t, const char *f, unsigned long n,
		const void *d),
	(s, t, f, n, d))
WRAP(mknodat, (int fd, const char *p, mode_t m, dev_t d), (fd, p, m, d))

int __real_ioctl(int fd, unsigned long call, void *arg);
int __wrap_ioctl(int fd, unsigned long call, ...);
int __wrap_ioctl(int fd, unsigned long call, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, call);
	arg = va_arg(ap, void *);
	va_end(ap);
	return fault_here("ioctl", EPERM) ? -1 : __real_ioctl(fd, call, arg);
}

static struct disk_pair pair;

/* Loop devices over the files of this test. */
static int loops(void)
{
	DIR *d = opendir("/sys/block");
	struct dirent *entry;
	int n = 0;

	assert_non_null(d);
	while ((entry = readdir(d))) {
		AUTO_BUF struct buf b = { 0 };
		char path[512];

		(void)snprintf(path, sizeof(path),
			"/sys/block/%s/loop/backing_file", entry->d_name);
		buf_init(&b, 4096);
		if (io_slurp(AT_FDCWD, path, &b, NULL) == 0)
			n += memmem(b.data, b.len, pair.top, strlen(pair.top)) !=
			     NULL;
	}
	(void)closedir(d);
	return n;
}

static int mount_pair(struct volumes *v, struct err *e)
{
	const char *const devices[] = { pair.a, pair.b };
	const struct volumes_config config = { .devices = devices,
		.devices_n = 2 };
	int r = volumes_find(v, &config, e);

	return r < 0 ? r : volumes_mount(v, e);
}

static int look(struct err *e)
{
	struct volumes v;
	int r = mount_pair(&v, e);

	volumes_close(&v);
	return r;
}

static void volumes(void **state)
{
	struct err e = { 0 };
	struct volumes v;
	char path[VOLUME_PATH_CHARS];
	int r;

	(void)state;
	if (!disk_pair_make(&pair) || mount_pair(&v, &e) < 0) {
		print_message("not here: %s\n", e.msg);
		volumes_close(&v);
		scratch_remove(pair.top);
		skip();
	}
	assert_int_equal(v.mounts_n, 2);
	assert_string_equal(v.mounts[1].where, "/var");
	assert_int_equal(v.gaps_n, 2);
	assert_int_equal(loops(), 2);
	(void)snprintf(path, sizeof(path), "%s/var/log/here", v.root);
	assert_int_equal(access(path, R_OK), 0);
	assert_int_equal(access(path, W_OK), -1);
	assert_int_equal(errno, EROFS);
	volumes_close(&v);
	assert_int_equal(loops(), 0);
	r = (int)torture_run("volumes", look).calls;
	assert_true(r > 60);
	assert_int_equal(loops(), 0);
	scratch_remove(pair.top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(volumes),
	};

	fault_hooks();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
