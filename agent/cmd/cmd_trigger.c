// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "trigger/request.h"

static const char usage[] =
	"usage: icecore trigger [options]\n"
	"\n"
	"Tell the icecore watch of this host to capture now, wait until it has, and print\n"
	"what became of it as one JSON object.\n"
	"\n"
	"  --case CASE             name of the case; that of the watch by default\n"
	"  --reason TEXT           why; it is in the evidence\n"
	"  --order TEXT            a signed order, see icelab order\n"
	"  --pod NAMESPACE/NAME    this pod first, then the host\n"
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
		{ "order", required_argument, NULL, 'o' },
		{ "pod", required_argument, NULL, 'p' },
		{ "socket", required_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const struct {
		int c;
		const char *name;
		char *ret;
		size_t cap;
	} texts[] = {
		{ 'c', "case", o->rq.case_name, sizeof(o->rq.case_name) },
		{ 'R', "reason", o->rq.reason, sizeof(o->rq.reason) },
		{ 'o', "order", o->rq.order, sizeof(o->rq.order) },
		{ 'p', "pod", o->rq.pod, sizeof(o->rq.pod) },
	};
	int c, r = 0;

	while (r == 0 && (c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == '?')
			return err_set(e, -EINVAL, "see --help");
		if (c == 'h')
			return o->help = 1, 0;
		if (c == 'k')
			o->socket = optarg;
		for (size_t i = 0; r == 0 && i < ARRAY_LEN(texts); i++)
			if (texts[i].c == c)
				r = set_text(texts[i].ret, texts[i].cap,
					texts[i].name, e);
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
