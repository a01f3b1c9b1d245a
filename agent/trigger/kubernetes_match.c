// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "trigger/kubernetes.h"
#include "trigger/kubernetes_event.h"
#include "trigger/kubernetes_match.h"
#include "trigger/seen.h"

/* One look at an object. */
struct look {
	struct seen *seen;
	struct feed *f;
	struct trigger_event like;
	size_t new;
};

void kube_prefix(char ret[KUBE_PREFIX_CHARS], const struct kube_object *o)
{
	(void)snprintf(ret, KUBE_PREFIX_CHARS, "%s/%s/",
		o->space[0] ? "pod" : "node", o->uid);
}

/* The word of the settings that names it, "KEY" or "KEY=VALUE". */
static bool wanted(
	const struct trigger_words *words, const char *key, const char *value)
{
	for (size_t i = 0; i < words->n; i++) {
		size_t n = strcspn(words->v[i], "=");

		if (strlen(key) == n && memcmp(words->v[i], key, n) == 0 &&
			(!words->v[i][n] ||
				strcmp(words->v[i] + n + 1, value) == 0))
			return true;
	}
	return false;
}

static void ring(
	struct look *l, const char *kind, const char *name, const char *value)
{
	l->new += seen_value(
		l->seen, l->f, &l->like, kind, name, value, strlen(value));
}

static void match_map(struct look *l, const char *kind, const json_t *map,
	const struct trigger_words *words)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)map, key,
		v) if (json_is_string(v) &&
		       wanted(words, key, json_string_value(v)))
		ring(l, kind, key, json_string_value(v));
}

static void match_taints(
	struct look *l, const json_t *taints, const struct trigger_words *words)
{
	const json_t *taint;
	size_t i;

	json_array_foreach(taints, i, taint)
	{
		const char *key =
			json_string_value(json_object_get(taint, "key"));
		const char *value =
			json_string_value(json_object_get(taint, "value"));

		if (key && wanted(words, key, value ? value : ""))
			ring(l, "taint", key, value ? value : "");
	}
}

size_t kube_match(struct seen *seen, struct feed *f,
	const struct kubernetes_settings *set, const struct kube_object *o)
{
	struct look l = { .seen = seen, .f = f };
	bool pod = o->space[0] != 0;

	kube_prefix(l.like.key, o);
	(void)snprintf(l.like.reason, sizeof(l.like.reason),
		"%s %.60s%s%.80s: ", pod ? "pod" : "node", o->space,
		pod ? "/" : "", o->name);
	if (pod)
		(void)snprintf(l.like.pod, sizeof(l.like.pod), "%.63s/%s",
			o->space, o->name);
	seen_begin(seen, l.like.key);
	match_map(&l, "annotation", o->annotations,
		pod ? &set->pod_annotation : &set->node_annotation);
	match_map(&l, "label", o->labels,
		pod ? &set->pod_label : &set->node_label);
	if (!pod) {
		match_taints(&l, o->taints, &set->node_taint);
		if (set->cordon && o->cordoned)
			ring(&l, "cordon", "unschedulable", "true");
	}
	seen_end(seen, f, l.like.key);
	return l.new;
}
