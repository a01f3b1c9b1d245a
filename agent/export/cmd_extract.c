// SPDX-License-Identifier: Apache-2.0
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "export/extract_process.h"
#include "lab/extract.h"
#include "lab/parallel.h"
#include "lab/records.h"
#include "lab/sandbox.h"
#include "symbols/kernel_files.h"

static const char usage[] =
	"usage: icelab extract EVIDENCE -i KEY -o DIR [--memory lime|raw|elf|none]\n"
	"                      [--range START-END] ... [--vouched-only]\n"
	"       icelab extract EVIDENCE -i KEY -o DIR --pid PID ...\n"
	"\n"
	"Verify the capture in EVIDENCE, decrypt it with the key file KEY, and write\n"
	"to DIR, which is made if need be:\n"
	"\n"
	"  memory.lime (or .raw, .elf)  the memory, sparse; pages that are missing\n"
	"                               are not in it, and holes in a raw one; .elf is\n"
	"                               for crash, drgn and Volatility\n"
	"  memory.gaps.json             what is missing and why, what was read through\n"
	"                               a private mapping, what is in doubt\n"
	"  files/                       kernel types, symbols and the like\n"
	"  code/PID-ADDRESS.memory      code that is not as in its file, a page each, and\n"
	"                               beside it .file: what the file has there\n"
	"  cores/PID.core               memory of a process that was chosen (--pid and\n"
	"                               the like of icecore capture), for gdb; PID.json\n"
	"                               says what of it is missing\n"
	"  binaries/                    contents of captured binaries, each under its\n"
	"                               SHA-256, not executable, with what is known of\n"
	"                               it in SHA-256.json; ID.part is not whole\n"
	"\n"
	"--range takes a part of the memory only: physical addresses, END not among\n"
	"them, as 0x100000-0x200000 or 1MiB-2MiB; it can be given several times.\n"
	"\n"
	"--pid writes cores/PID.core alone: the memory of that process, by its own page\n"
	"tables in the captured memory; without registers. It can be given several times.\n"
	"\n"
	"What is damaged is told and left out. Segments that no valid signature\n"
	"vouches for are extracted too and listed as such; --vouched-only leaves them\n"
	"out.\n"
	"\n"
	"Exit status: 0 complete, 3 complete with gaps or partial, 1 damaged or failed.\n";

/* ${made}: it was not there. */
static int open_out(bool *made, const char *path, struct err *e)
{
	*made = mkdir(path, 0700) == 0;
	if (!*made && errno != EEXIST)
		return err_sys(e, "mkdir %s", path);
	return io_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0, e);
}

static void tell(const struct extract_result *res, const char *out)
{
	(void)fprintf(stderr,
		"%s: %" PRIu64 " bytes of memory, %" PRIu64
		" bytes missing, %" PRIu64 " through a private mapping, %u "
		"files, %zu binaries, %zu cores\n",
		out, res->memory_bytes, ranges_bytes(&res->missing),
		ranges_bytes(&res->private_map), res->files,
		res->binaries.whole, res->cores);
	if (res->binaries.not_whole)
		(void)fprintf(stderr,
			"warning: %zu binaries are not whole (binaries/*.part)\n",
			res->binaries.not_whole);
	if (res->unvouched_n)
		(void)fprintf(stderr,
			"warning: %zu segments are vouched for by no signature "
			"(memory.gaps.json lists their memory)\n",
			res->unvouched_n);
}

/* What the kernel told of itself is in the ELF image, too. */
static int load_kernel(struct kernel_files **ret, struct extract_options *o,
	struct reader *r, struct err *e)
{
	static const uint16_t machines[] = {
		[KERNEL_ARCH_UNKNOWN] = EM_NONE,
		[KERNEL_ARCH_X86_64] = EM_X86_64,
		[KERNEL_ARCH_ARM64] = EM_AARCH64,
	};
	struct kernel_files *k = NULL;
	int rc = kernel_files_load(&k, r, o->keys, e);

	if (rc < 0)
		return rc;
	*ret = k;
	o->kernel.machine = machines[k->arch];
	o->kernel.direct_map = k->direct_map;
	o->kernel.kernel = (struct range){ k->image_paddr,
		k->image_paddr + (k->image_end - k->image_start) };
	o->kernel.kernel_address = k->image_start;
	o->kernel.vmcoreinfo = k->vmcoreinfo.len ? k->vmcoreinfo.data : NULL;
	o->kernel.vmcoreinfo_len = k->vmcoreinfo.len;
	if (!k->vmcoreinfo.len)
		(void)fputs("warning: the evidence has no vmcoreinfo, without "
			    "which debuggers do not open the image\n",
			stderr);
	return 0;
}

static int bound(uint64_t *ret, const char *text, struct err *e)
{
	return strncmp(text, "0x", 2) == 0 ? num_u64(ret, text, e)
					   : num_bytes(ret, text, e);
}

static int add_range(struct ranges *only, const char *text, struct err *e)
{
	AUTO_FREE char *start = strdup(text);
	char *dash = start ? strchr(start, '-') : NULL;
	struct range r = { 0 };
	int rc;

	if (!start)
		return err_set(e, -ENOMEM, "no memory for a range");
	if (!dash)
		return err_set(e, -EINVAL, "'%.60s' is no range", text);
	*dash = 0;
	rc = bound(&r.start, start, e);
	if (rc == 0)
		rc = bound(&r.end, dash + 1, e);
	if (rc == 0 && r.start >= r.end)
		rc = err_set(e, -EINVAL, "'%.60s' is empty", text);
	return rc < 0 ? err_wrap(e, rc, "--range") : ranges_add(only, r, e);
}

/* "." of a name alone; ${path} is written to. */
static const char *parent_of(char *path)
{
	size_t len = strlen(path);
	char *slash;

	while (len > 1 && path[len - 1] == '/')
		path[--len] = 0;
	slash = strrchr(path, '/');
	if (!slash)
		return ".";
	*slash = 0;
	return slash == path ? "/" : path;
}

struct pids {
	uint64_t v[EXTRACT_PIDS_MAX];
	size_t n;
};

static int extract_chosen(struct reader *r, const struct extract_options *o,
	const char *out, const struct pids *pids, struct err *e)
{
	int n = extract_processes(r, o, out, pids->v, pids->n, e);

	if (n >= 0)
		(void)fprintf(stderr, "%s: %d cores\n", out, n);
	return n < 0 ? n : 0;
}

static int extract_all(struct reader *r, struct extract_options *options,
	const char *out, struct err *e)
{
	struct extract_result res = { 0 };
	struct kernel_files *kernel = NULL;
	int rc = options->memory == IMAGE_ELF
			 ? load_kernel(&kernel, options, r, e)
			 : 0;

	if (rc == 0)
		rc = extract_run(&res, r, options, e);
	if (rc == 0)
		rc = extract_write_gaps(&res, r, options, e);
	if (rc == 0)
		tell(&res, out);
	extract_done(&res);
	kernel_files_free(kernel);
	return rc;
}

static int extract(const char *evidence, const char *out,
	const struct pids *pids, struct extract_options *options, struct err *e)
{
	AUTO_FREE char *copy = strdup(out);
	bool made = false;
	AUTO_CLOSE int outfd = open_out(&made, out, e);
	struct reader *r = NULL;
	int status = LAB_FAILED, rc;

	if (outfd < 0)
		return outfd;
	if (!copy)
		return err_set(e, -ENOMEM, "no memory for a path");
	rc = lab_confine(&(struct sandbox){ .read = { evidence },
				 .write = { out },
				 .empty = parent_of(copy) },
		e);
	if (rc == 0)
		rc = records_open(&r, evidence, options->keys, e);
	options->outfd = outfd;
	if (rc == 0)
		rc = pids->n ? extract_chosen(r, options, out, pids, e)
			     : extract_all(r, options, out, e);
	if (rc == 0)
		status = lab_tell(r);
	if (rc == 0)
		(void)fprintf(stderr, "%s\n", lab_verdict(r));
	reader_close(r);
	/* Nothing came out, nothing is left. */
	if (rc < 0 && made)
		(void)rmdir(out);
	return rc < 0 ? rc : status;
}

static int format_of(const char *name)
{
	if (strcmp(name, "lime") == 0)
		return IMAGE_LIME;
	if (strcmp(name, "raw") == 0)
		return IMAGE_RAW;
	if (strcmp(name, "elf") == 0)
		return IMAGE_ELF;
	return strcmp(name, "none") == 0 ? -1 : -2;
}

int cmd_extract(int argc, char **argv)
{
	static const struct option options[] = {
		{ "identity", required_argument, NULL, 'i' },
		{ "output", required_argument, NULL, 'o' },
		{ "memory", required_argument, NULL, 'm' },
		{ "range", required_argument, NULL, 'r' },
		{ "pid", required_argument, NULL, 'p' },
		{ "vouched-only", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	AUTO_KEYS struct lab_keys keys = { .n = 0 };
	AUTO_RANGES struct ranges only = { 0 };
	struct pids pids = { .n = 0 };
	struct extract_options x = { .memory = IMAGE_LIME,
		.threads = parallel_threads(),
		.keys = &keys };
	const char *out = NULL;
	struct err e = { 0 };
	int c, r = 0;

	while (r == 0 &&
		(c = getopt_long(argc, argv, "i:o:h", options, NULL)) != -1) {
		switch (c) {
		case 'i':
			r = lab_keys_load(&keys, optarg, &e);
			break;
		case 'o':
			out = optarg;
			break;
		case 'm':
			x.memory = format_of(optarg);
			break;
		case 'r':
			r = add_range(&only, optarg, &e);
			x.only = &only;
			break;
		case 'p':
			r = pids.n == EXTRACT_PIDS_MAX
				    ? err_set(&e, -E2BIG, "more than %d --pid",
					      EXTRACT_PIDS_MAX)
				    : num_u64(&pids.v[pids.n++], optarg, &e);
			break;
		case 'v':
			x.vouched_only = true;
			break;
		case 'h':
			(void)fputs(usage, stdout);
			return LAB_COMPLETE;
		default:
			return lab_usage(usage);
		}
	}
	if (r == 0 && (optind + 1 != argc || !out || !keys.n || x.memory < -1))
		return lab_usage(usage);
	if (r == 0)
		r = extract(argv[optind], out, &pids, &x, &e);
	return r < 0 ? lab_failed(&e) : r;
}
