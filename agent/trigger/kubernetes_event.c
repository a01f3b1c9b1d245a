// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "trigger/kubernetes.h"
#include "trigger/kubernetes_event.h"

/* What goes into a path or a query: bounded, and nothing that means a thing
 * there. */
static bool is_word(const char *s, size_t cap)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~=";

	return strnlen(s, cap) < cap && s[strspn(s, chars)] == 0 &&
	       strcmp(s, ".") != 0 && strcmp(s, "..") != 0;
}

/* The word that ${key} of ${j} is; "" when there is none, NULL when it is no
 * such word. */
static const char *get_word(const json_t *j, const char *key, size_t cap)
{
	const json_t *v = json_object_get(j, key);
	const char *s = json_string_value(v);

	if (!v || json_is_null(v))
		return "";
	return s && is_word(s, cap) ? s : NULL;
}

static bool is_held(const json_t *finalizers)
{
	const json_t *v;
	size_t i;

	json_array_foreach(finalizers, i,
		v) if (json_is_string(v) &&
		       strcmp(json_string_value(v), KUBERNETES_HOLD) ==
			       0) return true;
	return false;
}

static const json_t *get_object(const json_t *j, const char *key)
{
	const json_t *v = json_object_get(j, key);

	return json_is_object(v) ? v : NULL;
}

static int decode_object(struct kube_object *ret, json_t *j, struct err *e)
{
	const json_t *meta = json_object_get(j, "metadata");
	const json_t *spec = json_object_get(j, "spec");
	const json_t *end = json_object_get(meta, "deletionTimestamp");
	struct kube_object o = {
		.uid = get_word(meta, "uid", KUBE_UID_CHARS),
		.name = get_word(meta, "name", KUBE_NAME_CHARS),
		.space = get_word(meta, "namespace", KUBE_NAME_CHARS),
		.version = get_word(meta, "resourceVersion", KUBE_VERSION_CHARS),
		.labels = get_object(meta, "labels"),
		.annotations = get_object(meta, "annotations"),
		.taints = json_object_get(spec, "taints"),
		.cordoned = json_is_true(json_object_get(spec, "unschedulable")),
		.ending = json_is_string(end),
		.held = is_held(json_object_get(meta, "finalizers")),
	};

	if (!o.uid || !o.uid[0] || !o.name || !o.name[0] || !o.space ||
		!o.version || !o.version[0])
		return err_set(e, -EBADMSG,
			"an object without a name, a uid or a version");
	o.j = json_incref(j);
	*ret = o;
	return 0;
}

static const struct type {
	const char *name;
	enum kube_what what;
} types[] = {
	{ "ADDED", KUBE_THERE },
	{ "MODIFIED", KUBE_THERE },
	{ "DELETED", KUBE_GONE },
	{ "BOOKMARK", KUBE_BOOKMARK },
	{ "ERROR", KUBE_ERROR },
};

static const struct type *find_type(const json_t *j)
{
	const char *name = json_string_value(json_object_get(j, "type"));

	for (size_t i = 0; name && i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

int kube_event_decode(
	struct kube_event *ret, const char *text, size_t len, struct err *e)
{
	AUTO_JSON json_t *j = NULL;
	struct kube_event ev = { .code = 0 };
	const struct type *type;
	const char *version;
	json_t *object;
	int r = json_decode(&j, text, len, e);

	if (r < 0)
		return r;
	type = find_type(j);
	object = json_object_get(j, "object");
	if (!type || !json_is_object(object))
		return err_set(e, -EBADMSG, "not an event of a watch");
	ev.what = type->what;
	if (ev.what == KUBE_ERROR) {
		ev.code =
			(int)json_integer_value(json_object_get(object, "code"));
		*ret = ev;
		return 0;
	}
	version = get_word(json_object_get(object, "metadata"),
		"resourceVersion", sizeof(ev.version));
	if (!version || !version[0])
		return err_set(e, -EBADMSG, "an event without a version");
	(void)snprintf(ev.version, sizeof(ev.version), "%s", version);
	if (ev.what != KUBE_BOOKMARK)
		r = decode_object(&ev.object, object, e);
	if (r == 0)
		*ret = ev;
	return r;
}

void kube_event_done(struct kube_event *ev)
{
	json_decref(ev->object.j);
	ev->object.j = NULL;
}

int kube_list_decode(
	struct kube_list *ret, const char *text, size_t len, struct err *e)
{
	struct kube_list l = { .j = NULL };
	const char *version, *more;
	const json_t *meta;
	int r = json_decode(&l.j, text, len, e);

	if (r < 0)
		return r;
	meta = json_object_get(l.j, "metadata");
	l.items = json_object_get(l.j, "items");
	version = get_word(meta, "resourceVersion", sizeof(l.version));
	more = get_word(meta, "continue", sizeof(l.more));
	/* Go writes an empty list as null, at times. */
	if (!version || !version[0] || !more ||
		(!json_is_array(l.items) && !json_is_null(l.items))) {
		kube_list_done(&l);
		return err_set(e, -EBADMSG, "not a list");
	}
	(void)snprintf(l.version, sizeof(l.version), "%s", version);
	(void)snprintf(l.more, sizeof(l.more), "%s", more);
	*ret = l;
	return 0;
}

int kube_list_item(struct kube_object *ret, const struct kube_list *list,
	size_t i, struct err *e)
{
	int r = decode_object(ret, json_array_get(list->items, i), e);

	/* The list's own reference is enough. */
	if (r == 0)
		json_decref(ret->j);
	return r;
}

void kube_list_done(struct kube_list *l)
{
	json_decref(l->j);
	l->j = NULL;
}
