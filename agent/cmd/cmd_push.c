// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/num.h"
#include "cloud/store_options.h"
#include "cmd/cmd.h"
#include "stream/push.h"

enum { PATIENCE_SECONDS = 300, PATIENCE_SECONDS_MAX = 30 * 24 * 3600 };

static const char usage[] =
	"usage: icecore push SPOOL --to DEST [options]\n"
	"\n"
	"Send what a capture left in the directory SPOOL (capture --spool) to\n"
	"DEST/CASE/HOST/CAPTURE: from the host itself, or from where its disk is\n"
	"attached. Begun again, it sends only what is not there yet.\n"
	"\n"
	"  --to DEST            destination: a directory or a URL, see below\n"
	"  --remove             take away from the spool what was sent whole\n"
	"  --patience SECONDS   how long one object is tried (300)\n"
	"  --json               one JSON object with the result on stdout\n"
	"\n"
	"%s"
	"\n"
	"Exit status: 0 all of it is there, 3 all is, but some names were taken before\n"
	"by what this push did not send, 1 failed, 2 usage.\n";

struct push_options {
	struct push_config config;
	struct store_config store;
	bool json;
	bool help;
};

static int set_option(struct push_options *o, int c, struct err *e)
{
	uint64_t seconds;

	switch (c) {
	case 't':
		o->config.destination = optarg;
		return 0;
	case 'x':
		o->config.remove = true;
		return 0;
	case 'p':
		if (num_u64(&seconds, optarg, e) < 0 ||
			seconds > PATIENCE_SECONDS_MAX)
			return err_set(e, -EINVAL,
				"--patience '%.20s' is not 0 to %d seconds",
				optarg, PATIENCE_SECONDS_MAX);
		o->config.patience_ns = seconds * 1000000000;
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

static int parse(struct push_options *o, int argc, char **argv, struct err *e)
{
	static const struct option options[] = {
		{ "to", required_argument, NULL, 't' },
		{ "remove", no_argument, NULL, 'x' },
		{ "patience", required_argument, NULL, 'p' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		STORE_LONG_OPTIONS,
		{ 0 },
	};
	int c, r = 0;

	store_options_init(&o->store);
	o->config.store = &o->store;
	o->config.patience_ns = PATIENCE_SECONDS * 1000000000ULL;
	o->config.tell = cmd_tell;
	while (r == 0 && (c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		r = set_option(o, c, e);
	if (r < 0 || o->help)
		return r;
	if (optind + 1 != argc)
		return err_set(e, -EINVAL, "one SPOOL is needed; see --help");
	if (!o->config.destination)
		return err_set(
			e, -EINVAL, "no destination given: --to DIR or URL");
	o->config.spool = argv[optind];
	return 0;
}

static int print_json(const struct push_result *res, int r,
	const struct err *why, struct err *e)
{
	AUTO_JSON json_t *j = json_pack(
		"{s:b, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "complete",
		r == 0 && !res->left, "error", json_text(r < 0 ? why->msg : ""),
		"captures", (json_int_t)res->captures, "sent",
		(json_int_t)res->sent, "sent_bytes", (json_int_t)res->sent_bytes,
		"skipped", (json_int_t)res->skipped, "were_there",
		(json_int_t)res->were_there, "unproven",
		(json_int_t)res->unproven, "left", (json_int_t)res->left,
		"retries", (json_int_t)res->retries);

	return json_print(STDOUT_FILENO, j, e);
}

int cmd_push(int argc, char **argv)
{
	struct push_options o = { 0 };
	struct push_result res = { 0 };
	struct err e = { 0 }, print = { 0 };
	int r = parse(&o, argc, argv, &e);

	if (r < 0)
		return cmd_bad_option(&e);
	if (o.help)
		return (void)printf(usage, store_options_usage), CMD_COMPLETE;
	o.config.interrupted = cmd_catch_signals();
	r = push_run(&res, &o.config, &e);
	log_info("%" PRIu64 " captures: %" PRIu64 " objects sent (%" PRIu64
		 " bytes), %" PRIu64 " were sent before, %" PRIu64 " left",
		res.captures, res.sent, res.sent_bytes, res.skipped, res.left);
	if (o.json && print_json(&res, r, &e, &print) < 0)
		return cmd_failed(&print);
	if (r < 0)
		return cmd_failed(&e);
	return res.unproven ? CMD_GAPS : CMD_COMPLETE;
}
