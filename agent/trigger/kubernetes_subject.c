// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "cloud/time.h"
#include "trigger/bell.h"
#include "trigger/kubernetes.h"
#include "trigger/kubernetes_api.h"
#include "trigger/kubernetes_match.h"
#include "trigger/kubernetes_subject.h"

enum { TIME_CHARS = 32, STATUS_TEXT_CHARS = 200 };

static int64_t now(void)
{
	return (int64_t)time(NULL);
}

static void time_text(char ret[TIME_CHARS], int64_t t)
{
	const time_t when = (time_t)t;
	struct tm tm;

	ret[0] = 0;
	if (gmtime_r(&when, &tm))
		(void)strftime(ret, TIME_CHARS, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static struct kube_subject *find(struct kube_subjects *s, const char *prefix)
{
	for (size_t i = 0; i < KUBE_SUBJECTS_MAX; i++)
		if (strcmp(s->v[i].prefix, prefix) == 0)
			return &s->v[i];
	return NULL;
}

/* What a refusal means to the verb, for good. */
static void note(struct kube_subjects *s, bool *refused, int r,
	const char *what, const struct err *e)
{
	if (r == -EACCES)
		*refused = true;
	if (r < 0 && r != -ENOENT)
		(void)snprintf(
			s->note, sizeof(s->note), "%s: %.90s", what, e->msg);
}

static void hold(struct kube_subjects *s, struct kube_subject *k)
{
	char until[TIME_CHARS];
	struct err e = { 0 };
	int r;

	k->until = now() + s->set->hold_seconds;
	time_text(until, k->until);
	AUTO_JSON json_t *change = json_pack("{s:{s:[s], s:{s:s}}}", "metadata",
		"finalizers", KUBERNETES_HOLD, "annotations",
		KUBERNETES_HOLD_UNTIL, until);

	r = kube_api_patch(s->api, k->path, change, &e);
	k->held = r == 0;
	note(s, &s->no_hold, r, "hold", &e);
}

static void release(struct kube_subjects *s, struct kube_subject *k)
{
	AUTO_JSON json_t *change = json_pack("{s:{s:[s], s:{s:n}}}", "metadata",
		"$deleteFromPrimitiveList/finalizers", KUBERNETES_HOLD,
		"annotations", KUBERNETES_HOLD_UNTIL);
	struct err e = { 0 };
	int r = kube_api_patch(s->api, k->path, change, &e);

	note(s, &s->no_hold, r, "release", &e);
	k->held = r < 0 && r != -ENOENT && r != -EACCES;
	k->until = now() + KUBE_AGAIN_SECONDS;
}

static struct kube_subject *make(struct kube_subjects *s, const char *prefix,
	const struct kube_object *o)
{
	struct kube_subject *k = find(s, "");

	for (size_t i = 0; !k && i < KUBE_SUBJECTS_MAX; i++)
		if (!s->v[i].held && !s->v[i].open)
			k = &s->v[i];
	if (!k)
		return NULL;
	*k = (struct kube_subject){ .held = false };
	(void)snprintf(k->prefix, sizeof(k->prefix), "%s", prefix);
	if (o->space[0])
		(void)snprintf(k->path, sizeof(k->path),
			"/api/v1/namespaces/%s/pods/%s", o->space, o->name);
	else
		(void)snprintf(
			k->path, sizeof(k->path), "/api/v1/nodes/%s", o->name);
	return k;
}

/* Its deadline is what was written, but no later than ours would be. */
static int64_t deadline(
	const struct kube_subjects *s, const struct kube_object *o)
{
	const char *text = json_string_value(
		json_object_get(o->annotations, KUBERNETES_HOLD_UNTIL));
	int64_t latest = now() + s->set->hold_seconds, t;

	return text && time_parse(&t, text) == 0 && t < latest ? t : latest;
}

void kube_subjects_see(
	struct kube_subjects *s, const struct kube_object *o, size_t rung)
{
	bool may = s->set->hold && !s->no_hold && o->space[0];
	char prefix[KUBE_PREFIX_CHARS];
	struct kube_subject *k;

	kube_prefix(prefix, o);
	k = find(s, prefix);
	if (!k && (rung || (may && o->held)))
		k = make(s, prefix, o);
	if (!k)
		return;
	k->open += (unsigned)rung;
	if (may && o->held && !k->held) {
		k->held = true;
		k->until = deadline(s, o);
	} else if (may && rung && !k->held && !o->ending) {
		hold(s, k);
	}
}

void kube_subjects_gone(struct kube_subjects *s, const struct kube_object *o)
{
	char prefix[KUBE_PREFIX_CHARS];
	struct kube_subject *k;

	kube_prefix(prefix, o);
	k = find(s, prefix);
	if (k)
		*k = (struct kube_subject){ .held = false };
}

/* Some of what icecore trigger prints, and short. */
static void add_outcome(json_t *to, const char *text)
{
	static const char *const keys[] = { "outcome", "capture", "error" };
	AUTO_JSON json_t *j = NULL;

	if (!text || json_decode(&j, text, strlen(text), NULL) < 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *v = json_string_value(json_object_get(j, keys[i]));
		char cut[STATUS_TEXT_CHARS];

		if (!v || !*v)
			continue;
		(void)snprintf(cut, sizeof(cut), "%s", v);
		(void)json_object_set_new(to, keys[i], json_text(cut));
	}
}

static void write_status(struct kube_subjects *s, const struct kube_subject *k,
	const struct trigger_report *report)
{
	static const char *const names[] = {
		[TRIGGER_QUEUED] = "queued",
		[TRIGGER_BEGUN] = "begun",
		[TRIGGER_DONE] = "done",
		[TRIGGER_REFUSED] = "refused",
	};
	AUTO_JSON json_t *status = NULL, *change = NULL;
	AUTO_FREE char *text = NULL;
	char at[TIME_CHARS];
	struct err e = { 0 };
	int r;

	time_text(at, now());
	status = json_pack("{s:s, s:s}", "stage", names[report->stage], "at", at);
	add_outcome(status, report->text);
	text = json_dumps(status, JSON_COMPACT);
	if (text)
		change = json_pack("{s:{s:{s:s}}}", "metadata", "annotations",
			KUBERNETES_STATUS, text);
	r = kube_api_patch(s->api, k->path, change, &e);
	note(s, &s->no_report, r, "report", &e);
}

void kube_subjects_report(
	struct kube_subjects *s, const struct trigger_report *report)
{
	bool ended = report->stage == TRIGGER_DONE ||
		     report->stage == TRIGGER_REFUSED;

	for (size_t i = 0; i < KUBE_SUBJECTS_MAX; i++) {
		struct kube_subject *k = &s->v[i];

		if (!k->prefix[0] ||
			strncmp(report->key, k->prefix, strlen(k->prefix)) != 0)
			continue;
		if (s->set->report && !s->no_report)
			write_status(s, k, report);
		k->open -= ended && k->open;
		if (ended && !k->open && k->held)
			release(s, k);
	}
}

void kube_subjects_due(struct kube_subjects *s)
{
	for (size_t i = 0; i < KUBE_SUBJECTS_MAX; i++)
		if (s->v[i].held && s->v[i].until <= now())
			release(s, &s->v[i]);
}
