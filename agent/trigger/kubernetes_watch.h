/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One collection of Kubernetes, listed and then watched for as long as the
 * watch lasts: a stream that ended goes on after the last version that was
 * seen; when that is too old (410) the list is taken again.
 */
#ifndef TRIGGER_KUBERNETES_WATCH_H
#define TRIGGER_KUBERNETES_WATCH_H

#include "base/http_stream.h"
#include "trigger/bell.h"
#include "trigger/kubernetes_api.h"

enum {
	KUBE_LINE_BYTES = 4 << 20, /* an event: two objects' worth */
	KUBE_BACK_OFF_FIRST_MS = 250,
	KUBE_BACK_OFF_MS = 30000,
	KUBE_TEXT_CHARS = 112,
};

struct kube_watch {
	/* Of the caller. */
	const char *name; /* "pods" */
	const char *select; /* "/api/v1/pods?fieldSelector=..." */
	const char *accept_list, *accept; /* headers, or NULL */
	/* An object is there, or is gone. */
	void (*there)(void *arg, const struct kube_object *o);
	void (*gone)(void *arg, const struct kube_object *o);
	/* A list begins: what is not in it is gone when it ends. */
	void (*begin)(void *arg);
	void (*end)(void *arg);
	void *arg;
	/* How it is. */
	enum feed_state state;
	char text[KUBE_TEXT_CHARS];
	/* Its own. */
	struct kube_api *api;
	struct http_stream stream;
	struct kube_request rq;
	char version[KUBE_VERSION_CHARS]; /* "" = list first */
	bool going, broken;
	unsigned back_off_ms;
	uint64_t due_ms;
};

/*
 * kube_watch_open(w, api, f, e), kube_watch_close(w, all):
 * Close it before ${all} is freed.
 */
int kube_watch_open(struct kube_watch *w, struct kube_api *api, struct feed *f,
	struct err *e) MUST_CHECK;
void kube_watch_close(struct kube_watch *w, struct http_streams *all);

/*
 * kube_watch_step(w, all):
 * Do what is due, and return how many ms there is nothing to do for.
 */
unsigned kube_watch_step(struct kube_watch *w, struct http_streams *all);

#endif
