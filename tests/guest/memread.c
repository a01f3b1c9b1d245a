// SPDX-License-Identifier: Apache-2.0
/*
 * memread probe [--module FILE]
 *	Print the ladder of the sources, each with its reason.
 *
 * memread symbols
 *	Find the kernel's maps for BPF by the helper and by /proc/kallsyms, and
 *	fail when the two differ.
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
#include <stdbool.h>

#include <bpf/bpf.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "bpf/memory.h"
#include "memory.skel.h"
#include "memory/iomem.h"
#include "memory/kallsyms.h"
#include "memory/source.h"

enum {
	LIME_HEADER_BYTES = 32,
	LIME_MAGIC = 0x4C694D45,
	LIST_BYTES = 1 << 20,
};

struct image {
	int fd;
	uint64_t at; /* of the end of the file */
	uint64_t header; /* of the range that is being written */
	uint64_t start; /* its physical addresses; empty = none */
	uint64_t end;
};

struct job {
	const char *module;
	struct ranges ram;
	struct range hashed;
	uint64_t hash;
	uint64_t counts[PAGE_INTERRUPTED + 1];
	uint64_t bytes;
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

/* --- the image --- */

static void image_end(struct image *im)
{
	uint8_t h[LIME_HEADER_BYTES] = { 0 };
	struct err e;

	if (im->start == im->end)
		return;
	num_put_le32(h, LIME_MAGIC);
	num_put_le32(h + 4, 1);
	num_put_le64(h + 8, im->start);
	num_put_le64(h + 16, im->end - 1);
	check(io_pwrite(im->fd, h, sizeof(h), im->header, &e), &e);
	im->start = im->end;
}

static void image_put(
	struct image *im, uint64_t start, const uint8_t *p, size_t len)
{
	struct err e;

	if (im->fd < 0)
		return;
	if (im->start == im->end || im->end != start) {
		image_end(im);
		im->header = im->at;
		im->at += LIME_HEADER_BYTES;
		im->start = start;
	}
	check(io_pwrite(im->fd, p, len, im->at, &e), &e);
	im->at += len;
	im->end = start + len;
}

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

static void locate(struct memory_layout *ret, struct memory_bpf *skel)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct err e = { "memory_locate" };

	check(bpf_prog_test_run_opts(
		      bpf_program__fd(skel->progs.memory_locate), &opts),
		&e);
	check(-(int)opts.retval, &e);
	*ret = skel->bss->memory_layout;
}

static int symbols(void)
{
	struct memory_bpf *skel = memory_bpf__open_and_load();
	struct kallsyms_symbol found[] = {
		{ .name = "page_offset_base" },
		{ .name = "vmemmap_base" },
	};
	struct memory_layout by_helper, by_kallsyms;
	struct err e = { "load" };
	bool same;

	check(skel ? 0 : -1, &e);
	locate(&by_helper, skel);
	check(kallsyms_find(found, ARRAY_LEN(found), "/proc/kallsyms", &e), &e);
	skel->bss->memory_layout = (struct memory_layout){ 0 };
	skel->bss->memory_symbols = (struct memory_symbols){
		.page_offset_base = found[0].address,
		.vmemmap_base = found[1].address,
	};
	locate(&by_kallsyms, skel);
	same = found[0].address && found[1].address &&
	       memcmp(&by_helper, &by_kallsyms, sizeof(by_helper)) == 0;
	printf("direct map %#llx and %#llx, vmemmap %#llx and %#llx\n",
		by_helper.direct_map, by_kallsyms.direct_map, by_helper.vmemmap,
		by_kallsyms.vmemmap);
	memory_bpf__destroy(skel);
	return same ? 0 : 1;
}

static void print_table(const struct job *j, const char *name, uint64_t ns)
{
	for (unsigned i = 0; i < ARRAY_LEN(j->counts); i++)
		if (j->counts[i])
			printf("%s %s %" PRIu64 "\n", name,
				page_status_name((uint8_t)i), j->counts[i]);
	printf("%s bytes %" PRIu64 " of %" PRIu64 "\n", name, j->bytes,
		ranges_bytes(&j->ram));
	printf("%s speed %.0f MiB/s\n", name,
		(double)j->bytes / (1 << 20) / ((double)ns / 1e9));
	if (j->hashed.end)
		printf("%s hash %016" PRIx64 "\n", name, j->hash);
}

static int read_all(struct job *j, const char *name)
{
	struct source_config config = {
		.readers = 1, .module_path = j->module, .ram = &j->ram
	};
	struct source_reader *reader = NULL;
	struct source *s = NULL;
	uint64_t ns = 0, began = clock_ns(CLOCK_MONOTONIC);
	struct err e;

	check(source_open(&s, source_kind_find(name), &config, &e), &e);
	check(source_reader_open(&reader, s, 0, &e), &e);
	printf("%s opened in %.1f ms\n", name,
		(double)(clock_ns(CLOCK_MONOTONIC) - began) / 1e6);
	for (size_t i = 0; i < j->ram.n; i++)
		ns += read_range(j, reader, &j->ram.v[i]);
	run_end(j);
	image_end(&j->image);
	source_reader_close(reader);
	check(source_restore(s, &e), &e);
	source_close(s);
	print_table(j, name, ns);
	return 0;
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

int main(int argc, char *argv[])
{
	struct job j = { .hash = hash_start, .image = { .fd = -1 } };
	bool good = argc >= 2, is_probe, is_read;
	struct err e;
	int first;

	if (argc == 2 && strcmp(argv[1], "symbols") == 0)
		return symbols();
	is_probe = good && strcmp(argv[1], "probe") == 0;
	is_read = argc >= 3 && strcmp(argv[1], "read") == 0;
	good = is_probe || (is_read && source_kind_find(argv[2]));
	first = is_probe ? 2 : 3;
	for (int i = first; good && i < argc; i += 2)
		good = i + 1 < argc && parse_option(&j, argv[i], argv[i + 1]);
	if (!good) {
		(void)fputs(
			"usage: memread probe|symbols|read KIND [option ...]\n",
			stderr);
		return 2;
	}
	check(ranges_load(&j.ram, &e), &e);
	if (is_probe)
		(void)probe(&j);
	else
		(void)read_all(&j, argv[2]);
	ranges_done(&j.ram);
	ranges_done(&j.pages);
	return (j.runs && fclose(j.runs) != 0) || fflush(stdout) != 0;
}
