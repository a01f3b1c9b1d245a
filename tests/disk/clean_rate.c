// SPDX-License-Identifier: Apache-2.0
/*
 * clean_rate ROOT: judge every program, library and script of a Debian in a
 * directory as if it ran, once with what its packages say and once without.
 * Prints the rates, and what is at or above the threshold; fails when there
 * is something of a package that packages vouch for and that has a reason, or
 * anything at or above the threshold that is of a package.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "binary/look.h"
#include "binary/owner.h"
#include "binary/reasons.h"
#include "binary/regular.h"
#include "binary/slow.h"

enum { FILES_MAX = OWNER_ASKED_MAX, OPEN_MAX_DIRS = 64 };

#define WAIT_NS 10000000000ULL

static struct owner files[FILES_MAX];
static uint32_t modes[FILES_MAX];
static size_t files_n, root_len, lost;

/* What one way of judging makes of all files. */
struct rate {
	const char *name;
	size_t files;
	size_t any; /* that have a reason */
	size_t above;
	size_t bad; /* that are of a package, and must not be */
};

static int see(const char *path, const struct stat *st, int type, struct FTW *f)
{
	char head[4] = "";
	int fd;

	(void)f;
	if (type != FTW_F || !S_ISREG(st->st_mode))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOATIME);
	if (fd < 0)
		return 0;
	if (read(fd, head, sizeof(head)) == sizeof(head) &&
		(memcmp(head, "\177ELF", 4) == 0 || memcmp(head, "#!", 2) == 0)) {
		if (files_n < FILES_MAX) {
			modes[files_n] = st->st_mode;
			files[files_n++].path = strdup(path + root_len);
		} else {
			lost++;
		}
	}
	(void)close(fd);
	return 0;
}

static void judge(struct rate *rate, const struct owner *o, uint32_t mode,
	const struct look *l, bool trusting)
{
	struct reasons_facts f = { .path = o->path,
		.mode = mode,
		.capability = l->capability_len != 0,
		.elf = l->is_elf ? &l->elf : NULL,
		.is_script = l->is_script,
		.measure = l->measure,
		.entropy = look_entropy(l),
		.size_bytes = l->content.size_bytes };
	struct reasons r;
	bool library = l->is_elf && !l->elf.interpreter_at && l->elf.type == 3;

	f.seen = l->is_script ? SEEN_SCRIPT
		 : library    ? SEEN_MAPPED
			      : SEEN_EXECUTED;
	if (trusting) {
		f.packages = true;
		f.package = o->package[0] ? o->package : NULL;
		f.state = !o->package[0]		 ? DISK_UNOWNED
			  : o->checksum == PACKAGES_NONE ? DISK_OWNED
			  : owner_agrees(o, l->content.md5, l->content.sha256)
				  ? DISK_AS_PACKAGED
				  : DISK_CHANGED;
	}
	reasons_find(&r, &f);
	rate->files++;
	rate->any += r.score != 0;
	rate->above += r.score >= REASONS_THRESHOLD;
	rate->bad += (r.score && f.state == DISK_AS_PACKAGED) ||
		     (r.score >= REASONS_THRESHOLD && o->package[0]);
	if (r.score < REASONS_THRESHOLD && f.state != DISK_AS_PACKAGED)
		return;
	if (!r.score)
		return;
	printf("# %s: %3u %s", rate->name, r.score, o->path);
	for (size_t i = 0; i < r.n; i++)
		printf(" %s(%u)", r.v[i].rule, r.v[i].weight);
	printf("\n");
}

static int look_at_all(struct rate rates[2], int root, struct err *e)
{
	struct slow *slow = NULL;
	int r = slow_new(&slow, WAIT_NS, e);

	for (size_t i = 0; r == 0 && i < files_n; i++) {
		static struct look l;
		struct stat st;
		int held = regular_find(root, files[i].path, &st, e);

		if (held < 0)
			continue;
		r = look_at(&l, slow, held, NULL, e);
		for (int k = 0; r == 0 && l.read && k < 2; k++)
			judge(&rates[k], &files[i], modes[i], &l, k == 0);
		look_done(&l);
		(void)close(held);
	}
	slow_free(slow);
	return r;
}

int main(int argc, char **argv)
{
	struct rate rates[2] = { { .name = "with packages" },
		{ .name = "bytes alone" } };
	struct err e = { 0 };
	int root, r;

	if (argc != 2)
		return 2;
	root_len = strlen(argv[1]);
	root = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || nftw(argv[1], see, OPEN_MAX_DIRS, FTW_PHYS | FTW_MOUNT)) {
		perror(argv[1]);
		return 2;
	}
	r = owner_find(files, files_n, root, &e);
	if (r > 0)
		r = look_at_all(rates, root, &e);
	else if (r == 0)
		r = err_set(&e, -ENOENT, "no packages below %s", argv[1]);
	for (int k = 0; r == 0 && k < 2; k++)
		printf("%s: %zu programs, libraries and scripts: %zu with a "
		       "reason, %zu at or above %d; %zu of packages\n",
			rates[k].name, rates[k].files, rates[k].any,
			rates[k].above, REASONS_THRESHOLD, rates[k].bad);
	if (r < 0)
		fprintf(stderr, "clean_rate: %s\n", e.msg);
	return r < 0 || lost || rates[0].bad ? 1 : 0;
}
