// SPDX-License-Identifier: Apache-2.0
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "trigger/request.h"

static const char usage[] =
	"usage: icecore status [--json] [--socket PATH]\n"
	"\n"
	"What the icecore watch of this host is doing: whether it waits or captures, what\n"
	"each of its trigger sources sees, what it captured and refused last.\n"
	"\n"
	"  --json                  one JSON object on stdout\n"
	"  --socket PATH           where the watch listens (" TRIGGER_SOCKET_PATH
	")\n"
	"\n"
	"Exit status: 0 all is well, 3 something is not (a source sees nothing, the last\n"
	"capture failed), 1 no watch runs, 2 usage.\n";

static const char *text_of(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "";
}

static int64_t number_of(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

static const char *when(char ret[32], int64_t realtime_ns)
{
	time_t at = (time_t)(realtime_ns / 1000000000);
	struct tm tm;

	if (!gmtime_r(&at, &tm) || !strftime(ret, 32, "%Y-%m-%d %H:%M:%SZ", &tm))
		ret[0] = 0;
	return ret;
}

static void print_running(const json_t *c)
{
	double total = (double)number_of(c, "memory_total_bytes");
	double done = (double)number_of(c, "memory_done_bytes");

	if (!json_is_object(c))
		return;
	(void)printf("  case %s%s%s, since %.0f s; memory %.0f of %.0f MiB, "
		     "sealed %.0f MiB\n  because of %s\n",
		text_of(c, "case"), *text_of(c, "pod") ? ", pod " : "",
		text_of(c, "pod"), json_real_value(json_object_get(c, "seconds")),
		done / (1 << 20), total / (1 << 20),
		(double)number_of(c, "sealed_bytes") / (1 << 20),
		text_of(c, "trigger"));
}

static void print_sources(const json_t *sources)
{
	const json_t *s;
	size_t i;

	(void)printf("trigger sources\n");
	json_array_foreach(sources, i, s)
	{
		(void)printf("  %-12s %-9s %s", text_of(s, "name"),
			text_of(s, "state"), text_of(s, "text"));
		if (number_of(s, "refused"))
			(void)printf("; %" PRId64 " refused",
				number_of(s, "refused"));
		(void)printf("\n");
	}
}

static void print_recorder(const json_t *r)
{
	if (!json_is_object(r))
		return;
	(void)printf("recorder\n  %" PRId64 " events, %" PRId64
		     " lost, %.0f of %.0f MiB in use, %" PRId64
		     " executables held, %" PRId64 " programs missing\n",
		number_of(r, "recorded"), number_of(r, "lost"),
		(double)number_of(r, "ring_used_bytes") / (1 << 20),
		(double)number_of(r, "ring_bytes") / (1 << 20),
		number_of(r, "executables_held"), number_of(r, "not_watched"));
}

static void print_lists(const json_t *j)
{
	const json_t *v;
	char at[32];
	size_t i;

	json_array_foreach(json_object_get(j, "captures"), i, v)
	{
		(void)printf("%s%s  case %s: %s%s%s\n", i ? "" : "captured\n",
			when(at, number_of(v, "ended_realtime_ns")),
			text_of(v, "case"), text_of(v, "outcome"),
			*text_of(v, "error") ? ": " : ", ",
			*text_of(v, "error") ? text_of(v, "error")
					     : text_of(v, "location"));
	}
	json_array_foreach(json_object_get(j, "refusals"), i, v)
	{
		(void)printf("%s%s  %s %s: %s\n", i ? "" : "refused\n",
			when(at, number_of(v, "realtime_ns")),
			text_of(v, "source"), text_of(v, "key"),
			text_of(v, "why"));
	}
}

static void print_people(const json_t *j)
{
	const json_t *spool = json_object_get(j, "spool");
	char at[32];

	(void)printf("icecore %s: %s%s, since %s\n", text_of(j, "version"),
		text_of(j, "state"),
		json_is_true(json_object_get(j, "degraded")) ? ", degraded" : "",
		when(at, number_of(j, "began_realtime_ns")));
	if (*text_of(j, "configuration"))
		(void)printf("configuration %s\n", text_of(j, "configuration"));
	print_running(json_object_get(j, "capture"));
	if (number_of(j, "queued"))
		(void)printf("  %" PRId64 " more wait\n", number_of(j, "queued"));
	print_sources(json_object_get(j, "sources"));
	print_recorder(json_object_get(j, "recorder"));
	if (json_is_object(spool) &&
		(number_of(spool, "left") || *text_of(spool, "error")))
		(void)printf("spool\n  %" PRId64 " objects left %s\n",
			number_of(spool, "left"), text_of(spool, "error"));
	print_lists(j);
}

static int parse(const char **socket, bool *json, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "socket", required_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (c) {
		case 'j':
			*json = true;
			break;
		case 'k':
			*socket = optarg;
			break;
		case 'h':
			return 1;
		default:
			return -1;
		}
	return optind == argc ? 0 : -1;
}

int cmd_status(int argc, char **argv)
{
	const struct trigger_request rq = { .ask = TRIGGER_ASK_STATUS };
	const char *socket = TRIGGER_SOCKET_PATH;
	AUTO_BUF struct buf answer = { 0 };
	AUTO_JSON json_t *j = NULL;
	struct err e = { 0 };
	bool json = false;
	int r = parse(&socket, &json, argc, argv);

	if (r < 0)
		return cmd_usage(usage);
	if (r > 0)
		return (void)fputs(usage, stdout), CMD_COMPLETE;
	buf_init(&answer, TRIGGER_ANSWER_BYTES);
	r = trigger_ask(socket, &rq, &answer, &e);
	if (r == 0)
		r = json_decode(&j, answer.data, answer.len, &e);
	if (r < 0)
		return cmd_failed(&e);
	if (json)
		(void)printf(
			"%.*s\n", (int)answer.len, (const char *)answer.data);
	else
		print_people(j);
	return json_is_true(json_object_get(j, "degraded")) ? CMD_GAPS
							    : CMD_COMPLETE;
}
