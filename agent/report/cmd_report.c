// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "inspect/ram.h"
#include "lab/custody.h"
#include "lab/lab.h"
#include "lab/out_file.h"
#include "lab/parallel.h"
#include "lab/proofs.h"
#include "lab/reader.h"
#include "lab/records.h"
#include "lab/sandbox.h"
#include "report/inspected.h"
#include "report/memory_map.h"
#include "report/model.h"
#include "report/write.h"

static const char usage[] =
	"usage: icelab report EVIDENCE -i KEY -o report.html [options]\n"
	"\n"
	"Make one page of the capture in EVIDENCE, decrypted with the key file KEY:\n"
	"verdict and gaps, findings, processes, network, events, binaries, kernel,\n"
	"memory, and the chain of custody. The page is one file that any browser opens;\n"
	"it loads nothing and runs nothing but itself. It holds evidence in clear, and\n"
	"nobody but its owner may read it. It must not be there yet; - for stdout.\n"
	"\n"
	"  --inspect        walk the captured memory itself, as icelab inspect does: what\n"
	"                   hid from the running system is then in the page\n"
	"  --scratch DIR    of --inspect: a directory with room for the memory that holds\n"
	"                   data (default: $TMPDIR or /tmp); the file there has no name\n"
	"  --no-memory      do not read the memory: its map is then of the manifests,\n"
	"                   without sources and times. Much faster for large hosts\n"
	"  --signed-by HEX, --tsa-ca FILE, --tsa-untrusted FILE,\n"
	"  --timestamp-replies DIR, --identity-ca FILE\n"
	"                   as of icelab verify: who is believed\n"
	"\n"
	"Environments of processes are not in the page, since they hold secrets; icelab\n"
	"show has them. The same evidence and options make the same page.\n"
	"\n"
	"Exit status: 0 complete, 3 complete with gaps or partial, 1 damaged or failed.\n";

struct report {
	struct lab_keys keys;
	struct proofs_options proofs;
	const char *signer; /* hexadecimal, NULL = not known */
	const char *out;
	struct out_file file;
	bool no_memory;
	bool inspect;
	const char *scratch;
	bool gaps; /* of the walk of the memory */
	bool progress;
	unsigned segment; /* the last one that was told */
	struct model model;
	struct memory_map memory;
};

static int see(void *arg, const struct reader_segment *s,
	const Icecore__V1__Record *m, struct err *e)
{
	struct report *p = arg;

	if (p->progress && s->number != p->segment)
		(void)fprintf(stderr, "\rsegment %u ", s->number);
	p->segment = s->number;
	return model_add(&p->model, m, e);
}

static int see_memory(void *arg, const struct reader_segment *s,
	const Icecore__V1__Record *m, struct err *e)
{
	struct report *p = arg;

	(void)s;
	return memory_map_add(&p->memory, m, e);
}

/* What the manifests say of memory, as far as they vouch for it. */
static int map_listed(struct report *p, struct reader *r, struct err *e)
{
	AUTO_RANGES struct ranges held = { 0 };
	AUTO_RANGES struct ranges gaps = { 0 };
	int rc = reader_coverage(r, &held, &gaps, e);

	for (size_t i = 0; rc == 0 && i < held.n; i++)
		memory_map_hold(&p->memory, held.v[i], MEMORY_MAP_DATA);
	for (size_t i = 0; rc == 0 && i < gaps.n; i++)
		memory_map_hold(&p->memory, gaps.v[i], MEMORY_MAP_MISSING);
	return rc;
}

static int map_memory(struct report *p, struct reader *r, struct err *e)
{
	const struct records_pass pass = {
		.kinds = RECORDS_KIND(MEMORY_EXTENT) | RECORDS_KIND(GAP),
		.keys = &p->keys,
		.threads = parallel_threads(),
		.see = see_memory,
		.arg = p,
	};
	AUTO_RANGES struct ranges ram = { 0 };
	int rc = reader_system_ram(r, &ram, e);

	if (rc == 0)
		rc = memory_map_init(&p->memory, &ram, e);
	if (rc < 0)
		return rc;
	if (p->no_memory)
		return map_listed(p, r, e);
	if (p->progress)
		(void)fputs("\rreading the memory", stderr);
	return records_each(r, &pass, e);
}

static int walk_memory(struct report *p, struct reader *r, struct err *e)
{
	const struct ram_options options = {
		.scratch = p->scratch,
		.keys = &p->keys,
		.threads = parallel_threads(),
	};

	if (p->progress)
		(void)fputs("\rwalking the memory", stderr);
	return inspected_run(&p->model, &p->gaps, r, &options, e);
}

static int gather(struct report *p, struct reader *r, struct err *e)
{
	const struct records_pass pass = { .kinds = model_kinds(&p->model),
		.keys = &p->keys,
		.see = see,
		.arg = p };
	int rc = records_each(r, &pass, e);

	if (rc == 0)
		rc = map_memory(p, r, e);
	if (rc == 0 && p->inspect)
		rc = walk_memory(p, r, e);
	if (p->progress)
		(void)fputs("\r                       \r", stderr);
	return rc;
}

static int write_all(struct report *p, struct reader *r, struct err *e)
{
	struct proofs proofs = { 0 };
	struct write_data data = { .model = &p->model,
		.memory = &p->memory,
		.memory_read = !p->no_memory };
	AUTO_JSON json_t *custody = NULL;
	int rc = proofs_check(&proofs, r, &p->proofs, e);

	if (rc < 0)
		return rc;
	custody = custody_json(r, &proofs, p->signer);
	data.custody = custody;
	rc = write_report(p->file.fd, &data, e);
	proofs_done(&proofs);
	return rc;
}

static int report(struct report *p, const char *path, struct err *e)
{
	const struct sandbox s = {
		.read = { path, p->proofs.tsa_ca, p->proofs.tsa_untrusted,
			p->proofs.replies, p->proofs.identity_ca },
		.write = { p->inspect ? p->scratch : NULL },
	};
	struct reader *r = NULL;
	int status = LAB_FAILED, rc;

	rc = out_file_open(&p->file, p->out, e);
	if (rc < 0)
		return rc;
	rc = lab_confine(&s, e);
	if (rc == 0)
		rc = records_open(&r, path, &p->keys, e);
	if (rc == 0)
		reader_check_signer(r, p->signer);
	if (rc == 0)
		rc = gather(p, r, e);
	if (rc == 0)
		rc = write_all(p, r, e);
	if (rc == 0)
		status = lab_tell(r);
	if (rc == 0 && status == LAB_COMPLETE && p->gaps)
		status = LAB_GAPS;
	reader_close(r);
	rc = out_file_close(&p->file, rc, e);
	return rc < 0 ? rc : status;
}

/* 0; LAB_USAGE with *status set when there is nothing to do. */
static int parse(
	struct report *p, int *status, int argc, char **argv, struct err *e)
{
	static const struct option options[] = {
		{ "identity", required_argument, NULL, 'i' },
		{ "output", required_argument, NULL, 'o' },
		{ "no-memory", no_argument, NULL, 'm' },
		{ "inspect", no_argument, NULL, 'w' },
		{ "scratch", required_argument, NULL, 'S' },
		{ "signed-by", required_argument, NULL, 's' },
		{ "tsa-ca", required_argument, NULL, 'T' },
		{ "tsa-untrusted", required_argument, NULL, 'U' },
		{ "timestamp-replies", required_argument, NULL, 'R' },
		{ "identity-ca", required_argument, NULL, 'I' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c, r = 0;

	*status = -1;
	while (r == 0 &&
		(c = getopt_long(argc, argv, "i:o:h", options, NULL)) != -1) {
		const char **text = c == 'o'   ? &p->out
				    : c == 's' ? &p->signer
				    : c == 'S' ? &p->scratch
				    : c == 'T' ? &p->proofs.tsa_ca
				    : c == 'U' ? &p->proofs.tsa_untrusted
				    : c == 'R' ? &p->proofs.replies
				    : c == 'I' ? &p->proofs.identity_ca
					       : NULL;

		if (text)
			*text = optarg;
		else if (c == 'i')
			r = lab_keys_load(&p->keys, optarg, e);
		else if (c == 'm')
			p->no_memory = true;
		else if (c == 'w')
			p->inspect = true;
		else
			*status = c == 'h' ? LAB_COMPLETE : LAB_USAGE;
		if (*status >= 0)
			return 0;
	}
	if (r == 0 && (optind + 1 != argc || !p->keys.n || !p->out))
		*status = LAB_USAGE;
	return r;
}

int cmd_report(int argc, char **argv)
{
	struct report p = { .progress = isatty(STDERR_FILENO) == 1,
		.scratch = getenv("TMPDIR"),
		.segment = UINT32_MAX };
	struct err e = { 0 };
	int status, r;

	if (!p.scratch || !*p.scratch)
		p.scratch = "/tmp";
	model_init(&p.model);
	r = parse(&p, &status, argc, argv, &e);
	if (r == 0 && status == LAB_COMPLETE)
		(void)fputs(usage, stdout);
	else if (r == 0 && status == LAB_USAGE)
		(void)lab_usage(usage);
	else if (r == 0)
		r = status = report(&p, argv[optind], &e);
	memory_map_done(&p.memory);
	model_done(&p.model);
	lab_keys_done(&p.keys);
	return r < 0 ? lab_failed(&e) : status;
}
