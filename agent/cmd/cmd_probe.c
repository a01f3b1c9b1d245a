// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/range.h"
#include "cloud/store_options.h"
#include "cmd/cmd.h"
#include "cmd/probe_path.h"
#include "memory/iomem.h"
#include "memory/source.h"

static const char usage[] =
	"usage: icecore probe [--module FILE] [--to DEST [--case CASE]] [--json]\n"
	"\n"
	"Say which sources of memory work here, and what refuses the others. Nothing\n"
	"is read. With --module FILE the module is loaded and unloaded again.\n"
	"\n"
	"  --to DEST       prove the way to a destination too: a tiny object is put at\n"
	"                  DEST/CASE/HOST/TIME, then what a ticket should not allow is\n"
	"                  tried on it: overwrite, read, list, delete\n"
	"  --case CASE     a name below which the ticket may add (probe)\n"
	"  --json          one JSON object on stdout\n"
	"\n"
	"%s"
	"\n"
	"Exit status: 0 a source works and evidence gets there, 1 not so, 3 it does, but\n"
	"the ticket can do more than add.\n";

struct probe {
	struct ranges ram;
	struct err ram_why; /* "" = ram is known */
	struct source_ladder ladder;
	size_t usable;
	struct probe_path path;
};

static void run(struct probe *p, const char *module_path)
{
	struct source_config config = {
		.readers = 1, .module_path = module_path, .ram = &p->ram
	};

	(void)!ranges_load(&p->ram, &p->ram_why);
	source_probe(&p->ladder, &config);
	for (size_t i = 0; i < p->ladder.n; i++)
		p->usable += p->ladder.steps[i].result == 0;
}

static void print_text(const struct probe *p)
{
	if (p->ram_why.msg[0])
		(void)printf("System RAM  unknown: %s\n", p->ram_why.msg);
	else
		(void)printf("System RAM  %" PRIu64 " bytes in %zu ranges\n",
			ranges_bytes(&p->ram), p->ram.n);
	for (size_t i = 0; i < p->ladder.n; i++) {
		const struct source_step *s = &p->ladder.steps[i];

		(void)printf("%-10s  %s%s\n", source_kind_name(s->kind),
			s->result == 0 ? "works" : "refused: ",
			s->result == 0 ? "" : s->why.msg);
	}
}

static int print_json(const struct probe *p, struct err *e)
{
	json_t *path = p->path.to ? probe_path_json(&p->path) : json_null();
	AUTO_JSON json_t *j = NULL;
	json_t *list = json_array();

	for (size_t i = 0; list && i < p->ladder.n; i++) {
		const struct source_step *s = &p->ladder.steps[i];

		list = json_append(list,
			json_pack("{s:s, s:b, s:o}", "source",
				source_kind_name(s->kind), "works",
				s->result == 0, "reason", json_text(s->why.msg)));
	}
	j = json_pack("{s:I, s:s, s:o, s:o}", "system_ram_bytes",
		(json_int_t)ranges_bytes(&p->ram), "system_ram_error",
		p->ram_why.msg, "sources", list, "destination", path);
	return json_print(STDOUT_FILENO, j, e);
}

static int status_of(const struct probe *p)
{
	if (!p->usable || p->path.result < 0)
		return CMD_FAILED;
	return p->path.to && probe_path_excess(&p->path) ? CMD_GAPS
							 : CMD_COMPLETE;
}

struct probe_options {
	const char *module_path;
	bool json;
	bool help;
};

static int parse(struct probe_options *o, struct probe_path *path, int argc,
	char **argv, struct err *e)
{
	static const struct option options[] = {
		{ "module", required_argument, NULL, 'm' },
		{ "to", required_argument, NULL, 't' },
		{ "case", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		STORE_LONG_OPTIONS,
		{ 0 },
	};
	int c, r = 0;

	store_options_init(&path->store);
	path->case_name = "probe";
	while (r == 0 && (c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'm':
			o->module_path = optarg;
			break;
		case 't':
			path->to = optarg;
			break;
		case 'c':
			path->case_name = optarg;
			break;
		case 'j':
			o->json = true;
			break;
		case 'h':
			o->help = true;
			return 0;
		default:
			r = store_option(&path->store, c, optarg, e);
		}
	}
	if (r == 0 && optind != argc)
		r = err_set(e, -EINVAL, "what is '%.60s'? see --help",
			argv[optind]);
	return r;
}

int cmd_probe(int argc, char **argv)
{
	struct probe_options o = { 0 };
	struct probe p = { 0 };
	struct err e = { 0 };
	int r = parse(&o, &p.path, argc, argv, &e);

	if (r < 0)
		return cmd_bad_option(&e);
	if (o.help)
		return (void)printf(usage, store_options_usage), CMD_COMPLETE;
	run(&p, o.module_path);
	if (p.path.to)
		probe_path_run(&p.path);
	if (o.json) {
		r = print_json(&p, &e);
	} else {
		print_text(&p);
		if (p.path.to)
			probe_path_print(&p.path);
	}
	ranges_done(&p.ram);
	return r < 0 ? cmd_failed(&e) : status_of(&p);
}
