// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "recorder/cgroup.h"

enum {
	SLOTS = 2 * RECORDER_CGROUPS_MAX,
	HANDLE_KERNFS = 0xfe, /* FILEID_KERNFS */
	MOUNTINFO_BYTES = 4 << 20,
};

struct slot {
	uint64_t id; /* 0 = free */
	char *path; /* NULL = it could not be found */
};

struct cgroups {
	int root; /* of the hierarchy; -1 = there is none */
	char root_path[RECORDER_CGROUP_CHARS];
	size_t n;
	uint64_t last; /* that was met, which is often the same */
	struct slot slots[SLOTS];
};

/* "36 25 0:31 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw" */
static char *cgroup2_in(char *line)
{
	char *kind = strstr(line, " - cgroup2 ");
	char *at = line;

	if (!kind)
		return NULL;
	for (int i = 0; i < 4 && at; i++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	if (!at || at > kind)
		return NULL;
	at[strcspn(at, " ")] = 0;
	return at;
}

static void find_root(struct cgroups *c)
{
	AUTO_BUF struct buf b = { 0 };
	struct err why = { 0 };
	char *text, *line;

	buf_init(&b, MOUNTINFO_BYTES);
	if (io_slurp(AT_FDCWD, "/proc/self/mountinfo", &b, &why) < 0)
		return;
	text = buf_string(&b, &why);
	while (text && c->root < 0 && (line = strsep(&text, "\n"))) {
		const char *at = cgroup2_in(line);

		if (!at || strlen(at) >= sizeof(c->root_path))
			continue;
		c->root = io_open(AT_FDCWD, at, O_RDONLY | O_DIRECTORY, 0, &why);
		(void)snprintf(c->root_path, sizeof(c->root_path), "%s", at);
	}
}

int cgroups_new(struct cgroups **ret, struct err *e)
{
	struct cgroups *c = calloc(1, sizeof(*c));

	if (!c)
		return err_set(e, -ENOMEM, "no memory for cgroups");
	c->root = -1;
	find_root(c);
	*ret = c;
	return 0;
}

void cgroups_free(struct cgroups *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		free(c->slots[i].path);
	if (c->root >= 0)
		(void)close(c->root);
	free(c);
}

static size_t slot_of(const struct cgroups *c, uint64_t id)
{
	size_t i = (id * 0x9e3779b97f4a7c15ULL >> 40) % SLOTS;

	/* Never full: half of them stay free. */
	while (c->slots[i].id && c->slots[i].id != id)
		i = (i + 1) % SLOTS;
	return i;
}

static char *find_path(const struct cgroups *c, uint64_t id)
{
	struct {
		struct file_handle h;
		uint8_t id[sizeof(id)];
	} handle = { .h = { .handle_bytes = sizeof(id),
			     .handle_type = HANDLE_KERNFS } };
	char link[64], path[2 * RECORDER_CGROUP_CHARS];
	size_t root = strlen(c->root_path);
	ssize_t n;
	int fd;

	memcpy(handle.h.f_handle, &id, sizeof(id));
	fd = c->root < 0
		     ? -1
		     : open_by_handle_at(c->root, &handle.h, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	(void)close(fd);
	if (n < (ssize_t)root)
		return NULL;
	path[n] = 0;
	if (strncmp(path, c->root_path, root) != 0 ||
		strlen(path + root) >= RECORDER_CGROUP_CHARS)
		return NULL;
	return strdup(path[root] ? path + root : "/");
}

void cgroups_meet(struct cgroups *c, uint64_t id)
{
	size_t i;

	if (!id || id == c->last)
		return;
	c->last = id;
	i = slot_of(c, id);
	if (c->slots[i].id || c->n == RECORDER_CGROUPS_MAX)
		return;
	c->slots[i] = (struct slot){ .id = id, .path = find_path(c, id) };
	c->n++;
}

const char *cgroups_path(const struct cgroups *c, uint64_t id)
{
	return id ? c->slots[slot_of(c, id)].path : NULL;
}
