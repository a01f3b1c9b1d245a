// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "base/http.h"
#include "base/log.h"
#include "capture/tsa.h"
#include "evidence/timestamp.h"

struct tsa {
	const char *url;
	STACK_OF(X509) * authorities; /* NULL = tokens of anybody are kept */
	struct http *http;
};

int tsa_open(struct tsa **ret, const struct tsa_config *config, struct err *e)
{
	const struct http_config http = {
		.cleartext = true,
		.connect_seconds = TSA_CONNECT_SECONDS,
		.stall_seconds = TSA_WHOLE_SECONDS,
		.whole_seconds = TSA_WHOLE_SECONDS,
	};
	struct tsa *t;
	int r = 0;

	if (strncasecmp(config->url, "http://", 7) != 0 &&
		strncasecmp(config->url, "https://", 8) != 0)
		return err_set(e, -EINVAL,
			"time-stamp authority '%.200s' is no http:// or https:// URL",
			config->url);
	t = calloc(1, sizeof(*t));
	if (!t)
		return err_set(e, -ENOMEM, "no memory for an authority");
	t->url = config->url;
	if (config->ca_file)
		r = certs_load(&t->authorities, config->ca_file, e);
	if (r == 0)
		r = http_new(&t->http, &http, e);
	if (r < 0) {
		tsa_close(t);
		return err_wrap(e, r, "time-stamp authority");
	}
	*ret = t;
	return 0;
}

void tsa_close(struct tsa *t)
{
	if (!t)
		return;
	http_free(t->http);
	certs_free(t->authorities);
	free(t);
}

static int post(struct http_answer *a, struct tsa *t, const struct buf *request,
	struct err *e)
{
	const struct http_request rq = {
		.method = "POST",
		.url = t->url,
		.headers = { "Content-Type: application/timestamp-query",
			"Accept: application/timestamp-reply" },
		.headers_n = 2,
		.body = { { request->data, request->len } },
		.body_n = 1,
	};
	int r = http_do(t->http, a, &rq, e);

	if (r == 0 && a->status != 200)
		r = err_set(e, -EPROTO, "it answers %d", a->status);
	return r;
}

static int get(struct tsa *t, struct buf *token, const struct buf *request,
	const uint8_t *signature, struct err *e)
{
	struct timestamp_trust trust = { .authorities = t->authorities };
	AUTO_ANSWER struct http_answer a = { 0 };
	struct timestamp_info info;
	int r;

	http_answer_init(&a, TIMESTAMP_REPLY_MAX_BYTES);
	r = post(&a, t, request, e);
	if (r == 0)
		r = timestamp_accept(token, request, &a.body, e);
	if (r == 0)
		r = timestamp_verify(&info, token, signature,
			t->authorities ? &trust : NULL, e);
	return r;
}

static int ask(void *arg, struct buf *token, const struct buf *request,
	const uint8_t *signature)
{
	struct err e = { 0 };
	int r = get(arg, token, request, signature, &e);

	if (r < 0)
		log_warn("no time stamp; its request is kept url=%s error=\"%s\"",
			((struct tsa *)arg)->url, e.msg);
	return r;
}

struct stream_tsa tsa_stream(struct tsa *t)
{
	return t ? (struct stream_tsa){ ask, t } : (struct stream_tsa){ 0 };
}
