// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "trigger/azure.h"
#include "trigger/cloud_source.h"

enum { VM_CHARS = 256 };

struct azure {
	struct cloud_source c;
	char vm[VM_CHARS]; /* what events call this machine; "" = not asked yet */
};

static const struct azure_settings defaults = {
	.poll_ms = 2000,
	.tag = { { "icecore" }, 1 },
	.scheduled_events = 1,
};

static bool wants(const struct azure *s, const char *name)
{
	const struct azure_settings *set = s->c.set;

	for (size_t i = 0; i < set->tag.n; i++)
		if (strcasecmp(set->tag.v[i], name) == 0)
			return true;
	return false;
}

static int look_tags(void *source, struct feed *f, struct err *e)
{
	static const struct trigger_event like = { .key = "" };
	struct azure *s = source;
	AUTO_JSON json_t *tags = NULL;
	const json_t *tag;
	size_t i;
	int r = metadata_get(&s->c.answer, s->c.m,
		"/metadata/instance/compute/tagsList?api-version=2021-02-01", e);

	if (r == 0)
		r = imds_azure_tags(
			&tags, cloud_source_text(&s->c), s->c.answer.len, e);
	if (r < 0)
		return r;
	seen_begin(s->c.seen, "tag:");
	json_array_foreach(tags, i, tag)
	{
		const char *name =
			json_string_value(json_object_get(tag, "name"));
		const json_t *value = json_object_get(tag, "value");

		if (wants(s, name))
			(void)seen_value(s->c.seen, f, &like, "tag", name,
				json_string_value(value),
				json_string_length(value));
	}
	seen_end(s->c.seen, f, "tag:");
	return 0;
}

static int ask_name(struct azure *s, struct err *e)
{
	int r = metadata_get(&s->c.answer, s->c.m,
		"/metadata/instance/compute/name?api-version=2021-02-01"
		"&format=text",
		e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < s->c.answer.len; i++)
		if (!isgraph(s->c.answer.data[i]))
			r = -EPROTO;
	if (r < 0 || !s->c.answer.len || s->c.answer.len >= sizeof(s->vm))
		return err_set(e, -EPROTO, "that is no name of a machine");
	(void)snprintf(s->vm, sizeof(s->vm), "%.*s", (int)s->c.answer.len,
		cloud_source_text(&s->c));
	return 0;
}

static int look_events(void *source, struct feed *f, struct err *e)
{
	struct azure *s = source;
	struct imds_notice notices[IMDS_NOTICES_MAX];
	int n = s->vm[0] ? 0 : ask_name(s, e);

	if (n == 0)
		n = metadata_get(&s->c.answer, s->c.m,
			"/metadata/scheduledevents?api-version=2020-07-01", e);
	if (n == 0)
		n = imds_azure_events(notices, cloud_source_text(&s->c),
			s->c.answer.len, s->vm, e);
	if (n < 0)
		return n;
	seen_begin(s->c.seen, "event:");
	for (int i = 0; i < n; i++) {
		struct trigger_event ev = { .flags = TRIGGER_LAST_GASP,
			.gone_realtime_ns = notices[i].realtime_ns };

		(void)snprintf(
			ev.key, sizeof(ev.key), "event:%.63s", notices[i].id);
		(void)snprintf(ev.reason, sizeof(ev.reason),
			"scheduled event: %.31s", notices[i].what);
		(void)seen_ring(s->c.seen, f, &ev);
	}
	seen_end(s->c.seen, f, "event:");
	return 0;
}

static int check(const void *settings, struct err *e)
{
	const struct azure_settings *set = settings;

	if (!set->tag.n && !set->scheduled_events)
		return err_set(e, -EINVAL, "there is nothing to look at");
	return 0;
}

static int run(const void *settings, struct feed *f, struct err *e)
{
	const struct azure_settings *set = settings;
	const struct cloud_service service = {
		.kind = METADATA_AZURE,
		.url = set->metadata,
		.answer_bytes = IMDS_ANSWER_BYTES,
	};
	struct poll_part parts[POLL_PARTS_MAX];
	struct azure s = { .c.set = set };
	size_t n = 0;
	int r = cloud_source_open(&s.c, &service, f, e);

	if (set->tag.n)
		parts[n++] = (struct poll_part){ "tags", look_tags };
	if (set->scheduled_events)
		parts[n++] = (struct poll_part){ "events", look_events };
	if (r == 0)
		poll_run(f, parts, n, &s, set->poll_ms);
	cloud_source_close(&s.c);
	return r;
}

static const struct trigger_key keys[] = {
	{ "metadata", TRIGGER_TEXT, offsetof(struct azure_settings, metadata),
		0, 0 },
	{ "poll-ms", TRIGGER_NUMBER, offsetof(struct azure_settings, poll_ms),
		200, 60000 },
	{ "tag", TRIGGER_WORDS, offsetof(struct azure_settings, tag), 0, 0 },
	{ "scheduled-events", TRIGGER_SWITCH,
		offsetof(struct azure_settings, scheduled_events), 0, 0 },
};

const struct trigger_kind trigger_azure = {
	.name = "azure",
	.settings_bytes = sizeof(struct azure_settings),
	.defaults = &defaults,
	.keys = keys,
	.keys_n = ARRAY_LEN(keys),
	.check = check,
	.run = run,
};
