/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the API of Kubernetes says, decoded: pure functions over untrusted
 * bytes.  Lists and watch events of version v1 ("Kubernetes API Concepts"); an
 * object is whole or a PartialObjectMetadata.
 */
#ifndef TRIGGER_KUBERNETES_EVENT_H
#define TRIGGER_KUBERNETES_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/json.h"

struct err;

enum {
	KUBE_VERSION_CHARS = 64, /* a resourceVersion, which is opaque */
	KUBE_CONTINUE_CHARS = 2048,
	KUBE_NAME_CHARS = 254, /* a DNS subdomain (RFC 1123) */
	KUBE_UID_CHARS = 64,
};

/*
 * Borrowed from ${j}, which it owns a reference to.  Names and versions have
 * no character that a path or a query would not take as it is.
 */
struct kube_object {
	json_t *j;
	const char *uid, *name;
	const char *space; /* "" = it is a node */
	const char *version;
	const json_t *labels, *annotations, *taints; /* NULL = none */
	bool cordoned;
	bool ending; /* it is being deleted */
	bool held; /* it has our finalizer */
};

enum kube_what {
	KUBE_THERE, /* added or modified */
	KUBE_GONE, /* deleted, or it does not match any more */
	KUBE_BOOKMARK, /* nothing but a version */
	KUBE_ERROR,
};

struct kube_event {
	enum kube_what what;
	struct kube_object object; /* of KUBE_THERE and KUBE_GONE */
	char version[KUBE_VERSION_CHARS]; /* "" = of KUBE_ERROR */
	int code; /* of KUBE_ERROR: an HTTP status */
};

/*
 * kube_event_decode(ret, text, len, e):
 * One line of a watch.  -EBADMSG: it is none; -ENOMEM.  End it with
 * kube_event_done().
 */
int kube_event_decode(struct kube_event *ret, const char *text, size_t len,
	struct err *e) MUST_CHECK;
void kube_event_done(struct kube_event *ev);

#define AUTO_KUBE_EVENT CLEANUP(kube_event_done)

/* A page of a list. */
struct kube_list {
	json_t *j;
	const json_t *items;
	char version[KUBE_VERSION_CHARS];
	char more[KUBE_CONTINUE_CHARS]; /* "" = it is the last page */
};

/*
 * kube_list_decode(ret, text, len, e), kube_list_item(ret, list, i, e):
 * A page, and one of its json_array_size(list->items) objects, which lives as
 * long as the list.  -EBADMSG: it is none; -ENOMEM.
 */
int kube_list_decode(struct kube_list *ret, const char *text, size_t len,
	struct err *e) MUST_CHECK;
int kube_list_item(struct kube_object *ret, const struct kube_list *list,
	size_t i, struct err *e) MUST_CHECK;
void kube_list_done(struct kube_list *l);

#define AUTO_KUBE_LIST CLEANUP(kube_list_done)

#endif
