// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "export/export.h"
#include "export/lines.h"
#include "lab/lab.h"
#include "lab/out_file.h"
#include "lab/reader.h"
#include "lab/records.h"
#include "lab/sandbox.h"

static const char usage[] =
	"usage: icelab export EVIDENCE -i KEY --format FORMAT -o OUT [--image FILE]\n"
	"\n"
	"Write the capture in EVIDENCE, decrypted with the key file KEY, in a format\n"
	"that other tools read:\n"
	"\n";
static const char usage_rest[] =
	"\n"
	"OUT is a file, which must not be there yet, or - for stdout; of isf it is a\n"
	"directory, which is made if need be.\n"
	"\n"
	"  --image FILE     of isf: the memory image that volatility.json names, by\n"
	"                   its ending .elf, .lime or .raw; OUT/memory.elf by default\n"
	"\n"
	"Text of the host is made printable: control characters and what is no UTF-8\n"
	"are told as such, never as they are.\n"
	"\n"
	"Exit status: 0 complete, 3 complete with gaps or partial, 1 damaged or failed.\n";

const struct export_format export_formats[] = {
	{ .name = "jsonl",
		.what = "every record, a JSON object a line",
		.run = export_jsonl },
	{ .name = "ecs",
		.what = "Elastic Common Schema 9.4, a document a line",
		.map = ecs_map,
		.unit = "documents" },
	{ .name = "ocsf",
		.what = "Open Cybersecurity Schema Framework 1.3, an event a line",
		.map = ocsf_map,
		.unit = "events" },
	{ .name = "timesketch",
		.what = "Timesketch's JSON lines",
		.map = timesketch_map,
		.unit = "lines" },
	{ .name = "bodyfile",
		.what = "body file 3 of The Sleuth Kit, for mactime",
		.map = bodyfile_map,
		.unit = "files" },
	{ .name = "tar",
		.what = "the host's /proc as text, below [root]/, for Dissect and Plaso",
		.run = export_tar },
	{ .name = "stix",
		.what = "STIX 2.1 bundle: hashes of suspected binaries, addresses, names",
		.run = export_stix },
	{ .name = "isf",
		.what = "symbols for Volatility 3 (linux/RELEASE.json.xz), and volatility.json\n"
			"             with layers, root table and shift: vol -c volatility.json",
		.is_directory = true,
		.run = export_isf },
	{ .name = NULL },
};

static const struct export_format *find(const char *name)
{
	for (const struct export_format *f = export_formats; f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

static void print_usage(FILE *to)
{
	(void)fputs(usage, to);
	for (const struct export_format *f = export_formats; f->name; f++)
		(void)fprintf(to, "  %-10s %s\n", f->name, f->what);
	(void)fputs(usage_rest, to);
}

static int open_out(struct out_file *o, struct export_job *job,
	const struct export_format *f, struct err *e)
{
	int r = out_file_open(o, f->is_directory ? NULL : job->out, e);

	job->fd = o->fd;
	if (f->is_directory && mkdir(job->out, 0700) < 0 && errno != EEXIST)
		r = err_sys(e, "mkdir %s", job->out);
	return r;
}

static int run(struct export_job *job, const struct export_format *f,
	const char *evidence, struct err *e)
{
	const struct sandbox s = { .read = { evidence, job->image },
		.write = { f->is_directory ? job->out : NULL } };
	int status = LAB_FAILED;
	struct out_file out;
	int r = open_out(&out, job, f, e);

	if (r < 0)
		return r;
	r = lab_confine(&s, e);
	if (r == 0)
		r = records_open(&job->r, evidence, job->keys, e);
	if (r == 0)
		r = f->map ? lines_items(job, f->map, f->unit, e)
			   : f->run(job, e);
	r = out_file_close(&out, r, e);
	if (r == 0)
		status = lab_tell(job->r);
	if (status == LAB_COMPLETE && job->has_gaps)
		status = LAB_GAPS;
	reader_close(job->r);
	return r < 0 ? r : status;
}

int cmd_export(int argc, char **argv)
{
	static const struct option options[] = {
		{ "identity", required_argument, NULL, 'i' },
		{ "output", required_argument, NULL, 'o' },
		{ "format", required_argument, NULL, 'f' },
		{ "image", required_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	AUTO_KEYS struct lab_keys keys = { .n = 0 };
	struct export_job job = { .keys = &keys, .fd = -1 };
	const struct export_format *format = NULL;
	struct err e = { 0 };
	int c, r = 0;

	while (r == 0 &&
		(c = getopt_long(argc, argv, "i:o:h", options, NULL)) != -1) {
		if (c == 'i')
			r = lab_keys_load(&keys, optarg, &e);
		else if (c == 'o')
			job.out = optarg;
		else if (c == 'f')
			format = find(optarg);
		else if (c == 'm')
			job.image = optarg;
		else if (c == 'h')
			return print_usage(stdout), LAB_COMPLETE;
		else
			return print_usage(stderr), LAB_USAGE;
	}
	if (r == 0 && (optind + 1 != argc || !job.out || !keys.n || !format))
		return print_usage(stderr), LAB_USAGE;
	if (r == 0)
		r = run(&job, format, argv[optind], &e);
	return r < 0 ? lab_failed(&e) : r;
}
