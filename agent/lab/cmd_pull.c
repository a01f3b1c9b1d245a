// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>

#include "base/err.h"
#include "base/json.h"
#include "base/num.h"
#include "cloud/store_options.h"
#include "lab/lab.h"
#include "lab/pull.h"

static const char usage[] =
	"usage: icelab pull URL DIR [options]\n"
	"\n"
	"Fetch the capture at URL (DEST/CASE/HOST/CAPTURE) into the directory DIR, with\n"
	"the right to read. Each segment is compared with its manifest as it arrives;\n"
	"begun again, only what is missing is fetched. Then: icelab verify DIR.\n"
	"\n"
	"  --threads N          connections at a time (4)\n"
	"  --json               one JSON object with the result on stdout\n"
	"\n"
	"%s"
	"\n"
	"Exit status: 0 all of it is here, 3 the capture has no final manifest, 1 failed,\n"
	"or segments are missing or wrong, 2 usage.\n";

struct pull_options {
	struct pull_config config;
	struct store_config store;
	bool json;
	bool help;
};

static int set_option(struct pull_options *o, int c, struct err *e)
{
	uint64_t n;

	switch (c) {
	case 'n':
		if (num_u64(&n, optarg, e) < 0 || n < 1 || n > PULL_THREADS_MAX)
			return err_set(e, -EINVAL,
				"--threads '%.20s' is not 1 to %d", optarg,
				PULL_THREADS_MAX);
		o->config.threads = (unsigned)n;
		return 0;
	case 'j':
		o->json = true;
		return 0;
	case 'h':
		o->help = true;
		return 0;
	default:
		return store_option(&o->store, c, optarg, e);
	}
}

static int parse(struct pull_options *o, int argc, char **argv, struct err *e)
{
	static const struct option options[] = {
		{ "threads", required_argument, NULL, 'n' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		STORE_LONG_OPTIONS,
		{ 0 },
	};
	int c, r = 0;

	store_options_init(&o->store);
	o->config.store = &o->store;
	o->config.threads = PULL_THREADS;
	while (r == 0 && (c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		r = set_option(o, c, e);
	if (r < 0 || o->help)
		return r;
	if (optind + 2 != argc)
		return err_set(e, -EINVAL,
			"a URL and a directory are needed; see --help");
	o->config.url = argv[optind];
	o->config.directory = argv[optind + 1];
	return 0;
}

static int print_json(const struct pull_result *res, int r,
	const struct err *why, struct err *e)
{
	AUTO_JSON json_t *j = json_pack(
		"{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}",
		"error", json_text(r < 0 ? why->msg : ""), "manifests",
		(json_int_t)res->manifests, "segments", (json_int_t)res->segments,
		"fetched", (json_int_t)res->fetched, "fetched_bytes",
		(json_int_t)res->fetched_bytes, "kept", (json_int_t)res->kept,
		"missing", (json_int_t)res->missing, "wrong",
		(json_int_t)res->wrong, "unlisted", (json_int_t)res->unlisted,
		"older", (json_int_t)res->older, "final", res->final);

	return json_print(STDOUT_FILENO, j, e);
}

int cmd_pull(int argc, char **argv)
{
	struct pull_options o = { 0 };
	struct pull_result res = { 0 };
	struct err e = { 0 }, print = { 0 };
	int r = parse(&o, argc, argv, &e);

	if (r < 0) {
		(void)lab_failed(&e);
		return LAB_USAGE;
	}
	if (o.help)
		return (void)printf(usage, store_options_usage), LAB_COMPLETE;
	r = pull_run(&res, &o.config, &e);
	(void)fprintf(stderr,
		"%" PRIu64 " manifests, %" PRIu64 " segments here (%" PRIu64
		" were), %" PRIu64 " missing, %" PRIu64 " wrong, %" PRIu64
		" unlisted; %" PRIu64 " bytes fetched%s\n",
		res.manifests, res.segments, res.kept, res.missing, res.wrong,
		res.unlisted, res.fetched_bytes,
		res.final || r < 0 ? "" : "; no final manifest");
	if (res.older)
		(void)fprintf(stderr,
			"warning: newer versions or delete markers lie over %" PRIu64
			" objects: somebody added them afterwards\n",
			res.older);
	if (o.json && print_json(&res, r, &e, &print) < 0)
		return lab_failed(&print);
	if (r < 0)
		return lab_failed(&e);
	if (res.missing || res.wrong)
		return LAB_FAILED;
	return res.final ? LAB_COMPLETE : LAB_GAPS;
}
