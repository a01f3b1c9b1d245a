// SPDX-License-Identifier: Apache-2.0
/*
 * memread probe [--module FILE]
 *	Print the ladder of the sources, each with its reason.
 *
 * memread symbols
 *	Find the kernel's maps for BPF by the helper and by /proc/kallsyms, and
 *	fail when the two differ.
 *
 * memread parallel KIND --hash RANGE [--module FILE]
 *	Read all System RAM by several readers at once, and fail when they
 *	differ in RANGE.
 *
 * memread read KIND [option ...]
 *	In a guest: read all System RAM through one source, count what became
 *	of the pages, print the speed.
 *	--module FILE   load this module for kmod
 *	--runs FILE     write a line "START END STATUS" for each run of pages,
 *	                in decimal
 *	--lime FILE     write an image, LiME version 1, of what is known
 *	--hash RANGE    hash START-END (hexadecimal, the last byte included)
 *	--pages LIST    print a line "ADDRESS STATUS HASH" for each page of
 *	                LIST, a file of hexadecimal addresses
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "memory/iomem.h"
#include "memory/source.h"
#include "memread.h"

enum {
	READERS = 2,
	LIST_BYTES = 1 << 20,
};

struct job {
	const char *module;
	struct ranges ram;
	struct range hashed;
	uint64_t hash;
	uint64_t counts[PAGE_INTERRUPTED + 1];
	uint64_t bytes;
	uint64_t ns; /* in source_read() */
	struct image image;
	FILE *runs;
	struct range run;
	uint8_t run_status;
	struct ranges pages; /* to print */
};

static void die(const struct err *e)
{
	(void)fprintf(stderr, "memread: %s\n", e->msg);
	exit(1);
}

static void check(int r, const struct err *e)
{
	if (r < 0)
		die(e);
}

/* FNV-1a. */
static uint64_t hash_bytes(uint64_t h, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3;
	return h;
}

static const uint64_t hash_start = 0xcbf29ce484222325;

/* --- one batch --- */

static void run_end(struct job *j)
{
	if (j->runs && j->run.start < j->run.end)
		(void)fprintf(j->runs, "%" PRIu64 " %" PRIu64 " %s\n",
			j->run.start, j->run.end,
			page_status_name(j->run_status));
}

static void run_add(struct job *j, uint64_t start, uint64_t end, uint8_t status)
{
	if (status == j->run_status && start == j->run.end) {
		j->run.end = end;
		return;
	}
	run_end(j);
	j->run = (struct range){ start, end };
	j->run_status = status;
}

static void hash_page(
	struct job *j, uint64_t start, uint64_t end, const uint8_t *p)
{
	if (start < j->hashed.start || end > j->hashed.end)
		return;
	j->hash = hash_bytes(j->hash, p, (size_t)(end - start));
}

static void print_page(struct job *j, uint64_t start, uint64_t end,
	uint8_t status, const uint8_t *p)
{
	const struct range *r = ranges_find(&j->pages, start);
	uint64_t hash = 0;

	if (!r || r->start > start)
		return;
	if (page_is_known(status))
		hash = hash_bytes(hash_start, p, (size_t)(end - start));
	printf("page %" PRIx64 " %s %016" PRIx64 "\n", start,
		page_status_name(status), hash);
}

static void take_page(struct job *j, uint64_t start, uint64_t end,
	uint8_t status, const uint8_t *p)
{
	j->counts[status < ARRAY_LEN(j->counts) ? status : 0]++;
	j->bytes += end - start;
	run_add(j, start, end, status);
	print_page(j, start, end, status, p);
	hash_page(j, start, end, p);
	if (page_is_known(status))
		image_put(&j->image, start, p, (size_t)(end - start));
}

static void take(struct job *j, const struct source_batch *b, uint64_t start,
	uint64_t end)
{
	uint64_t base = start - start % SOURCE_PAGE_BYTES;

	for (size_t i = 0; i < b->pages; i++) {
		uint64_t from = base + i * SOURCE_PAGE_BYTES;
		uint64_t to = from + SOURCE_PAGE_BYTES;

		from = from < start ? start : from;
		to = to > end ? end : to;
		take_page(j, from, to, b->status[i], b->data + (from - base));
	}
}

static uint64_t read_range(
	struct job *j, struct source_reader *reader, const struct range *r)
{
	uint64_t ns = 0;
	struct err e;

	for (uint64_t at = r->start; at < r->end;) {
		size_t len = source_read_bytes(at, r->end);
		struct source_batch b;

		check(source_read(reader, &b, at, len, &e), &e);
		ns += b.end_ns - b.start_ns;
		take(j, &b, at, at + len);
		at += len;
	}
	return ns;
}

/* --- commands --- */

static int probe(const struct job *j)
{
	struct source_config config = {
		.readers = 1, .module_path = j->module, .ram = &j->ram
	};
	struct source_ladder ladder;

	source_probe(&ladder, &config);
	for (size_t i = 0; i < ladder.n; i++)
		printf("%s: %s\n", source_kind_name(ladder.steps[i].kind),
			ladder.steps[i].result == 0 ? "opens"
						    : ladder.steps[i].why.msg);
	return 0;
}

static void print_table(const struct job *j, const char *name)
{
	for (unsigned i = 0; i < ARRAY_LEN(j->counts); i++)
		if (j->counts[i])
			printf("%s %s %" PRIu64 "\n", name,
				page_status_name((uint8_t)i), j->counts[i]);
	printf("%s bytes %" PRIu64 " of %" PRIu64 "\n", name, j->bytes,
		ranges_bytes(&j->ram));
	printf("%s speed %.0f MiB/s\n", name,
		(double)j->bytes / (1 << 20) / ((double)j->ns / 1e9));
	if (j->hashed.end)
		printf("%s hash %016" PRIx64 "\n", name, j->hash);
}

static void read_ranges(struct job *j, struct source *s, unsigned index)
{
	struct source_reader *reader = NULL;
	struct err e;

	check(source_reader_open(&reader, s, index, &e), &e);
	for (size_t i = 0; i < j->ram.n; i++)
		j->ns += read_range(j, reader, &j->ram.v[i]);
	source_reader_close(reader);
}

static int read_all(struct job *j, const char *name)
{
	struct source_config config = {
		.readers = 1, .module_path = j->module, .ram = &j->ram
	};
	uint64_t began = clock_ns(CLOCK_MONOTONIC);
	struct source *s = NULL;
	struct err e;

	check(source_open(&s, source_kind_find(name), &config, &e), &e);
	printf("%s opened in %.1f ms\n", name,
		(double)(clock_ns(CLOCK_MONOTONIC) - began) / 1e6);
	read_ranges(j, s, 0);
	run_end(j);
	image_end(&j->image);
	check(source_restore(s, &e), &e);
	source_close(s);
	print_table(j, name);
	return 0;
}

struct worker {
	pthread_t thread;
	struct job job;
	struct source *source;
	unsigned index;
};

static void *work(void *arg)
{
	struct worker *w = arg;

	read_ranges(&w->job, w->source, w->index);
	return NULL;
}

/* Every reader reads everything; they must agree on what does not change. */
static int read_parallel(const struct job *j, const char *name)
{
	struct source_config config = {
		.readers = READERS, .module_path = j->module, .ram = &j->ram
	};
	struct worker w[READERS];
	struct source *s = NULL;
	uint64_t ns;
	bool same = true;
	struct err e;

	check(source_open(&s, source_kind_find(name), &config, &e), &e);
	ns = clock_ns(CLOCK_MONOTONIC);
	for (unsigned i = 0; i < READERS; i++) {
		w[i] = (struct worker){ .job = *j, .source = s, .index = i };
		check(-pthread_create(&w[i].thread, NULL, work, &w[i]), &e);
	}
	for (unsigned i = 0; i < READERS; i++) {
		(void)pthread_join(w[i].thread, NULL);
		same = same && w[i].job.hash == w[0].job.hash &&
		       w[i].job.bytes == ranges_bytes(&j->ram);
		printf("%s reader %u hash %016" PRIx64 "\n", name, i,
			w[i].job.hash);
	}
	ns = clock_ns(CLOCK_MONOTONIC) - ns;
	printf("%s %d readers speed %.0f MiB/s\n", name, READERS,
		(double)ranges_bytes(&j->ram) * READERS / (1 << 20) /
			((double)ns / 1e9));
	check(source_restore(s, &e), &e);
	source_close(s);
	return same && j->hashed.end ? 0 : 1;
}

static void parse_range(struct range *ret, const char *text)
{
	int n = num_hex(&ret->start, text);

	if (n <= 0 || text[n] != '-' || num_hex(&ret->end, text + n + 1) <= 0) {
		(void)fprintf(stderr, "memread: no range: %s\n", text);
		exit(2);
	}
	ret->end++;
}

static void read_list(struct ranges *ret, const char *path)
{
	AUTO_BUF struct buf text;
	struct err e;
	char *p;

	buf_init(&text, LIST_BYTES);
	check(io_slurp(AT_FDCWD, path, &text, &e), &e);
	p = buf_string(&text, &e);
	for (uint64_t at; p && num_hex(&at, p) > 0;) {
		check(ranges_add(ret,
			      (struct range){ at, at + SOURCE_PAGE_BYTES }, &e),
			&e);
		p += strcspn(p, "\n");
		p += *p == '\n';
	}
}

static bool parse_option(struct job *j, const char *name, const char *value)
{
	struct err e;

	if (strcmp(name, "--module") == 0) {
		j->module = value;
	} else if (strcmp(name, "--hash") == 0) {
		parse_range(&j->hashed, value);
	} else if (strcmp(name, "--pages") == 0) {
		read_list(&j->pages, value);
	} else if (strcmp(name, "--runs") == 0) {
		j->runs = fopen(value, "we");
		if (!j->runs)
			return false;
	} else if (strcmp(name, "--lime") == 0) {
		j->image.fd = io_open(AT_FDCWD, value,
			O_WRONLY | O_CREAT | O_TRUNC, 0600, &e);
		check(j->image.fd, &e);
	} else {
		return false;
	}
	return true;
}

static int usage(void)
{
	(void)fputs("usage: memread probe [--module FILE]\n"
		    "       memread symbols\n"
		    "       memread parallel|read KIND [option ...]\n",
		stderr);
	return 2;
}

int main(int argc, char *argv[])
{
	struct job j = { .hash = hash_start, .image = { .fd = -1 } };
	const char *command = argc >= 2 ? argv[1] : "";
	bool is_probe = strcmp(command, "probe") == 0;
	bool is_parallel = strcmp(command, "parallel") == 0;
	int result, first = is_probe ? 2 : 3;
	struct err e;

	if (argc == 2 && strcmp(command, "symbols") == 0)
		return memread_symbols();
	if (!is_probe && !is_parallel && strcmp(command, "read") != 0)
		return usage();
	if (!is_probe && (argc < 3 || !source_kind_find(argv[2])))
		return usage();
	for (int i = first; i < argc; i += 2)
		if (i + 1 == argc || !parse_option(&j, argv[i], argv[i + 1]))
			return usage();
	check(ranges_load(&j.ram, &e), &e);
	if (is_probe)
		result = probe(&j);
	else if (is_parallel)
		result = read_parallel(&j, argv[2]);
	else
		result = read_all(&j, argv[2]);
	ranges_done(&j.ram);
	ranges_done(&j.pages);
	if ((j.runs && fclose(j.runs) != 0) || fflush(stdout) != 0)
		return 1;
	return result;
}
