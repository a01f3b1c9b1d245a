// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <fcntl.h>
#include <sys/timex.h>
#include <sys/utsname.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "capture/identity.h"
#include "disk/root.h"

/* The first line of a small file, of ${root} or, where that is NULL, of this
 * host; "" when it cannot be read. */
static void first_line(char ret[IDENTITY_CHARS], const struct disk_root *root,
	const char *path)
{
	AUTO_BUF struct buf b = { 0 };
	const char *s;

	buf_init(&b, IDENTITY_CHARS);
	if ((root ? root_slurp(root, path, &b, NULL)
		  : io_slurp(AT_FDCWD, path, &b, NULL)) < 0)
		return;
	s = buf_string(&b, NULL);
	if (s)
		(void)snprintf(
			ret, IDENTITY_CHARS, "%.*s", (int)strcspn(s, "\n"), s);
}

/* What sink_check_name() accepts. */
static void safe_name(char *s)
{
	if (!*s || *s == '.')
		(void)snprintf(s, IDENTITY_CHARS, "unnamed");
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && *s != '.' && *s != '-')
			*s = '_';
}

static void read_clock(Icecore__V1__Clock *c)
{
	struct timex t = { .modes = 0 }; /* reads, sets nothing */
	int state = adjtimex(&t);

	icecore__v1__clock__init(c);
	c->realtime_ns = clock_ns(CLOCK_REALTIME);
	c->monotonic_ns = clock_ns(CLOCK_MONOTONIC);
	c->boottime_ns = clock_ns(CLOCK_BOOTTIME);
	c->synchronized =
		state >= 0 && state != TIME_ERROR && !(t.status & STA_UNSYNC);
	c->max_error_us = state >= 0 ? (uint64_t)t.maxerror : 0;
}

static void finish(struct identity *ret)
{
	safe_name(ret->name);
	icecore__v1__host__init(&ret->host);
	ret->host.name = ret->name;
	ret->host.machine_id = ret->machine_id;
	ret->host.boot_id = ret->boot_id;
	ret->host.kernel_release = ret->kernel_release;
	ret->host.kernel_version = ret->kernel_version;
	ret->host.architecture = ret->architecture;
	read_clock(&ret->clock);
}

/* The host's field in manifests is text. */
static void only_text(char *s)
{
	for (; *s; s++)
		if (!isgraph((unsigned char)*s))
			*s = '?';
}

int identity_load_disk(
	struct identity *ret, const struct disk_target *target, struct err *e)
{
	struct disk_root root = { .fd = -1 };
	int r = root_open(&root, target, e);

	*ret = (struct identity){ 0 };
	if (r < 0)
		return r;
	first_line(ret->name, &root, "/etc/hostname");
	first_line(ret->machine_id, &root, "/etc/machine-id");
	root_close(&root);
	only_text(ret->machine_id);
	finish(ret);
	return 0;
}

int identity_load(struct identity *ret, struct err *e)
{
	struct utsname uts;

	*ret = (struct identity){ 0 };
	if (uname(&uts) < 0)
		return err_sys(e, "uname");
	(void)snprintf(ret->name, IDENTITY_CHARS, "%s", uts.nodename);
	(void)snprintf(ret->kernel_release, IDENTITY_CHARS, "%s", uts.release);
	(void)snprintf(ret->kernel_version, IDENTITY_CHARS, "%s", uts.version);
	(void)snprintf(ret->architecture, IDENTITY_CHARS, "%s", uts.machine);
	first_line(ret->machine_id, NULL, "/etc/machine-id");
	first_line(ret->boot_id, NULL, "/proc/sys/kernel/random/boot_id");
	finish(ret);
	return 0;
}
