// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "trigger/cloud_source.h"
#include "trigger/gce.h"

enum { PATH_CHARS = 512, GRACE_SECONDS = 10 };

struct gce {
	struct cloud_source c;
	char etag[METADATA_ETAG_CHARS]; /* "" = do not wait */
};

static const struct gce_settings defaults = {
	.attribute = { { "icecore" }, 1 },
};

static int ask(struct gce *s, struct err *e)
{
	char path[PATH_CHARS];
	size_t n = (size_t)snprintf(path, sizeof(path),
		"/computeMetadata/v1/instance/attributes/?recursive=true");

	if (s->etag[0])
		(void)snprintf(path + n, sizeof(path) - n,
			"&wait_for_change=true&timeout_sec=%d&last_etag=%s",
			GCE_WAIT_SECONDS, s->etag);
	/* After a failure the state is asked for, and no change. */
	s->etag[0] = 0;
	return metadata_get(&s->c.answer, s->c.m, path, e);
}

static int look(void *source, struct feed *f, struct err *e)
{
	static const struct trigger_event like = { .key = "" };
	struct gce *s = source;
	const struct gce_settings *set = s->c.set;
	const struct trigger_words *words = &set->attribute;
	AUTO_JSON json_t *j = NULL;
	int r = ask(s, e);

	if (r == 0)
		r = json_decode(&j, s->c.answer.data, s->c.answer.len, e);
	if (r < 0)
		return r;
	seen_begin(s->c.seen, "attribute:");
	for (size_t i = 0; i < words->n; i++) {
		const json_t *v = json_object_get(j, words->v[i]);

		if (json_is_string(v))
			(void)seen_value(s->c.seen, f, &like, "attribute",
				words->v[i], json_string_value(v),
				json_string_length(v));
		else if (v)
			seen_refuse(s->c.seen, f, "attribute:malformed",
				"an attribute that is no text");
	}
	seen_end(s->c.seen, f, "attribute:");
	(void)snprintf(s->etag, sizeof(s->etag), "%s", metadata_etag(s->c.m));
	return s->etag[0] ? 0 : err_set(e, -EPROTO, "an answer without an ETag");
}

static int check(const void *settings, struct err *e)
{
	const struct gce_settings *set = settings;

	if (!set->attribute.n)
		return err_set(e, -EINVAL, "there is nothing to look at");
	return 0;
}

static int run(const void *settings, struct feed *f, struct err *e)
{
	static const struct poll_part part = { "attributes", look };
	const struct gce_settings *set = settings;
	const struct cloud_service service = {
		.kind = METADATA_GCE,
		.url = set->metadata,
		.seconds = GCE_WAIT_SECONDS + GRACE_SECONDS,
		.answer_bytes = GCE_ANSWER_BYTES,
	};
	struct gce s = { .c.set = set };
	int r = cloud_source_open(&s.c, &service, f, e);

	if (r == 0)
		poll_run(f, &part, 1, &s, GCE_PAUSE_MS);
	cloud_source_close(&s.c);
	return r;
}

static const struct trigger_key keys[] = {
	{ "metadata", TRIGGER_TEXT, offsetof(struct gce_settings, metadata), 0,
		0 },
	{ "attribute", TRIGGER_WORDS, offsetof(struct gce_settings, attribute),
		0, 0 },
};

const struct trigger_kind trigger_gce = {
	.name = "gce",
	.settings_bytes = sizeof(struct gce_settings),
	.defaults = &defaults,
	.keys = keys,
	.keys_n = ARRAY_LEN(keys),
	.check = check,
	.run = run,
};
