// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/range.h"
#include "cmd/cmd.h"
#include "memory/iomem.h"
#include "memory/source.h"

static const char usage[] =
	"usage: icecore probe [--module FILE] [--json]\n"
	"\n"
	"Say which sources of memory work here, and what refuses the others. Nothing\n"
	"is read. With --module FILE the module is loaded and unloaded again.\n"
	"\n"
	"Exit status: 0 a source works, 1 none does.\n";

struct probe {
	struct ranges ram;
	struct err ram_why; /* "" = ram is known */
	struct source_ladder ladder;
	size_t usable;
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
	AUTO_JSON json_t *j = NULL;
	json_t *list = json_array();

	for (size_t i = 0; list && i < p->ladder.n; i++) {
		const struct source_step *s = &p->ladder.steps[i];

		list = json_append(list,
			json_pack("{s:s, s:b, s:o}", "source",
				source_kind_name(s->kind), "works",
				s->result == 0, "reason", json_text(s->why.msg)));
	}
	j = json_pack("{s:I, s:s, s:o}", "system_ram_bytes",
		(json_int_t)ranges_bytes(&p->ram), "system_ram_error",
		p->ram_why.msg, "sources", list);
	return json_print(STDOUT_FILENO, j, e);
}

int cmd_probe(int argc, char **argv)
{
	static const struct option options[] = {
		{ "module", required_argument, NULL, 'm' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *module_path = NULL;
	struct probe p = { 0 };
	struct err e = { 0 };
	int c, json = 0, r = 0;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'm':
			module_path = optarg;
			break;
		case 'j':
			json = 1;
			break;
		case 'h':
			(void)fputs(usage, stdout);
			return CMD_COMPLETE;
		default:
			return cmd_usage(usage);
		}
	}
	if (optind != argc)
		return cmd_usage(usage);
	run(&p, module_path);
	if (json)
		r = print_json(&p, &e);
	else
		print_text(&p);
	ranges_done(&p.ram);
	if (r < 0)
		return cmd_failed(&e);
	return p.usable ? CMD_COMPLETE : CMD_FAILED;
}
