// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "trigger/cloud_source.h"
#include "trigger/ec2.h"

enum { PATH_CHARS = 512 };

static const struct ec2_settings defaults = {
	.poll_ms = 2000,
	.tag = { { "icecore" }, 1 },
	.lifecycle = 1,
};

static const struct ec2_settings *settings_of(const struct cloud_source *s)
{
	return s->set;
}

/* Of /latest/meta-data, into s->answer. */
static int get(struct cloud_source *s, struct err *e, const char *a,
	const char *b, const char *c)
{
	char path[PATH_CHARS];
	int n = snprintf(path, sizeof(path), "/latest/meta-data/%s%s%s", a, b, c);

	if (n < 0 || (size_t)n >= sizeof(path))
		return err_set(e, -EPROTO, "a path of %d characters", n);
	return metadata_get(&s->answer, s->m, path, e);
}

static int get_list(struct cloud_source *s, struct err *e, const char *a,
	const char *b, const char *c)
{
	int r = get(s, e, a, b, c);

	return r < 0 ? r : imds_list(cloud_source_text(s), s->answer.len, e);
}

/* A tag that is listed.  404: it has no value. */
static int look_tag(
	struct cloud_source *s, struct feed *f, const char *name, struct err *e)
{
	static const struct trigger_event like = { .key = "" };
	int r = get(s, e, "tags/instance/", name, "");
	char key[TRIGGER_KEY_CHARS];

	if (r == -EMSGSIZE) {
		(void)snprintf(key, sizeof(key), "tag:%.*s=too-large",
			SEEN_NAME_CHARS, name);
		seen_refuse(s->seen, f, key, "the value of a tag is too large");
		return 0;
	}
	if (r < 0 && r != -ENOENT)
		return r;
	(void)seen_value(s->seen, f, &like, "tag", name,
		r == 0 ? cloud_source_text(s) : NULL, r == 0 ? s->answer.len : 0);
	return 0;
}

/* There is no list: of no tags, or since they are not to be seen. */
static int no_tags(struct cloud_source *s, struct feed *f, struct err *e)
{
	int r = get_list(s, e, "tags/", "", "");

	if (r < 0 && r != -ENOENT)
		return r;
	seen_begin(s->seen, "tag:");
	seen_end(s->seen, f, "tag:");
	return r == 0 ? 0
		      : err_set(e, -ENOENT,
				"not seen: InstanceMetadataTags is not enabled "
				"for this instance");
}

static int look_tags(void *source, struct feed *f, struct err *e)
{
	struct cloud_source *s = source;
	const struct trigger_words *tags = &settings_of(s)->tag;
	bool there[TRIGGER_WORDS_MAX] = { false };
	int r = get_list(s, e, "tags/instance/", "", "");

	if (r == -ENOENT)
		return no_tags(s, f, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < tags->n; i++)
		there[i] = imds_lists(
			cloud_source_text(s), s->answer.len, tags->v[i]);
	seen_begin(s->seen, "tag:");
	for (size_t i = 0; i < tags->n && r == 0; i++)
		if (there[i])
			r = look_tag(s, f, tags->v[i], e);
	if (r == 0)
		seen_end(s->seen, f, "tag:");
	return r;
}

static void ring_groups(struct cloud_source *s, struct feed *f)
{
	const struct trigger_words *groups = &settings_of(s)->isolation_group;

	for (size_t i = 0; i < groups->n; i++) {
		struct trigger_event ev = { .key = "" };

		if (!imds_lists(cloud_source_text(s), s->answer.len, groups->v[i]))
			continue;
		(void)snprintf(
			ev.key, sizeof(ev.key), "group:%.64s", groups->v[i]);
		(void)snprintf(ev.reason, sizeof(ev.reason),
			"isolation group %.64s", groups->v[i]);
		(void)seen_ring(s->seen, f, &ev);
	}
}

/* Of every interface: each has its own. */
static int look_groups(void *source, struct feed *f, struct err *e)
{
	static const char base[] = "network/interfaces/macs/";
	struct cloud_source *s = source;
	char macs[IMDS_MACS_MAX][IMDS_MAC_CHARS];
	size_t n;
	int r = get_list(s, e, base, "", "");

	if (r < 0)
		return r;
	n = imds_macs(macs, cloud_source_text(s), s->answer.len);
	if (!n)
		return err_set(e, -EPROTO, "a list of interfaces without any");
	seen_begin(s->seen, "group:");
	for (size_t i = 0; i < n && r == 0; i++) {
		r = get_list(s, e, base, macs[i], "/security-group-ids");
		if (r == 0)
			ring_groups(s, f);
		/* The interface was taken away since it was listed. */
		r = r == -ENOENT ? 0 : r;
	}
	if (r == 0)
		seen_end(s->seen, f, "group:");
	return r;
}

static void ring_end(struct cloud_source *s, struct feed *f, const char *key,
	const struct imds_notice *notice, const char *who)
{
	struct trigger_event ev = { .flags = TRIGGER_LAST_GASP,
		.gone_realtime_ns = notice->realtime_ns };

	(void)snprintf(ev.key, sizeof(ev.key), "%s", key);
	(void)snprintf(ev.reason, sizeof(ev.reason), "%s: %s", who, notice->what);
	(void)seen_ring(s->seen, f, &ev);
}

/* 404: the instance is in no group. */
static int look_scaling(void *source, struct feed *f, struct err *e)
{
	static const struct imds_notice notice = { "", "Terminated", 0 };
	struct cloud_source *s = source;
	int r = get_list(s, e, "autoscaling/target-lifecycle-state", "", "");

	if (r < 0 && r != -ENOENT)
		return r;
	seen_begin(s->seen, "scaling:");
	if (r == 0 &&
		(imds_lists(cloud_source_text(s), s->answer.len, "Terminated") ||
			imds_lists(cloud_source_text(s), s->answer.len,
				"Warmed:Terminated")))
		ring_end(s, f, "scaling:end", &notice, "Auto Scaling");
	seen_end(s->seen, f, "scaling:");
	return 0;
}

/* 404: there is no notice, or it is no Spot Instance. */
static int look_spot(void *source, struct feed *f, struct err *e)
{
	struct cloud_source *s = source;
	struct imds_notice notice = { "", "", 0 };
	int r = get(s, e, "spot/instance-action", "", "");

	if (r < 0 && r != -ENOENT)
		return r;
	seen_begin(s->seen, "spot:");
	if (r == 0)
		r = imds_spot(&notice, cloud_source_text(s), s->answer.len, e);
	if (r == 0)
		ring_end(s, f, "spot:notice", &notice, "Spot Instance");
	else if (r == -EBADMSG)
		seen_refuse(s->seen, f, "spot:malformed",
			"a spot notice that cannot be read");
	else if (r != -ENOENT)
		return r;
	seen_end(s->seen, f, "spot:");
	return 0;
}

/* A tag's key is a part of a path. */
static int check(const void *settings, struct err *e)
{
	const struct ec2_settings *set = settings;

	for (size_t i = 0; i < set->tag.n; i++)
		if (set->tag.v[i][strspn(set->tag.v[i], "abcdefghijklmnopqrstuvwxyz"
							"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
							"0123456789+-=.,_:@")])
			return err_set(e, -EINVAL,
				"tag '%.40s' has characters that metadata does "
				"not show",
				set->tag.v[i]);
	if (!set->tag.n && !set->isolation_group.n && !set->lifecycle)
		return err_set(e, -EINVAL, "there is nothing to look at");
	return 0;
}

static int run(const void *settings, struct feed *f, struct err *e)
{
	const struct ec2_settings *set = settings;
	const struct cloud_service service = {
		.kind = METADATA_AWS,
		.url = set->metadata,
		.answer_bytes = IMDS_ANSWER_BYTES,
	};
	struct poll_part parts[POLL_PARTS_MAX];
	AUTO_CLOUD_SOURCE struct cloud_source s = { .set = set };
	size_t n = 0;
	int r = cloud_source_open(&s, &service, f, e);

	if (r < 0)
		return r;
	if (set->tag.n)
		parts[n++] = (struct poll_part){ "tags", look_tags };
	if (set->isolation_group.n)
		parts[n++] = (struct poll_part){ "groups", look_groups };
	if (set->lifecycle) {
		parts[n++] = (struct poll_part){ "scaling", look_scaling };
		parts[n++] = (struct poll_part){ "spot", look_spot };
	}
	poll_run(f, parts, n, &s, set->poll_ms);
	return 0;
}

static const struct trigger_key keys[] = {
	{ "metadata", TRIGGER_TEXT, offsetof(struct ec2_settings, metadata), 0,
		0 },
	{ "poll-ms", TRIGGER_NUMBER, offsetof(struct ec2_settings, poll_ms),
		200, 60000 },
	{ "tag", TRIGGER_WORDS, offsetof(struct ec2_settings, tag), 0, 0 },
	{ "isolation-group", TRIGGER_WORDS,
		offsetof(struct ec2_settings, isolation_group), 0, 0 },
	{ "lifecycle", TRIGGER_SWITCH, offsetof(struct ec2_settings, lifecycle),
		0, 0 },
};

const struct trigger_kind trigger_ec2 = {
	.name = "ec2",
	.settings_bytes = sizeof(struct ec2_settings),
	.defaults = &defaults,
	.keys = keys,
	.keys_n = ARRAY_LEN(keys),
	.check = check,
	.run = run,
};
