// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/wipe.h"
#include "trigger/bell.h"
#include "trigger/kubernetes.h"
#include "trigger/kubernetes_api.h"

#define ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount/"

enum { PATCH_BYTES = 16 << 10 };

static bool stop(void *arg)
{
	return feed_ends(arg);
}

/* Of IPv6 in brackets, as a URL has it. */
static int find_base(struct kube_api *a, const char *url, struct err *e)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST");
	const char *port = getenv("KUBERNETES_SERVICE_PORT");
	int n;

	if (url)
		n = snprintf(a->base, sizeof(a->base), "%s", url);
	else if (!host || !*host)
		return err_set(e, -ENOENT,
			"not in a pod: there is no KUBERNETES_SERVICE_HOST");
	else
		n = snprintf(a->base, sizeof(a->base),
			strchr(host, ':') ? "https://[%s]:%s" : "https://%s:%s",
			host, port && *port ? port : "443");
	if (n < 0 || (size_t)n >= sizeof(a->base))
		return err_set(e, -EINVAL, "an API URL of %d characters", n);
	return 0;
}

static bool is_name(const char *s)
{
	return s && *s && strlen(s) < KUBE_NAME_CHARS &&
	       !s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789.-")];
}

int kube_api_open(struct kube_api *a, const struct kubernetes_settings *set,
	struct feed *f, struct err *e)
{
	struct http_config config = {
		.whole_seconds = KUBE_CALL_SECONDS,
		.stop = stop,
		.stop_arg = f,
	};
	int r;

	*a = (struct kube_api){
		.ca_file = set->ca_file ? set->ca_file : ACCOUNT "ca.crt",
		.token_file = set->token_file ? set->token_file : ACCOUNT "token",
		.node = set->node ? set->node : getenv("NODE_NAME"),
	};
	r = find_base(a, set->api, e);
	if (r == 0 && !is_name(a->node))
		r = err_set(e, -ENOENT,
			"which node this is, is told by neither 'node' nor "
			"NODE_NAME");
	if (r < 0)
		return r;
	config.ca_file = a->ca_file;
	return http_new(&a->calls, &config, e);
}

void kube_api_close(struct kube_api *a)
{
	http_free(a->calls);
	a->calls = NULL;
}

static int add_token(struct kube_request *r, const char *path, struct err *e)
{
	struct buf b = { 0 };
	size_t n = 0;
	int done;

	buf_init(&b, KUBE_TOKEN_BYTES);
	done = io_slurp(AT_FDCWD, path, &b, e);
	while (done == 0 && n < b.len && isgraph(b.data[n]))
		n++;
	if (done == 0 && !n)
		done = err_set(e, -EACCES, "no token in %s", path);
	if (done == 0)
		(void)snprintf(r->auth, sizeof(r->auth),
			"Authorization: Bearer %.*s", (int)n,
			(const char *)b.data);
	if (b.data)
		explicit_bzero(b.data, b.cap);
	buf_done(&b);
	return done;
}

int kube_request_get(struct kube_request *r, const struct kube_api *a,
	const char *path, const char *accept, struct err *e)
{
	int n = snprintf(r->url, sizeof(r->url), "%s%s", a->base, path);
	int done;

	r->rq = (struct http_request){ .method = "GET", .url = r->url };
	if (n < 0 || (size_t)n >= sizeof(r->url))
		return err_set(e, -EPROTO, "a URL of %d characters", n);
	done = add_token(r, a->token_file, e);
	if (done < 0)
		return done;
	r->rq.headers[r->rq.headers_n++] = r->auth;
	if (accept)
		r->rq.headers[r->rq.headers_n++] = accept;
	return 0;
}

void kube_request_done(struct kube_request *r)
{
	explicit_bzero(r->auth, sizeof(r->auth));
}

int kube_status(int status, struct err *e)
{
	static const struct {
		int status, code;
		const char *why;
	} known[] = {
		{ 401, -EKEYEXPIRED, "the token is not accepted (401)" },
		{ 403, -EACCES, "the role does not allow it (403)" },
		{ 404, -ENOENT, "it is not there (404)" },
		{ 410, -ESTALE, "that version is too old (410)" },
	};

	if (status == 200)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].status == status)
			return err_set(e, known[i].code, "%s", known[i].why);
	return err_set(e, status == 429 || status >= 500 ? -EAGAIN : -EPROTO,
		"the API answers %d", status);
}

/* One call and its answer, of status 200. */
static int call(struct http_answer *answer, struct kube_api *a,
	struct kube_request *rq, struct err *e)
{
	int r = http_do(a->calls, answer, &rq->rq, e);

	kube_request_done(rq);
	return r < 0 ? r : kube_status(answer->status, e);
}

int kube_api_list(struct kube_list *ret, struct kube_api *a, const char *path,
	const char *accept, struct err *e)
{
	AUTO_ANSWER struct http_answer answer = { 0 };
	struct kube_request rq;
	int r;

	http_answer_init(&answer, KUBE_ANSWER_BYTES);
	r = kube_request_get(&rq, a, path, accept, e);
	if (r == 0)
		r = call(&answer, a, &rq, e);
	if (r == 0)
		r = kube_list_decode(ret, (const char *)answer.body.data,
			answer.body.len, e);
	return r;
}

int kube_api_patch(struct kube_api *a, const char *path, const json_t *change,
	struct err *e)
{
	AUTO_ANSWER struct http_answer answer = { 0 };
	AUTO_BUF struct buf text = { 0 };
	struct kube_request rq = { .rq = { .method = NULL } };
	int r;

	http_answer_init(&answer, KUBE_ANSWER_BYTES);
	buf_init(&text, PATCH_BYTES);
	r = json_encode(&text, change, JSON_COMPACT, e);
	if (r == 0)
		r = kube_request_get(&rq, a, path, NULL, e);
	if (r < 0)
		return r;
	rq.rq.method = "PATCH";
	rq.rq.headers[rq.rq.headers_n++] =
		"Content-Type: application/strategic-merge-patch+json";
	rq.rq.body[rq.rq.body_n++] = (struct iovec){ text.data, text.len };
	return call(&answer, a, &rq, e);
}
