// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "trigger/socket.h"

static const char usage[] =
	"usage: icecore trigger [--case CASE] [--reason TEXT] [--socket PATH]\n"
	"\n"
	"Tell the icecore watch of this host to capture now, wait until it has, and print\n"
	"what became of it as one JSON object.\n"
	"\n"
	"  --case CASE             name of the case; that of the watch by default\n"
	"  --reason TEXT           why; it is in the evidence\n"
	"  --socket PATH           where the watch listens (" TRIGGER_SOCKET_PATH
	")\n"
	"\n"
	"Exit status: 0 complete, 3 complete with gaps or ended early, 1 failed, 2 usage.\n";

struct options {
	struct trigger_request rq;
	const char *socket;
	int help;
};

static int set_text(char *ret, size_t cap, const char *name, struct err *e)
{
	if (strlen(optarg) >= cap)
		return err_set(e, -EINVAL, "--%s has %zu bytes at most", name,
			cap - 1);
	(void)snprintf(ret, cap, "%s", optarg);
	return 0;
}

static int parse(struct options *o, int argc, char **argv, struct err *e)
{
	static const struct option options[] = {
		{ "case", required_argument, NULL, 'c' },
		{ "reason", required_argument, NULL, 'R' },
		{ "socket", required_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c, r = 0;

	while (r == 0 && (c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (c) {
		case 'c':
			r = set_text(o->rq.case_name, sizeof(o->rq.case_name),
				"case", e);
			break;
		case 'R':
			r = set_text(o->rq.reason, sizeof(o->rq.reason),
				"reason", e);
			break;
		case 'k':
			o->socket = optarg;
			break;
		case 'h':
			o->help = 1;
			return 0;
		default:
			return err_set(e, -EINVAL, "see --help");
		}
	if (r == 0 && optind != argc)
		r = err_set(e, -EINVAL, "what is '%.60s'? see --help",
			argv[optind]);
	return r;
}

/* By the same words as the exit status of a capture. */
static int status_of(const struct buf *answer, struct err *e)
{
	AUTO_JSON json_t *j = NULL;
	const char *outcome;

	if (json_decode(&j, answer->data, answer->len, e) < 0)
		return CMD_FAILED;
	outcome = json_string_value(json_object_get(j, "outcome"));
	if (!outcome || strcmp(outcome, "failed") == 0 ||
		strcmp(outcome, "refused") == 0)
		return CMD_FAILED;
	return strcmp(outcome, "complete") == 0 ? CMD_COMPLETE : CMD_GAPS;
}

int cmd_trigger(int argc, char **argv)
{
	struct options o = { .socket = TRIGGER_SOCKET_PATH };
	AUTO_BUF struct buf answer = { 0 };
	struct err e = { 0 };
	int r = parse(&o, argc, argv, &e);

	if (r < 0)
		return cmd_bad_option(&e);
	if (o.help)
		return (void)fputs(usage, stdout), CMD_COMPLETE;
	buf_init(&answer, TRIGGER_ANSWER_BYTES);
	if (trigger_ask(o.socket, &o.rq, &answer, &e) < 0)
		return cmd_failed(&e);
	(void)printf("%.*s\n", (int)answer.len, (const char *)answer.data);
	return status_of(&answer, &e);
}
