// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/wipe.h"
#include "cloud/answer.h"
#include "cloud/store_internal.h"

struct store {
	struct store_config config;
	struct credentials_config where;
	struct url url;
	struct credentials *credentials; /* NULL = none */
	atomic_int_fast64_t skew_seconds;
};

static int64_t now_seconds(void)
{
	return (int64_t)(clock_ns(CLOCK_REALTIME) / 1000000000);
}

/* How a kind of ticket is used with a kind of store. */
static const struct {
	enum url_kind store;
	int ticket; /* enum ticket_kind, -1 = none */
	int (*make)(struct call *c, struct err *e);
} ways[] = {
	{ URL_S3, TICKET_KEYS, store_by_keys },
	{ URL_S3, TICKET_POST, store_by_policy },
	{ URL_S3, TICKET_PRESIGNED, store_by_presigned },
	{ URL_GS, TICKET_KEYS, store_by_keys },
	{ URL_AZURE, TICKET_SAS, store_by_azure },
	{ URL_AZURE, TICKET_BEARER, store_by_azure },
	{ URL_HTTP, TICKET_BEARER, store_by_http },
	{ URL_HTTP, -1, store_by_http },
};

static int make_call(struct call *c, struct err *e)
{
	int kind = c->ticket ? (int)c->ticket->kind : -1;

	if (c->op == STORE_VERSIONS &&
		(c->url->kind != URL_S3 || kind != TICKET_KEYS))
		return err_set(e, -EOPNOTSUPP, "no versions here");
	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		if (ways[i].store == c->url->kind && ways[i].ticket == kind)
			return ways[i].make(c, e);
	return err_set(e, -EINVAL, "%s is no ticket for this kind of store",
		kind < 0 ? "nothing" : ticket_kind_name(c->ticket->kind));
}

static bool needs_ticket(const struct store *s)
{
	return s->url.kind != URL_HTTP || s->config.ticket_file ||
	       s->config.ticket_fd >= 0 || s->config.role > ROLE_NONE;
}

static int default_role(const struct store *s)
{
	if (s->config.role >= 0)
		return s->config.role;
	if (s->url.kind == URL_S3)
		return (int)role_guess();
	return s->url.kind == URL_AZURE ? ROLE_AZURE : ROLE_NONE;
}

static int open_credentials(struct store *s, struct err *e)
{
	bool given = s->config.ticket_file || s->config.ticket_fd >= 0;

	s->where = (struct credentials_config){
		.file = s->config.ticket_file,
		.fd = s->config.ticket_fd,
		.role = given ? ROLE_NONE : (enum role)default_role(s),
		.metadata = s->config.metadata,
		.region = s->url.region[0] ? s->url.region : "us-east-1",
		.http = &s->config.http,
	};
	if (!given && s->where.role == ROLE_NONE)
		return err_set(e, -EINVAL, "it needs a ticket: --ticket FILE");
	return credentials_open(&s->credentials, &s->where, e);
}

int store_open(struct store **ret, const char *url,
	const struct store_config *config, struct err *e)
{
	struct store *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return err_set(e, -ENOMEM, "no memory for a store");
	s->config = *config;
	r = url_parse(&s->url, url, &config->url, e);
	if (r == 0 && needs_ticket(s))
		r = open_credentials(s, e);
	if (r < 0) {
		store_close(s);
		return r;
	}
	*ret = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	credentials_close(s->credentials);
	free(s);
}

int store_connect(struct http **ret, const struct store *s, struct err *e)
{
	return http_new(ret, &s->config.http, e);
}

static int set_path(struct call *c, struct err *e)
{
	char prefix[3 * URL_PREFIX_CHARS];
	int n = url_encode(prefix, sizeof(prefix), c->url->prefix);

	if (n >= 0)
		n = snprintf(c->path, sizeof(c->path), "%s%s%s/%s",
			url_path(c->url), *prefix ? "/" : "", prefix,
			c->object->key);
	return n < 0 || n >= (int)sizeof(c->path)
		       ? err_set(e, -ENAMETOOLONG, "prefix or name too long")
		       : 0;
}

/* Learn the store's clock where ours is too far off to be believed. */
static int learn_clock(
	struct store *s, const struct http_answer *a, struct store_trace *trace)
{
	int64_t theirs = http_date(a), was = s->skew_seconds;

	if (!theirs)
		return -EPROTO;
	s->skew_seconds = theirs - now_seconds();
	trace->skewed = true;
	/* If it was signed by that clock already, it helps no more. */
	return was && llabs((long long)(s->skew_seconds - was)) < 60 ? -EPROTO
								     : -EAGAIN;
}

static int finish(struct store *s, const struct ticket *t,
	const struct http_answer *a, struct store_trace *trace, struct err *e)
{
	int r = answer_result(a, e);

	trace->retry_after_seconds = answer_retry_after(a);
	if (r == -ETIME)
		return learn_clock(s, a, trace);
	if (r == -EACCES && t && t->expires &&
		t->expires <= now_seconds() + s->skew_seconds)
		return err_wrap(e, -EKEYEXPIRED, "the ticket's time is over");
	return r;
}

int store_do(struct store *s, struct http *h, struct http_answer *a,
	enum store_op op, const struct store_object *o,
	struct store_trace *trace, struct err *e)
{
	struct credentials_use use = { 0 };
	struct call *c = calloc(1, sizeof(*c));
	int r;

	*trace = (struct store_trace){ 0 };
	a->copies = 0;
	if (!c)
		return err_set(e, -ENOMEM, "no memory for a request");
	if (s->credentials)
		use = credentials_take(s->credentials);
	trace->ticket = use.number;
	c->url = &s->url;
	c->ticket = use.ticket;
	c->op = op;
	c->object = o;
	c->bucket_owner_control = s->config.bucket_owner_control;
	c->now = now_seconds() + s->skew_seconds;
	if (op == STORE_PUT || op == STORE_REPLACE) {
		c->rq.body[0].iov_base = (void *)(uintptr_t)o->data;
		c->rq.body[0].iov_len = o->len;
		c->rq.body_n = 1;
	}
	r = set_path(c, e);
	if (r == 0)
		r = make_call(c, e);
	if (r == 0)
		r = http_do(h, a, &c->rq, e);
	/* Too long to be read, but the status is that of what passes. */
	if (r == -EMSGSIZE && a->status >= 500)
		r = err_wrap(e, -EAGAIN, "status %d", a->status);
	if (r == 0)
		r = finish(s, use.ticket, a, trace, e);
	if (s->credentials)
		credentials_give(s->credentials, use);
	wipe_free(c);
	return r;
}

int store_renew(struct store *s, unsigned ticket, struct err *e)
{
	if (!s->credentials)
		return err_set(e, -EACCES, "there is no ticket");
	return credentials_renew(s->credentials, ticket, e);
}

int64_t store_skew_seconds(const struct store *s)
{
	return s->skew_seconds;
}

const struct url *store_url(const struct store *s)
{
	return &s->url;
}

const char *store_ticket_name(const struct store *s)
{
	struct credentials_use use;
	const char *name;

	if (!s->credentials)
		return "none";
	use = credentials_take(s->credentials);
	name = ticket_kind_name(use.ticket->kind);
	credentials_give(s->credentials, use);
	return name;
}
