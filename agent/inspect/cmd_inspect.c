// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "inspect/inspection.h"
#include "inspect/print.h"
#include "lab/lab.h"
#include "lab/parallel.h"
#include "lab/reader.h"
#include "lab/records.h"
#include "lab/sandbox.h"

enum { HELP = 100, MISUSED, PROGRESS_NS = 200000000 };

static const char usage[] =
	"usage: icelab inspect EVIDENCE -i KEY [--kind KIND] [--pid PID]\n"
	"                      [--scratch DIR] [--format table|jsonl]\n"
	"\n"
	"Walk the captured memory of EVIDENCE itself, decrypted with the key file KEY,\n"
	"by the kernel's own types, symbols and page tables in the same evidence, and\n"
	"compare what is there with the live picture: whoever hides from a running\n"
	"system is still in its memory. Without --kind a summary and the findings.\n"
	"\n"
	"  --kind tasks     processes and threads, and by which of the kernel's lists\n"
	"                   each is told: \"slab\" is the memory that tasks are made of,\n"
	"                   from which nothing can be taken off; LIVE is whether the live\n"
	"                   picture has it\n"
	"  --kind modules   by list, tree, kset, and the memory that a loader asked for\n"
	"  --kind hooks     what the kernel calls: system calls, ftrace, kprobes, ...\n"
	"  --kind bpf       BPF programs, maps and links, by the kernel's own tables\n"
	"  --kind sockets   of every network namespace, by the kernel's own tables\n"
	"  --kind maps      the memory of processes, and how much of it is there\n"
	"  --kind findings  what does not fit, the worst first\n"
	"  --kind smear     how far pages that belong together were read apart\n"
	"  --kind gaps      what could not be looked at\n"
	"  --pid PID        only this process\n"
	"  --scratch DIR    a directory on a disk with room for the memory that holds\n"
	"                   data (default: $TMPDIR or /tmp); the file there has no name\n"
	"                   and is gone when this ends\n"
	"  --format jsonl   one JSON object a line; without --kind everything\n"
	"\n"
	"Memory is read while a system runs, so what began or ended meanwhile differs\n"
	"from the live picture. That is told as smear by its times, and is no finding.\n"
	"\n"
	"Exit status: 0 complete, 3 with gaps or partial, 1 damaged or failed.\n";

struct command {
	struct print print;
	const struct print_kind *kind; /* NULL = the summary */
	const char *scratch;
	uint64_t done_bytes;
	uint64_t told_ns;
};

static void tell_progress(void *arg, uint64_t bytes)
{
	struct command *cmd = arg;
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	cmd->done_bytes += bytes;
	if (now - cmd->told_ns < PROGRESS_NS)
		return;
	cmd->told_ns = now;
	(void)fprintf(stderr, "\r%" PRIu64 " MiB of memory laid out\033[K",
		cmd->done_bytes >> 20);
}

static int inspect(struct command *cmd, const char *path,
	const struct lab_keys *keys, struct err *e)
{
	const struct ram_options options = {
		.scratch = cmd->scratch,
		.keys = keys,
		.threads = parallel_threads(),
		.progress = isatty(STDERR_FILENO) ? tell_progress : NULL,
		.arg = cmd,
	};
	struct inspection in = { 0 };
	struct print print = cmd->print;
	struct reader *r = NULL;
	int status = LAB_FAILED, rc;

	rc = lab_confine(
		&(struct sandbox){ .read = { path }, .write = { cmd->scratch } },
		e);
	if (rc == 0)
		rc = records_open(&r, path, keys, e);
	if (rc == 0)
		rc = inspection_run(&in, r, &options, e);
	if (cmd->told_ns)
		(void)fputs("\r\033[K", stderr);
	print.in = &in;
	if (rc == 0)
		rc = cmd->kind ? cmd->kind->print(&print, e)
			       : print_summary(&print, e);
	if (rc == 0) {
		status = lab_tell(r);
		if (status == LAB_COMPLETE && in.has_gaps)
			status = LAB_GAPS;
	}
	inspection_done(&in);
	reader_close(r);
	return rc < 0 ? rc : status;
}

static int set_kind(struct command *cmd, const char *name)
{
	cmd->kind = print_kind_find(name);
	return cmd->kind ? 0 : MISUSED;
}

static int set_format(struct command *cmd, const char *name)
{
	cmd->print.jsonl = strcmp(name, "jsonl") == 0;
	return cmd->print.jsonl || strcmp(name, "table") == 0 ? 0 : MISUSED;
}

static int parse(struct command *cmd, struct lab_keys *keys, int argc,
	char **argv, struct err *e)
{
	static const struct option options[] = {
		{ "identity", required_argument, NULL, 'i' },
		{ "kind", required_argument, NULL, 'k' },
		{ "pid", required_argument, NULL, 'p' },
		{ "scratch", required_argument, NULL, 's' },
		{ "format", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c, r = 0;

	while (r == 0 &&
		(c = getopt_long(argc, argv, "i:h", options, NULL)) != -1) {
		if (c == 'i')
			r = lab_keys_load(keys, optarg, e);
		else if (c == 'k')
			r = set_kind(cmd, optarg);
		else if (c == 'p')
			r = num_u64(&cmd->print.pid, optarg, e);
		else if (c == 's')
			cmd->scratch = optarg;
		else if (c == 'f')
			r = set_format(cmd, optarg);
		else
			return c == 'h' ? HELP : MISUSED;
	}
	return r;
}

int cmd_inspect(int argc, char **argv)
{
	AUTO_KEYS struct lab_keys keys = { .n = 0 };
	struct command cmd = { .scratch = getenv("TMPDIR") };
	struct err e = { 0 };
	int r = parse(&cmd, &keys, argc, argv, &e);

	if (r == HELP) {
		(void)fputs(usage, stdout);
		return LAB_COMPLETE;
	}
	if (r == MISUSED || (r == 0 && (optind + 1 != argc || !keys.n)))
		return lab_usage(usage);
	if (!cmd.scratch || !*cmd.scratch)
		cmd.scratch = "/tmp";
	if (r == 0)
		r = inspect(&cmd, argv[optind], &keys, &e);
	return r < 0 ? lab_failed(&e) : r;
}
