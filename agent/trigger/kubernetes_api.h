/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the API of Kubernetes, with the token of the service account. */
#ifndef TRIGGER_KUBERNETES_API_H
#define TRIGGER_KUBERNETES_API_H

#include "base/http.h"
#include "base/json.h"
#include "trigger/kubernetes_event.h"

struct feed;
struct kubernetes_settings;

enum {
	KUBE_TOKEN_BYTES = 16 << 10,
	KUBE_URL_CHARS = 4096,
	KUBE_PAGE_OBJECTS = 10, /* of a list; an object has at most 1.5 MiB */
	KUBE_ANSWER_BYTES = 16 << 20,
	KUBE_CALL_SECONDS = 10,
	KUBE_STREAM_SECONDS = 300, /* asked for; the server ends it then */
};

struct kube_api {
	char base[KUBE_NAME_CHARS + 32]; /* "https://10.0.0.1:443" */
	const char *ca_file, *token_file, *node;
	struct http *calls;
};

/*
 * kube_api_open(a, set, f, e):
 * By ${set}, which is borrowed, and by what a pod is told.  -ENOENT: neither
 * names an API and a node.  Calls end when the watch of ${f} does.  End it
 * with kube_api_close(), after a failure too.
 */
int kube_api_open(struct kube_api *a, const struct kubernetes_settings *set,
	struct feed *f, struct err *e) MUST_CHECK;
void kube_api_close(struct kube_api *a);

/* A request and what it lies in; kube_request_done() wipes the token. */
struct kube_request {
	struct http_request rq;
	char url[KUBE_URL_CHARS];
	char auth[KUBE_TOKEN_BYTES + 32];
};

/*
 * kube_request_get(r, a, path, accept, e):
 * A GET of ${path}, with its query; ${accept} is a whole header that lasts as
 * long, or NULL.
 */
int kube_request_get(struct kube_request *r, const struct kube_api *a,
	const char *path, const char *accept, struct err *e) MUST_CHECK;
void kube_request_done(struct kube_request *r);

/*
 * kube_status(status, e):
 * 0 for 200; -EKEYEXPIRED 401, -EACCES 403, -ENOENT 404, -ESTALE 410, -EAGAIN
 * 429 and 5xx, else -EPROTO.
 */
int kube_status(int status, struct err *e) MUST_CHECK;

/*
 * kube_api_list(ret, a, path, accept, e):
 * A page of a list.
 */
int kube_api_list(struct kube_list *ret, struct kube_api *a, const char *path,
	const char *accept, struct err *e) MUST_CHECK;

/*
 * kube_api_patch(a, path, change, e):
 * A strategic merge patch; ${change} may be NULL: -ENOMEM.
 */
int kube_api_patch(struct kube_api *a, const char *path, const json_t *change,
	struct err *e) MUST_CHECK;

#endif
