// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>

#include "base/json.h"
#include "capture/capture.h"
#include "cmd/probe_path.h"

enum { SKEW_SECONDS = 300 }; /* past that a store begins to refuse */

static const char *const steps[] = {
	[SINK_PROBE_ADD] = "add",
	[SINK_PROBE_OVERWRITE] = "overwrite",
	[SINK_PROBE_READ] = "read",
	[SINK_PROBE_LIST] = "list",
	[SINK_PROBE_DELETE] = "delete",
};

static const char *const verdicts[] = {
	[SINK_PROBE_ALLOWED] = "allowed",
	[SINK_PROBE_REFUSED] = "refused",
	[SINK_PROBE_VERSIONED] = "adds a version, the old one is kept",
	[SINK_PROBE_UNKNOWN] = "unknown",
	[SINK_PROBE_NOT_ASKED] = "not asked",
};

void probe_path_run(struct probe_path *p)
{
	struct sink_place place = { .case_name = p->case_name };
	struct capture_names names;

	p->result = capture_names(&names, &p->why);
	if (p->result < 0)
		return;
	place.host = names.host;
	place.capture = names.capture;
	p->result = sink_probe(&p->found, p->to, &place, &p->store, &p->why);
}

static bool excess(const struct probe_path *p, int i)
{
	return i != SINK_PROBE_ADD &&
	       (p->found.steps[i].verdict == SINK_PROBE_ALLOWED ||
		       (i != SINK_PROBE_OVERWRITE &&
			       p->found.steps[i].verdict == SINK_PROBE_VERSIONED));
}

bool probe_path_excess(const struct probe_path *p)
{
	for (int i = 0; i < SINK_PROBE_STEPS; i++)
		if (excess(p, i))
			return true;
	return false;
}

static void print_facts(const struct sink_probe *f)
{
	(void)printf("  ticket    %s\n", f->ticket);
	(void)printf("  TLS       %s\n", f->tls[0] ? f->tls : "none");
	(void)printf("  put took  %.0f ms\n", f->seconds * 1e3);
	(void)printf("  clock     the store's is %" PRId64 " s %s ours%s\n",
		f->skew_seconds < 0 ? -f->skew_seconds : f->skew_seconds,
		f->skew_seconds < 0 ? "behind" : "ahead of",
		llabs((long long)f->skew_seconds) > SKEW_SECONDS
			? " (warning: set right by the agent, but the host's "
			  "clock is wrong)"
			: "");
}

void probe_path_print(const struct probe_path *p)
{
	(void)printf("destination %s\n",
		p->found.location[0] ? p->found.location : p->to);
	if (p->found.ticket[0])
		print_facts(&p->found);
	for (int i = 0; i < SINK_PROBE_STEPS; i++) {
		const char *why = p->found.steps[i].why.msg;

		if (p->found.steps[i].verdict == SINK_PROBE_NOT_ASKED)
			continue;
		(void)printf("  %-9s %s%s%s%s\n", steps[i],
			verdicts[p->found.steps[i].verdict], *why ? ": " : "",
			why,
			excess(p, i) ? " (warning: more than a host needs)" : "");
	}
	if (p->result < 0)
		(void)printf("  no way    %s\n", p->why.msg);
}

json_t *probe_path_json(const struct probe_path *p)
{
	json_t *list = json_object();

	for (int i = 0; list && i < SINK_PROBE_STEPS; i++)
		if (json_object_set_new(list, steps[i],
			    json_string(verdicts[p->found.steps[i].verdict])) <
			0) {
			json_decref(list);
			list = NULL;
		}
	return json_pack("{s:o, s:b, s:o, s:s, s:s, s:I, s:f, s:o, s:b}",
		"location", json_text(p->found.location), "works", p->result == 0,
		"error", json_text(p->result < 0 ? p->why.msg : ""), "ticket",
		p->found.ticket, "tls", p->found.tls, "skew_seconds",
		(json_int_t)p->found.skew_seconds, "put_seconds",
		p->found.seconds, "rights", list, "excess", probe_path_excess(p));
}
