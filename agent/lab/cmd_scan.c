// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "lab/contents.h"
#include "lab/extent.h"
#include "lab/lab.h"
#include "lab/reader.h"
#include "lab/records.h"
#include "lab/sandbox.h"
#include "lab/scan.h"

static const char usage[] =
	"usage: icelab scan EVIDENCE -i KEY --rules FILE [--rules FILE] [--timeout S]\n"
	"\n"
	"Look for YARA rules in the captured binaries, each as a whole, and in captured\n"
	"memory, of the host and of processes, a piece at a time as it was read (2 MiB at\n"
	"most): a rule whose strings are in two pieces is not found there. Prints a line\n"
	"for each rule that matches: what, where, the rule, its tags, its strings with\n"
	"their offsets.\n"
	"\n"
	"  --rules FILE   rules in source; several allowed\n"
	"  --timeout S    seconds for one binary or piece (60); more is told\n"
	"\n"
	"Binaries are written to a directory of their own in TMPDIR meanwhile.\n"
	"Exit status: 0 complete, 3 complete with gaps or partial, or something took too\n"
	"long, 1 damaged or failed.\n";

enum { WHAT_CHARS = 128, DIR_CHARS = 256 };

struct scanning {
	struct scan *scan;
	struct contents *contents;
	char dir[DIR_CHARS]; /* of binaries; "" = none yet */
	int dirfd;
	char what[WHAT_CHARS]; /* that is looked at */
	uint64_t base; /* address of its first byte */
	uint64_t items;
	uint64_t matches;
	uint64_t slow;
};

static int print_match(void *arg, const struct scan_match *m, struct err *e)
{
	struct scanning *s = arg;

	(void)e;
	s->matches++;
	(void)printf("%s %s:%s [%s]", s->what, m->namespace, m->rule, m->tags);
	for (size_t i = 0; i < m->strings_n; i++)
		(void)printf(" %s@0x%" PRIx64, m->strings[i],
			s->base + m->offsets[i]);
	(void)printf("\n");
	return 0;
}

static int scan_item(struct scanning *s, const void *p, size_t len, struct err *e)
{
	int r;

	s->items++;
	r = scan_bytes(s->scan, p, len, print_match, s, e);
	if (r != -ETIMEDOUT)
		return r;
	s->slow++;
	(void)fprintf(stderr, "%s: %s\n", s->what, e->msg);
	return 0;
}

static int see_run(void *arg, struct range at, Icecore__V1__PageStatus status,
	const uint8_t *data, struct err *e)
{
	struct scanning *s = arg;

	(void)status;
	if (!data)
		return 0;
	(void)snprintf(s->what, sizeof(s->what), "memory");
	s->base = at.start;
	return scan_item(s, data, (size_t)(at.end - at.start), e);
}

static int see_pages(
	struct scanning *s, const Icecore__V1__ProcessPages *p, struct err *e)
{
	uint64_t at = p->start, used = 0;
	int r = 0;

	(void)snprintf(s->what, sizeof(s->what), "process:%" PRIu32, p->pid);
	for (size_t i = 0; r == 0 && i < p->n_runs; i++) {
		const Icecore__V1__CorePages *run = p->runs[i];

		s->base = at;
		at += run->bytes;
		if (run->status !=
			ICECORE__V1__CORE_PAGE_STATUS__CORE_PAGE_STATUS_DATA)
			continue;
		if (run->bytes > p->data.len - used)
			return err_set(e, -EBADMSG, "impossible pages");
		r = scan_item(s, p->data.data + used, (size_t)run->bytes, e);
		used += run->bytes;
	}
	return r;
}

static int see(void *arg, const struct reader_segment *segment,
	const Icecore__V1__Record *m, struct err *e)
{
	struct scanning *s = arg;

	(void)segment;
	if (m->body_case == ICECORE__V1__RECORD__BODY_MEMORY_EXTENT)
		return extent_each(m->memory_extent, see_run, s, e);
	if (m->body_case == ICECORE__V1__RECORD__BODY_PROCESS_PAGES)
		return see_pages(s, m->process_pages, e);
	if (m->body_case == ICECORE__V1__RECORD__BODY_BINARY_DATA)
		return contents_put(s->contents, m->binary_data, e);
	return 0;
}

static const char *temporary(void)
{
	const char *tmp = getenv("TMPDIR");

	return tmp && *tmp ? tmp : "/tmp";
}

/* Where contents become whole files. */
static int make_dir(struct scanning *s, struct err *e)
{
	(void)snprintf(s->dir, sizeof(s->dir), "%.200s/icelab-scan.XXXXXX",
		temporary());
	if (!mkdtemp(s->dir)) {
		int r = err_sys(e, "make %s", s->dir);

		s->dir[0] = 0;
		return r;
	}
	s->dirfd = io_open(AT_FDCWD, s->dir, O_RDONLY | O_DIRECTORY, 0, e);
	return s->dirfd < 0 ? s->dirfd : contents_new(&s->contents, s->dirfd, e);
}

static int scan_file(struct scanning *s, int dir, const char *name, struct err *e)
{
	AUTO_CLOSE int fd = io_open(dir, name, O_RDONLY | O_NOFOLLOW, 0, e);
	struct stat st;
	void *p;
	int r;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return err_sys(e, "stat %s", name);
	if (!st.st_size)
		return 0;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return err_sys(e, "map %s", name);
	(void)snprintf(s->what, sizeof(s->what), "binary:%.80s", name);
	s->base = 0;
	r = scan_item(s, p, (size_t)st.st_size, e);
	(void)munmap(p, (size_t)st.st_size);
	return r;
}

/* Look at the contents, when ${scan} says so, and remove them. */
static int each_file(struct scanning *s, bool scan, struct err *e)
{
	int fd = io_open(s->dirfd, "binaries", O_RDONLY | O_DIRECTORY, 0, NULL);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	int r = 0;

	if (!dir)
		return fd < 0 ? 0 : err_sys(e, "read binaries");
	while (r == 0 && (d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		if (scan)
			r = scan_file(s, fd, d->d_name, e);
		else
			(void)unlinkat(fd, d->d_name, 0);
	}
	(void)closedir(dir);
	return r;
}

static void remove_dir(struct scanning *s)
{
	if (!s->dir[0])
		return;
	if (s->dirfd >= 0) {
		(void)each_file(s, false, NULL);
		(void)unlinkat(s->dirfd, "binaries", AT_REMOVEDIR);
		(void)close(s->dirfd);
	}
	(void)rmdir(s->dir);
}

static int scan_evidence(struct scanning *s, const char *path,
	const struct lab_keys *keys, struct err *e)
{
	const struct records_pass pass = { .keys = keys, .see = see, .arg = s };
	struct contents_result contents;
	struct reader *r = NULL;
	int status = LAB_FAILED, rc;

	rc = make_dir(s, e);
	if (rc == 0)
		rc = lab_confine(&(struct sandbox){ .read = { path },
					 .write = { s->dir },
					 .empty = temporary() },
			e);
	if (rc == 0)
		rc = records_open(&r, path, keys, e);
	if (rc == 0)
		rc = records_each(r, &pass, e);
	if (rc == 0)
		rc = contents_finish(s->contents, &contents, e);
	if (rc == 0)
		rc = each_file(s, true, e);
	if (rc == 0) {
		status = lab_tell(r);
		(void)fprintf(stderr,
			"%" PRIu64 " matches in %" PRIu64
			" binaries and pieces of memory\n",
			s->matches, s->items);
		if (s->slow && status == LAB_COMPLETE)
			status = LAB_GAPS;
	}
	contents_free(s->contents);
	remove_dir(s);
	reader_close(r);
	return rc < 0 ? rc : status;
}

struct scan_options {
	struct lab_keys keys;
	const char *rules[SCAN_RULES_FILES_MAX];
	size_t rules_n;
	uint64_t seconds;
	bool help;
};

static int parse(struct scan_options *o, int argc, char **argv, struct err *e)
{
	static const struct option options[] = {
		{ "identity", required_argument, NULL, 'i' },
		{ "rules", required_argument, NULL, 'r' },
		{ "timeout", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c, r = 0;

	while (r == 0 &&
		(c = getopt_long(argc, argv, "i:r:h", options, NULL)) != -1) {
		if (c == 'i')
			r = lab_keys_load(&o->keys, optarg, e);
		else if (c == 'r' && o->rules_n < SCAN_RULES_FILES_MAX)
			o->rules[o->rules_n++] = optarg;
		else if (c == 't')
			r = num_u64(&o->seconds, optarg, e);
		else if (c == 'h')
			o->help = true;
		else
			return LAB_USAGE;
	}
	if (r == 0 && !o->help &&
		(optind + 1 != argc || !o->keys.n || !o->rules_n ||
			!o->seconds || o->seconds > SCAN_SECONDS_MAX))
		return LAB_USAGE;
	return r;
}

int cmd_scan(int argc, char **argv)
{
	struct scan_options o = { .seconds = SCAN_SECONDS };
	struct scanning s = { .dirfd = -1 };
	struct err e = { 0 };
	int r = parse(&o, argc, argv, &e);

	if (r == LAB_USAGE)
		return lab_usage(usage);
	if (r == 0 && o.help)
		return (void)fputs(usage, stdout), LAB_COMPLETE;
	if (r == 0)
		r = scan_new(
			&s.scan, o.rules, o.rules_n, (unsigned)o.seconds, &e);
	if (r == 0)
		r = scan_evidence(&s, argv[optind], &o.keys, &e);
	scan_free(s.scan);
	lab_keys_done(&o.keys);
	return r < 0 ? lab_failed(&e) : r;
}
