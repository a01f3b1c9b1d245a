// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "trigger/bell.h"
#include "trigger/path.h"
#include "trigger/seen.h"

enum {
	/* When it is written, not when it begins to be. */
	EVENTS = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
		 IN_DELETE_SELF | IN_ONLYDIR,
	LINE_BYTES = TRIGGER_ORDER_CHARS + 1,
};

struct looker {
	const struct trigger_path_settings *set;
	struct feed *feed;
	struct seen *seen;
};

static void dirp_close(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

static const char *why_not(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "it is no regular file";
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return "it belongs neither to root nor to the watch's user";
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return "others than its owner may write it";
	return NULL;
}

static void look_at(struct looker *l, int dir, const char *name, const char *path)
{
	AUTO_CLOSE int fd = openat(dir, name,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct trigger_event ev = { 0 };
	char line[LINE_BYTES + 1];
	const char *bad = NULL;
	struct stat st;
	ssize_t n;

	if (fd < 0 && errno == ENOENT)
		return;
	if (fd < 0 || fstat(fd, &st) < 0) {
		bad = "it cannot be opened without following a link";
		(void)snprintf(ev.key, sizeof(ev.key), "%s", path);
	} else {
		/* A file that is written anew is another trigger. */
		(void)snprintf(ev.key, sizeof(ev.key), "%.100s %jd.%09ld", path,
			(intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
		bad = why_not(&st);
	}
	n = bad ? 0 : pread(fd, line, LINE_BYTES, 0);
	line[n < 0 ? 0 : n] = 0;
	if (n < 0)
		bad = "it cannot be read";
	(void)snprintf(ev.reason, sizeof(ev.reason), "file %.120s: ", path);
	if (!bad && trigger_event_value(&ev, line, strcspn(line, "\n")) < 0)
		bad = "its first line is longer than an order";
	if (bad)
		seen_refuse(l->seen, l->feed, ev.key, bad);
	else
		(void)seen_ring(l->seen, l->feed, &ev);
}

static void look_in(struct looker *l, const char *path)
{
	CLEANUP(dirp_close) DIR *d = opendir(path);
	const struct dirent *entry;
	size_t n = 0;

	if (!d) {
		if (errno == ENOTDIR)
			look_at(l, AT_FDCWD, path, path);
		return;
	}
	while ((entry = readdir(d))) {
		char whole[512];

		if (entry->d_name[0] == '.')
			continue;
		if (n++ == TRIGGER_PATH_FILES_MAX) {
			feed_refuse(l->feed, path, "more than %d files in %s",
				TRIGGER_PATH_FILES_MAX, path);
			return;
		}
		(void)snprintf(
			whole, sizeof(whole), "%s/%s", path, entry->d_name);
		look_at(l, dirfd(d), entry->d_name, whole);
	}
}

/* A directory itself, and of a file the one that it is in. */
static size_t watch_all(int fd, const struct trigger_path_settings *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->path.n; i++) {
		char dir[512];

		(void)snprintf(dir, sizeof(dir), "%s", set->path.v[i]);
		if (inotify_add_watch(fd, dir, EVENTS) >= 0) {
			n++;
			continue;
		}
		dir[strrchr(dir, '/') > dir ? strrchr(dir, '/') - dir : 1] = 0;
		n += inotify_add_watch(fd, dir, EVENTS) >= 0;
	}
	return n;
}

static void look(struct looker *l)
{
	seen_begin(l->seen, "");
	for (size_t i = 0; i < l->set->path.n; i++)
		look_in(l, l->set->path.v[i]);
	seen_end(l->seen, l->feed, "");
}

static void drain(int fd)
{
	char room[4096];

	while (read(fd, room, sizeof(room)) > 0)
		;
}

static int run(const void *settings, struct feed *f, struct err *e)
{
	AUTO_CLOSE int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	AUTO_SEEN struct seen *seen = NULL;
	struct looker l = { .set = settings, .feed = f };
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN },
		{ .fd = feed_fd(f), .events = POLLIN } };
	struct trigger_report report;
	int r;

	if (fd < 0)
		return err_sys(e, "inotify");
	r = seen_new(&seen, e);
	if (r < 0)
		return r;
	l.seen = seen;
	while (!feed_ends(f)) {
		size_t n = watch_all(fd, l.set);

		drain(fd);
		look(&l);
		feed_tell(f, FEED_WAITING, "%zu of %zu paths by inotify", n,
			l.set->path.n);
		(void)poll(p, ARRAY_LEN(p), TRIGGER_PATH_LOOK_MS);
		while (feed_report(f, &report))
			free(report.text);
	}
	return 0;
}

static int check(const void *settings, struct err *e)
{
	const struct trigger_path_settings *set = settings;

	if (!set->path.n)
		return err_set(e, -EINVAL, "no path given: path = FILE, DIR");
	for (size_t i = 0; i < set->path.n; i++)
		if (set->path.v[i][0] != '/')
			return err_set(e, -EINVAL, "'%s' is no absolute path",
				set->path.v[i]);
	return 0;
}

static const struct trigger_path_settings defaults;

static const struct trigger_key keys[] = {
	{ "path", TRIGGER_WORDS, offsetof(struct trigger_path_settings, path),
		0, 0 },
};

const struct trigger_kind trigger_path = {
	.name = "path",
	.settings_bytes = sizeof(struct trigger_path_settings),
	.defaults = &defaults,
	.keys = keys,
	.keys_n = ARRAY_LEN(keys),
	.check = check,
	.run = run,
};
