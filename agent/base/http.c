// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>

#include <openssl/ssl.h>

#include "base/authorities.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/http_internal.h"
#include "base/wipe.h"

enum {
	UPLOAD_BUFFER_BYTES = 256 << 10,
	STALL_BYTES_PER_SECOND = 1024,
	KEEP_ALIVE_SECONDS = 30,
	/* A kept connection that turns out to be dead within this time is
	 * replaced by libcurl itself, and nobody is told. */
	QUIET_MS = 1000,
};

static uint64_t waited_ms(const struct http *h)
{
	return (clock_ns(CLOCK_MONOTONIC) - h->began_ns) / 1000000;
}

/* What libcurl frees had keys, tokens and addresses in it. */
static void *wipe_realloc(void *p, size_t n)
{
	size_t had = p ? malloc_usable_size(p) : 0;
	void *q = malloc(n ? n : 1);

	if (!q)
		return NULL;
	if (p)
		memcpy(q, p, had < n ? had : n);
	wipe_free(p);
	return q;
}

static CURLcode started;

static void start_once(void)
{
	started = curl_global_init_mem(CURL_GLOBAL_ALL, malloc, wipe_free,
		wipe_realloc, strdup, calloc);
}

static size_t body_bytes(const struct http_request *rq)
{
	size_t sum = 0;

	for (size_t i = 0; i < rq->body_n; i++)
		sum += rq->body[i].iov_len;
	return sum;
}

static size_t on_read(char *to, size_t size, size_t n, void *arg)
{
	struct http *h = arg;
	size_t room = size * n, put = 0;

	while (put < room && h->part < h->rq->body_n) {
		const struct iovec *v = &h->rq->body[h->part];
		size_t len = v->iov_len - h->offset;

		len = len > room - put ? room - put : len;
		memcpy(to + put, (const char *)v->iov_base + h->offset, len);
		put += len;
		h->offset += len;
		if (h->offset == v->iov_len) {
			h->offset = 0;
			if (++h->part == h->rq->body_n)
				h->answer->copies++;
		}
	}
	return put;
}

/* libcurl rewinds, and goes nowhere else. */
static int on_seek(void *arg, curl_off_t offset, int origin)
{
	struct http *h = arg;

	if (offset != 0 || origin != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	/* Who waited so long for nothing should know: it ends here. */
	h->late = waited_ms(h) > QUIET_MS;
	if (h->late)
		return CURL_SEEKFUNC_FAIL;
	h->part = h->offset = 0;
	return CURL_SEEKFUNC_OK;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct http *h = arg;

	if (h->take)
		return h->take(h->take_arg, p, size * n) < 0 ? 0 : size * n;
	return buf_append(&h->answer->body, p, size * n, NULL) < 0 ? 0 : size * n;
}

static void note_tls(struct http *h)
{
	struct curl_tlssessioninfo *info = NULL;
	const SSL *ssl;

	if (curl_easy_getinfo(h->curl, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK ||
		info->backend != CURLSSLBACKEND_OPENSSL || !info->internals)
		return;
	ssl = info->internals;
	(void)snprintf(h->tls, sizeof(h->tls), "%s %s", SSL_get_version(ssl),
		SSL_get_cipher_name(ssl));
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct http *h = arg;
	struct buf *to = &h->answer->headers;

	h->whole = size * n <= 2 && (*p == '\r' || *p == '\n');
	if (size * n > 5 && memcmp(p, "HTTP/", 5) == 0) {
		to->len = 0;
		note_tls(h);
	}
	return buf_append(to, p, size * n, NULL) < 0 ? 0 : size * n;
}

static int on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	unsigned ms = HTTP_UNACKNOWLEDGED_SECONDS * 1000;

	(void)arg;
	(void)purpose;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
	return CURL_SOCKOPT_OK;
}

static int on_progress(void *arg, curl_off_t down_of, curl_off_t down,
	curl_off_t up_of, curl_off_t up)
{
	struct http *h = arg;

	(void)down_of;
	(void)down;
	(void)up_of;
	(void)up;
	h->stopped = h->config.stop(h->config.stop_arg);
	return h->stopped;
}

static bool is_link_local(const struct curl_sockaddr *a)
{
	static const uint8_t ec2[4] = { 0xfd, 0x00, 0x0e, 0xc2 };
	const void *p = &a->addr;

	if (a->family == AF_INET) {
		const struct sockaddr_in *in = p;

		return ntohl(in->sin_addr.s_addr) >> 16 == (169 << 8 | 254);
	}
	return a->family == AF_INET6 &&
	       memcmp(&((const struct sockaddr_in6 *)p)->sin6_addr, ec2,
		       sizeof(ec2)) == 0;
}

static bool is_loopback(const struct curl_sockaddr *a)
{
	const void *p = &a->addr;

	if (a->family == AF_INET) {
		const struct sockaddr_in *in = p;

		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	}
	return a->family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)p)->sin6_addr);
}

static curl_socket_t on_open(
	void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct http *h = arg;

	(void)purpose;
	if (h->cleartext && !h->config.cleartext && !is_loopback(a) &&
		!(h->config.link_local && is_link_local(a))) {
		h->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static void set_text(struct http *h, CURLoption option, const char *text)
{
	if (text)
		(void)curl_easy_setopt(h->curl, option, text);
}

/*
 * The bound holds while a name is looked up, too: libcurl would wait for the
 * thread that does it, for as long as the resolver tries, unless it may leave
 * it behind (since 7.87).
 */
static void set_whole(CURL *u, unsigned seconds)
{
	if (!seconds)
		return;
	(void)curl_easy_setopt(u, CURLOPT_TIMEOUT, (long)seconds);
#if LIBCURL_VERSION_NUM >= 0x075700
	(void)curl_easy_setopt(u, CURLOPT_QUICK_EXIT, 1L);
#endif
}

/* What holds for every request of this connection. */
static void set_up(struct http *h)
{
	const struct http_config *c = &h->config;
	CURL *u = h->curl;

	(void)curl_easy_setopt(u, CURLOPT_ERRORBUFFER, h->why);
	(void)curl_easy_setopt(u, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(u, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(u, CURLOPT_PROXY, c->proxy ? c->proxy : "");
	(void)curl_easy_setopt(u, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	set_text(h, CURLOPT_CAINFO, c->ca_file ? c->ca_file : authorities_find());
	if (c->ca_file)
		(void)curl_easy_setopt(u, CURLOPT_CAPATH, NULL);
	set_text(h, CURLOPT_PINNEDPUBLICKEY, c->pin);
	set_text(h, CURLOPT_SSLCERT, c->client_cert);
	set_text(h, CURLOPT_SSLKEY, c->client_key);
	(void)curl_easy_setopt(u, CURLOPT_CONNECTTIMEOUT,
		(long)(c->connect_seconds ? c->connect_seconds
					  : HTTP_CONNECT_SECONDS));
	(void)curl_easy_setopt(
		u, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_BYTES_PER_SECOND);
	(void)curl_easy_setopt(u, CURLOPT_LOW_SPEED_TIME,
		(long)(c->stall_seconds ? c->stall_seconds : HTTP_STALL_SECONDS));
	set_whole(u, c->whole_seconds);
	(void)curl_easy_setopt(
		u, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER_BYTES);
	(void)curl_easy_setopt(u, CURLOPT_TCP_KEEPALIVE, 1L);
	(void)curl_easy_setopt(u, CURLOPT_TCP_KEEPIDLE, (long)KEEP_ALIVE_SECONDS);
	if (c->stop) {
		(void)curl_easy_setopt(u, CURLOPT_NOPROGRESS, 0L);
		(void)curl_easy_setopt(u, CURLOPT_XFERINFOFUNCTION, on_progress);
		(void)curl_easy_setopt(u, CURLOPT_XFERINFODATA, h);
	}
	(void)curl_easy_setopt(u, CURLOPT_READFUNCTION, on_read);
	(void)curl_easy_setopt(u, CURLOPT_READDATA, h);
	(void)curl_easy_setopt(u, CURLOPT_SEEKFUNCTION, on_seek);
	(void)curl_easy_setopt(u, CURLOPT_SEEKDATA, h);
	(void)curl_easy_setopt(u, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(u, CURLOPT_WRITEDATA, h);
	(void)curl_easy_setopt(u, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(u, CURLOPT_HEADERDATA, h);
	(void)curl_easy_setopt(u, CURLOPT_SOCKOPTFUNCTION, on_socket);
	(void)curl_easy_setopt(u, CURLOPT_SOCKOPTDATA, h);
	(void)curl_easy_setopt(u, CURLOPT_OPENSOCKETFUNCTION, on_open);
	(void)curl_easy_setopt(u, CURLOPT_OPENSOCKETDATA, h);
}

int http_new(struct http **ret, const struct http_config *config, struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct http *h;

	(void)pthread_once(&once, start_once);
	h = calloc(1, sizeof(*h));
	if (h && started == CURLE_OK)
		h->curl = curl_easy_init();
	if (!h || !h->curl) {
		http_free(h);
		return err_set(e, -ENOMEM, "no memory for a connection");
	}
	h->config = *config;
	set_up(h);
	*ret = h;
	return 0;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	if (h->curl)
		curl_easy_cleanup(h->curl);
	free(h);
}

const char *http_tls(const struct http *h)
{
	return h->tls;
}

static int set_request(struct http *h, struct curl_slist *headers, struct err *e)
{
	const struct http_request *rq = h->rq;
	long upload = rq->body_n > 0;

	h->cleartext = strncasecmp(rq->url, "http://", 7) == 0;
	if (!h->cleartext && strncasecmp(rq->url, "https://", 8) != 0)
		return err_set(e, -EINVAL, "neither https:// nor http://");
	(void)curl_easy_setopt(h->curl, CURLOPT_UPLOAD, upload);
	if (!upload)
		(void)curl_easy_setopt(h->curl, CURLOPT_HTTPGET, 1L);
	(void)curl_easy_setopt(h->curl, CURLOPT_NOBODY,
		(long)(strcmp(rq->method, "HEAD") == 0));
	(void)curl_easy_setopt(
		h->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)body_bytes(rq));
	(void)curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, headers);
	if (curl_easy_setopt(h->curl, CURLOPT_CUSTOMREQUEST, rq->method) !=
			CURLE_OK ||
		curl_easy_setopt(h->curl, CURLOPT_URL, rq->url) != CURLE_OK)
		return err_set(e, -ENOMEM, "no memory for a request");
	return 0;
}

static int tell(const struct http *h, CURLcode c, struct err *e)
{
	const char *why = h->why[0] ? h->why : curl_easy_strerror(c);

	if (h->stopped)
		return err_set(e, -EINTR, "it was given up");
	if (h->late)
		return err_set(e, -EAGAIN, "the connection broke off");
	if (h->refused)
		return err_set(e, -EPERM,
			"http:// is for loopback only; use https://");
	switch (c) {
	case CURLE_OK:
		/* libcurl takes headers that break off for all of them. */
		return h->whole ? 0
				: err_set(e, -EAGAIN, "the answer is cut short");
	case CURLE_WRITE_ERROR:
#if LIBCURL_VERSION_NUM >= 0x080600
	case CURLE_TOO_LARGE:
#endif
		return err_set(e, -EMSGSIZE, "the answer is too large");
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_SSL_ISSUER_ERROR:
		return err_set(e, -EKEYREJECTED, "%s", why);
	case CURLE_URL_MALFORMAT:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
		return err_set(e, -EINVAL, "%s", why);
	case CURLE_OUT_OF_MEMORY:
		/* libcurl says so of a header past its own bound, too. */
		return h->answer->headers.len
			       ? err_set(e, -EMSGSIZE, "the answer is too large")
			       : err_set(e, -ENOMEM, "no memory for a request");
	default:
		return err_set(e, -EAGAIN, "%s", why);
	}
}

static int add_headers(struct curl_slist **list, const struct http_request *rq)
{
	/* No waiting for leave to send; no guess at the type. */
	static const char *const plain[] = { "Expect:", "Accept:" };

	for (size_t i = 0; i < ARRAY_LEN(plain) + rq->headers_n; i++) {
		const char *text = i < ARRAY_LEN(plain)
					   ? plain[i]
					   : rq->headers[i - ARRAY_LEN(plain)];
		struct curl_slist *longer = curl_slist_append(*list, text);

		if (!longer)
			return -ENOMEM;
		*list = longer;
	}
	return 0;
}

int http_prepare(struct http *h, struct http_answer *ret,
	const struct http_request *rq, struct err *e)
{
	h->rq = rq;
	h->answer = ret;
	h->part = h->offset = 0;
	h->refused = h->whole = h->late = h->stopped = false;
	h->began_ns = clock_ns(CLOCK_MONOTONIC);
	h->why[0] = 0;
	ret->status = 0;
	ret->copies = 0;
	ret->body.len = ret->headers.len = 0;
	if (add_headers(&h->headers, rq) < 0)
		return err_set(e, -ENOMEM, "no memory for a request");
	return set_request(h, h->headers, e);
}

int http_conclude(struct http *h, CURLcode c, struct err *e)
{
	long status = 0;
	int r = tell(h, c, e);

	(void)curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
	h->answer->status = (int)status;
	if (!h->rq->body_n && status)
		h->answer->copies = 1;
	(void)curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(h->headers);
	h->headers = NULL;
	return r;
}

int http_do(struct http *h, struct http_answer *ret,
	const struct http_request *rq, struct err *e)
{
	int r = http_prepare(h, ret, rq, e), done;

	if (r == 0)
		return http_conclude(h, curl_easy_perform(h->curl), e);
	done = http_conclude(h, CURLE_OK, NULL);
	(void)done;
	return r;
}
