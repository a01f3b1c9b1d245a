/* SPDX-License-Identifier: Apache-2.0 */
/* A process with mappings of every kind that is odd.  They are made before the
 * fork, so that both sides know where they are. */
#ifndef GUEST_WORLD_MEMORY_H
#define GUEST_WORLD_MEMORY_H

#include <sys/mman.h>

#include "world.h"

enum {
	ODD_PAGES = 4,
	ODD_BYTES = ODD_PAGES * 4096,
	ODD_MAX = 8,
	/* As in live.proto. */
	FLAG_ANON_EXEC = 1,
	FLAG_RWX = 2,
	FLAG_MEMFD = 16,
	FLAG_DELETED = 32,
	FLAG_CHANGED = 64,
};

struct odd {
	char *at;
	const char *protection;
	int flags;
	int changed;
	const char *path; /* NULL = of no file */
};

static struct odd odds[ODD_MAX];
static int odds_n;

static char *map_odd(int prot, int map, int fd)
{
	char *p = mmap(NULL, ODD_BYTES, prot,
		map | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);

	must(p != MAP_FAILED, "mmap");
	/* A hole behind it, or neighbours become one. */
	(void)mmap(p - 4096, 4096, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	return p;
}

static int odd_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0700);

	must(fd >= 0 && ftruncate(fd, ODD_BYTES) == 0, path);
	return fd;
}

static void write_page(char *p)
{
	must(mprotect(p, ODD_BYTES, PROT_READ | PROT_WRITE) == 0, "mprotect");
	*p = 1;
	must(mprotect(p, ODD_BYTES, PROT_READ | PROT_EXEC) == 0, "mprotect");
}

static void make_odd(void)
{
	int plain = odd_file("/tmp/plain"), gone = odd_file("/tmp/odd-gone");
	int memory = memfd_create("odd", MFD_CLOEXEC);
	const int rx = PROT_READ | PROT_EXEC;
	char *changed;

	must(memory >= 0 && ftruncate(memory, ODD_BYTES) == 0, "memfd");
	must(unlink("/tmp/odd-gone") == 0, "unlink");
	changed = map_odd(rx, MAP_PRIVATE, plain);
	odds[odds_n++] = (struct odd){ map_odd(rx | PROT_WRITE, MAP_PRIVATE, -1),
		"rwxp", FLAG_ANON_EXEC | FLAG_RWX, 0, NULL };
	odds[odds_n++] = (struct odd){ map_odd(rx, MAP_PRIVATE, -1), "r-xp",
		FLAG_ANON_EXEC, 0, NULL };
	odds[odds_n++] = (struct odd){ map_odd(rx, MAP_PRIVATE, plain), "r-xp",
		0, 0, "/tmp/plain" };
	odds[odds_n++] =
		(struct odd){ changed, "r-xp", FLAG_CHANGED, 2, "/tmp/plain" };
	odds[odds_n++] = (struct odd){ map_odd(rx, MAP_SHARED, memory), "r-xs",
		FLAG_MEMFD | FLAG_DELETED, 0, "/memfd:odd (deleted)" };
	odds[odds_n++] = (struct odd){ map_odd(PROT_READ, MAP_PRIVATE, gone),
		"r--p", FLAG_DELETED, 0, "/tmp/odd-gone (deleted)" };
	write_page(changed);
	must(mprotect(changed, ODD_BYTES, PROT_READ | PROT_WRITE) == 0 &&
			(changed[2 * 4096] = 1) &&
			mprotect(changed, ODD_BYTES, rx) == 0,
		"change");
}

static void make_memory(void)
{
	make_odd();
	(void)spawn("memory", 0, run_stay);
	fputs(", \"mappings\": [", out);
	for (int i = 0; i < odds_n; i++) {
		const struct odd *o = &odds[i];

		fprintf(out,
			"%s{\"start\": %llu, \"end\": %llu, \"protection\": "
			"\"%s\", \"flags\": %d, \"changed\": %d",
			i ? ", " : "", (unsigned long long)(uintptr_t)o->at,
			(unsigned long long)(uintptr_t)(o->at + ODD_BYTES),
			o->protection, o->flags, o->changed);
		if (o->path)
			fprintf(out, ", \"path\": \"%s\"", o->path);
		fputc('}', out);
	}
	fputc(']', out);
	end();
	for (int i = 0; i < odds_n; i++)
		(void)munmap(odds[i].at, ODD_BYTES);
}

#endif
