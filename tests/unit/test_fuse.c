// SPDX-License-Identifier: Apache-2.0
/*
 * A file system whose server this test is: it says what its one file is, and
 * then does not answer any more.  Nothing may open it for reading, and nothing
 * may wait for it longer than a deadline.  Wants root and /dev/fuse.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "binary/content.h"
#include "binary/owner.h"
#include "binary/slow.h"
#include "unit/scratch.h"
#include "unit/unit.h"

/* linux/fuse.h, whose own names banned.h does not let pass; protocol 7.31. */
enum fuse_opcode {
	FUSE_LOOKUP = 1,
	FUSE_FORGET = 2,
	FUSE_GETATTR = 3,
	FUSE_OPEN = 14,
	FUSE_READ = 15,
	FUSE_STATFS = 17,
	FUSE_INIT = 26,
	FUSE_INTERRUPT = 36,
};

struct fuse_in_header {
	uint32_t len, opcode;
	uint64_t unique, nodeid;
	uint32_t uid, gid, pid, padding;
};

struct fuse_out_header {
	uint32_t len;
	int32_t error;
	uint64_t unique;
};

struct fuse_attr {
	uint64_t ino, size, blocks, times[3];
	uint32_t nanoseconds[3], mode, nlink, uid, gid, rdev, blksize, flags;
};

struct fuse_attr_out {
	uint64_t attr_valid;
	uint32_t nanoseconds, dummy;
	struct fuse_attr attr;
};

struct fuse_entry_out {
	uint64_t nodeid, generation, entry_valid, attr_valid;
	uint32_t nanoseconds[2];
	struct fuse_attr attr;
};

struct fuse_statfs_out {
	uint64_t numbers[5];
	uint32_t bsize, namelen, frsize, padding, spare[6];
};

struct fuse_init_out {
	uint32_t major, minor, max_readahead, flags;
	uint16_t max_background, congestion_threshold;
	uint32_t max_write, rest[10];
};

_Static_assert(sizeof(struct fuse_attr_out) == 104, "as the kernel has it");
_Static_assert(sizeof(struct fuse_entry_out) == 128, "as the kernel has it");
_Static_assert(sizeof(struct fuse_init_out) == 64, "as the kernel has it");

enum {
	FUSE_KERNEL_VERSION = 7,
	FUSE_KERNEL_MINOR_VERSION = 31,
	REQUEST_BYTES = 1 << 17,
	FILE_ID = 2,
	WAIT_NS = 50000000,
	LONG_NS = 2000000000,
	POLL_MS = 20,
};

static char top[SCRATCH_CHARS];
static int device = -1;
static pthread_t server;
static atomic_bool end, silent, was_opened;

static void answer(uint64_t unique, int error, const void *body, size_t len)
{
	struct fuse_out_header head = { .len = (uint32_t)(sizeof(head) + len),
		.error = error,
		.unique = unique };
	struct iovec v[2] = { { &head, sizeof(head) },
		{ (void *)(uintptr_t)body, len } };

	(void)!writev(device, v, 2);
}

static struct fuse_attr attr_of(uint64_t id)
{
	return (struct fuse_attr){ .ino = id,
		.size = id == FILE_ID ? 4096 : 0,
		.mode = id == FILE_ID ? S_IFREG | 0755 : S_IFDIR | 0755,
		.nlink = 1 };
}

static void serve_one(const struct fuse_in_header *in)
{
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = 4096 };
	/* Names are good for long, attributes are asked for each time. */
	struct fuse_entry_out entry = { .nodeid = FILE_ID, .entry_valid = 3600 };
	struct fuse_attr_out attr = { .attr_valid = 0 };
	struct fuse_statfs_out statfs = { .namelen = 255 };

	if (in->opcode == FUSE_OPEN || in->opcode == FUSE_READ)
		was_opened = true;
	if (silent)
		return;
	switch (in->opcode) {
	case FUSE_INIT:
		answer(in->unique, 0, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		entry.attr = attr_of(FILE_ID);
		answer(in->unique, 0, &entry, sizeof(entry));
		break;
	case FUSE_GETATTR:
		attr.attr = attr_of(in->nodeid);
		answer(in->unique, 0, &attr, sizeof(attr));
		break;
	case FUSE_STATFS:
		answer(in->unique, 0, &statfs, sizeof(statfs));
		break;
	case FUSE_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		answer(in->unique, -ENOSYS, NULL, 0);
	}
}

static void *serve(void *arg)
{
	static char request[REQUEST_BYTES];

	(void)arg;
	while (!end) {
		struct pollfd p = { .fd = device, .events = POLLIN };

		if (poll(&p, 1, POLL_MS) == 1 &&
			read(device, request, sizeof(request)) >=
				(ssize_t)sizeof(struct fuse_in_header))
			serve_one((const void *)request);
	}
	return NULL;
}

static int set_up(void **state)
{
	char options[64];

	(void)state;
	scratch_new(top);
	end = silent = was_opened = false;
	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (device < 0 || unshare(CLONE_NEWNS) < 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 0;
	(void)snprintf(options, sizeof(options),
		"fd=%d,rootmode=40000,user_id=0,group_id=0", device);
	assert_int_equal(mount("icecore", top, "fuse", 0, options), 0);
	assert_int_equal(pthread_create(&server, NULL, serve, NULL), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (device >= 0) {
		end = true;
		(void)pthread_join(server, NULL);
		(void)close(device); /* which ends all waits */
		(void)umount2(top, MNT_DETACH);
	}
	scratch_remove(top);
	return 0;
}

static void never_opened(void **state)
{
	AUTO_CLOSE int dir = -1, held = -1;
	struct content_config config = { 0 };
	struct slow *slow = NULL;
	struct content c;
	struct stat st;
	struct err e = { 0 };

	(void)state;
	if (device < 0)
		skip();
	assert_ok(slow_new(&slow, LONG_NS, &e), &e);
	dir = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	held = slow_look(slow, dir, "file", &st, &e);
	assert_true(held >= 0);
	assert_int_equal(st.st_ino, FILE_ID);
	config.slow = slow;
	assert_err(content_read(&c, held, &config, &e), -EPERM, &e, "FUSE");
	assert_false(was_opened);
	slow_free(slow);
}

static void silence(void **state)
{
	struct owner v = { .path = "/usr/bin/x" };
	AUTO_CLOSE int dir = -1, held = -1;
	struct content_config config = { 0 };
	struct slow *slow = NULL;
	struct content c;
	struct stat st;
	struct err e = { 0 };
	uint64_t began;

	(void)state;
	if (device < 0)
		skip();
	assert_ok(slow_new(&slow, WAIT_NS, &e), &e);
	dir = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	held = slow_look(slow, dir, "file", &st, &e);
	assert_true(held >= 0);
	silent = true;
	began = clock_ns(CLOCK_MONOTONIC);
	config.slow = slow;
	assert_err(content_read(&c, held, &config, &e), -ETIMEDOUT, &e, "answer");
	for (int i = 0; i < 2 * SLOW_STUCK_MAX; i++)
		assert_err(slow_look(slow, dir, "file", &st, &e), -ETIMEDOUT,
			&e, "answer");
	assert_err(owner_find_timed(&v, 1, dir, WAIT_NS, &e), -ETIMEDOUT, &e,
		"answer");
	assert_true(clock_ns(CLOCK_MONOTONIC) - began <
		    (SLOW_STUCK_MAX + 4) * 2ULL * WAIT_NS);
	assert_false(was_opened);
	slow_free(slow);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(never_opened),
		TEST(silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
