/* SPDX-License-Identifier: Apache-2.0 */
/* What http_*.c share: one request over libcurl, in its steps. */
#ifndef BASE_HTTP_INTERNAL_H
#define BASE_HTTP_INTERNAL_H

#include <curl/curl.h>

#include "base/http.h"

struct http {
	CURL *curl;
	struct http_config config;
	char why[CURL_ERROR_SIZE];
	char tls[HTTP_TLS_CHARS];
	bool cleartext; /* this request is http:// */
	bool refused; /* the address, since it is */
	bool whole; /* the headers of the answer ended with their blank line */
	bool late; /* it broke off too late for that */
	bool stopped; /* the caller wants no answer any more */
	/* Of the request that is on its way. */
	const struct http_request *rq;
	struct http_answer *answer;
	size_t part, offset; /* of its body */
	struct curl_slist *headers;
	/* Takes the body as it comes, where it is set: 0, or it ends. */
	int (*take)(void *arg, const char *p, size_t len);
	void *take_arg;
	uint64_t began_ns;
};

/*
 * http_prepare(h, ret, rq, e), http_conclude(h, c, e):
 * What is before and after curl_easy_perform(), which returned ${c}; after a
 * failure of the first, too, with any code.
 */
int http_prepare(struct http *h, struct http_answer *ret,
	const struct http_request *rq, struct err *e) MUST_CHECK;
int http_conclude(struct http *h, CURLcode c, struct err *e) MUST_CHECK;

#endif
