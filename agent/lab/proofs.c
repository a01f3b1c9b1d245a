// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "base/err.h"
#include "base/io.h"
#include "evidence/timestamp.h"
#include "lab/escape.h"
#include "lab/identity.h"
#include "lab/proofs.h"
#include "lab/reader.h"

enum { TIME_CHARS = 32 };

/* What a check works with. */
struct checking {
	struct reader *r;
	const struct proofs_options *o;
	struct proofs *ret;
	struct timestamp_trust tsa; /* authorities NULL = not given */
	STACK_OF(X509) * tsa_ca, *tsa_untrusted, *identity_ca;
	int replies; /* directory */
	int64_t stamped; /* manifest 0 was there then; 0 = nobody says so */
};

void proofs_name(char ret[PROOFS_NAME_CHARS], unsigned number, const char *suffix)
{
	(void)snprintf(
		ret, PROOFS_NAME_CHARS, "manifest-%06u.%s", number, suffix);
}

bool proofs_stampable(const struct reader *r, size_t i)
{
	const struct reader_manifest *m = &r->manifests[i];

	return m->valid && (m->number == 0 || m->m.body->ending ||
				   i + 1 == r->manifests_n || m->m.token.len ||
				   m->m.request.len);
}

static void time_text(char ret[TIME_CHARS], int64_t v)
{
	time_t t = (time_t)v;
	struct tm tm;

	if (!gmtime_r(&t, &tm) ||
		!strftime(ret, TIME_CHARS, "%Y-%m-%dT%H:%M:%SZ", &tm))
		(void)snprintf(ret, TIME_CHARS, "%" PRId64, v);
}

static int add(json_t **list, json_t *item, struct err *e)
{
	*list = json_append(*list, item);
	return *list ? 0 : err_set(e, -ENOMEM, "no memory for the proofs");
}

/* The token in the reply of that name; -ENOENT when there is none. */
static int read_reply(struct checking *c, struct buf *token,
	const struct reader_manifest *m, struct err *e)
{
	AUTO_BUF struct buf request = { 0 };
	AUTO_BUF struct buf reply = { 0 };
	char name[PROOFS_NAME_CHARS];
	int r;

	proofs_name(name, m->number, "tsr");
	buf_init(&reply, TIMESTAMP_REPLY_MAX_BYTES);
	buf_init(&request, MANIFEST_REQUEST_MAX_BYTES);
	r = io_slurp(c->replies, name, &reply, e);
	if (r == -EFBIG)
		r = err_set(e, -EBADMSG, "larger than a reply may be");
	if (r == 0)
		r = timestamp_request(&request, m->m.signature, e);
	return r < 0 ? r : timestamp_accept(token, &request, &reply, e);
}

static int note_missing(
	struct checking *c, const struct reader_manifest *m, struct err *e)
{
	if (c->o->require_timestamp && (m->number == 0 || m->m.body->ending))
		reader_finding(c->r,
			"manifest-%06u.pb: no time stamp from a third party",
			m->number);
	return add(&c->ret->timestamps,
		json_pack("{s:i, s:s, s:b}", "manifest", (int)m->number,
			"state", "missing", "requested", m->m.request.len > 0),
		e);
}

static int note_bad(struct checking *c, const struct reader_manifest *m,
	const char *name, const struct err *why, struct err *e)
{
	reader_finding(c->r, "%s: %.200s", name, why->msg);
	return add(&c->ret->timestamps,
		json_pack("{s:i, s:s, s:o}", "manifest", (int)m->number,
			"state", "bad", "why", json_text(why->msg)),
		e);
}

static int note_good(struct checking *c, const struct reader_manifest *m,
	const struct timestamp_info *info, bool inside, struct err *e)
{
	bool checked = c->tsa.authorities != NULL;
	char when[TIME_CHARS];

	time_text(when, info->time);
	if (checked && inside && m->number == 0)
		c->stamped = info->time;
	if (!checked && c->o->require_timestamp)
		reader_finding(c->r,
			"manifest-%06u.pb: its time stamp was not checked",
			m->number);
	return add(&c->ret->timestamps,
		json_pack("{s:i, s:s, s:s, s:s, s:o, s:s, s:s}", "manifest",
			(int)m->number, "state",
			checked ? "verified" : "not checked", "from",
			inside ? "manifest" : "reply", "time", when,
			"authority", json_text(info->authority), "serial",
			info->serial, "policy", info->policy),
		e);
}

static int check_stamp(
	struct checking *c, const struct reader_manifest *m, struct err *e)
{
	const struct buf *token = &m->m.token;
	AUTO_BUF struct buf replied = { 0 };
	struct timestamp_info info = { 0 };
	char name[PROOFS_NAME_CHARS];
	struct err why = { 0 };
	int r = 0;

	proofs_name(name, m->number, "pb");
	if (!token->len) {
		proofs_name(name, m->number, "tsr");
		buf_init(&replied, MANIFEST_TOKEN_MAX_BYTES);
		r = read_reply(c, &replied, m, &why);
		token = &replied;
	}
	if (r == -ENOENT)
		return note_missing(c, m, e);
	if (r == 0)
		r = timestamp_verify(&info, token, m->m.signature,
			c->tsa.authorities ? &c->tsa : NULL, &why);
	if (r == -EBADMSG || r == -EPROTO)
		return note_bad(c, m, name, &why, e);
	if (r < 0)
		return err_set(e, r, "%s: %.900s", name, why.msg);
	return note_good(c, m, &info, token == &m->m.token, e);
}

static int check_identity(struct checking *c, const Icecore__V1__IdentityProof *p,
	const struct identity_context *context, struct err *e)
{
	struct err why = { 0 };
	json_t *item = NULL;
	int r;

	if (p->error[0])
		return add(&c->ret->identity,
			json_pack("{s:s, s:o}", "signature", "none", "why",
				json_text(p->error)),
			e);
	r = identity_check(&item, p, context, &why);
	if (r == 0)
		return add(&c->ret->identity, item, e);
	if (r != -EBADMSG && r != -ENOTSUP)
		return err_set(e, r, "identity: %s", why.msg);
	if (r == -EBADMSG)
		reader_finding(c->r, "identity: %.250s", why.msg);
	return add(&c->ret->identity,
		json_pack("{s:s, s:o}", "signature",
			r == -EBADMSG ? "bad" : "not checked", "why",
			json_text(why.msg)),
		e);
}

static int check_all(struct checking *c, struct err *e)
{
	const struct reader *r = c->r;
	struct identity_context context = { .capture_id = r->capture_id,
		.authorities = c->identity_ca };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < r->manifests_n; i++)
		if (proofs_stampable(r, i))
			rc = check_stamp(c, &r->manifests[i], e);
	if (rc < 0 || !r->beginning)
		return rc;
	/* The host's own clock is the next best. */
	context.at =
		c->stamped
			? c->stamped
			: (int64_t)(r->manifests[0].m.body->written_realtime_ns /
				    1000000000);
	for (size_t i = 0; rc == 0 && i < r->beginning->n_identity; i++)
		rc = check_identity(c, r->beginning->identity[i], &context, e);
	return rc;
}

static int load(STACK_OF(X509) * *ret, const char *path, struct err *e)
{
	return path ? certs_load(ret, path, e) : 0;
}

static int open_all(struct checking *c, struct err *e)
{
	const char *dir = c->o->replies;
	int r = load(&c->tsa_ca, c->o->tsa_ca, e);

	if (r == 0)
		r = load(&c->tsa_untrusted, c->o->tsa_untrusted, e);
	if (r == 0)
		r = load(&c->identity_ca, c->o->identity_ca, e);
	if (r < 0)
		return r;
	c->tsa.authorities = c->tsa_ca;
	c->tsa.untrusted = c->tsa_untrusted;
	c->replies = io_open(dir ? AT_FDCWD : c->r->dirfd, dir ? dir : ".",
		O_RDONLY | O_DIRECTORY, 0, e);
	c->ret->timestamps = json_array();
	c->ret->identity = json_array();
	return c->replies < 0 ? c->replies : 0;
}

int proofs_check(struct proofs *ret, struct reader *r,
	const struct proofs_options *o, struct err *e)
{
	struct checking c = { .r = r, .o = o, .ret = ret, .replies = -1 };
	int rc;

	*ret = (struct proofs){ 0 };
	rc = open_all(&c, e);
	if (rc == 0)
		rc = check_all(&c, e);
	certs_free(c.tsa_ca);
	certs_free(c.tsa_untrusted);
	certs_free(c.identity_ca);
	if (c.replies >= 0)
		(void)close(c.replies);
	if (rc < 0)
		proofs_done(ret);
	return rc;
}

void proofs_done(struct proofs *p)
{
	if (!p)
		return;
	json_decref(p->timestamps);
	json_decref(p->identity);
	*p = (struct proofs){ 0 };
}

static const char *text(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "";
}

/* Names in a certificate are whatever its authority signed. */
static void tell_verified(int manifest, const json_t *j)
{
	(void)fprintf(stderr, "manifest %d: there at %s, says ", manifest,
		text(j, "time"));
	escape_print(stderr, text(j, "authority"));
	(void)fprintf(stderr, " (serial %s)\n", text(j, "serial"));
}

static void tell_stamp(const json_t *j)
{
	int n = (int)json_integer_value(json_object_get(j, "manifest"));
	const char *state = text(j, "state");

	if (strcmp(state, "missing") == 0)
		(void)fprintf(stderr,
			"manifest %d: no time stamp from a third party%s\n", n,
			json_is_true(json_object_get(j, "requested"))
				? "; its request is there (icelab timestamp)"
				: "");
	else if (strcmp(state, "verified") == 0)
		tell_verified(n, j);
	else if (strcmp(state, "not checked") == 0)
		(void)fprintf(stderr,
			"manifest %d: a time stamp that claims %s was not checked: no --tsa-ca\n",
			n, text(j, "time"));
}

static void tell_identity(const json_t *j)
{
	const char *signature = text(j, "signature"), *key;
	json_t *claims = json_object_get(j, "claims"), *value;
	size_t i;

	if (!claims) {
		(void)fprintf(stderr, "identity: %s: ", signature);
		escape_print(stderr, text(j, "why"));
		(void)fputc('\n', stderr);
		return;
	}
	(void)fprintf(stderr, "identity: %s, signature %s:", text(j, "cloud"),
		signature);
	json_object_foreach(claims, key, value)
	{
		(void)fputc(' ', stderr);
		escape_print(stderr, key);
		(void)fputc('=', stderr);
		escape_print(stderr, json_string_value(value));
	}
	(void)fputc('\n', stderr);
	json_array_foreach(json_object_get(j, "not_checked"), i, value)(void)
		fprintf(stderr, "identity: not checked: %s\n",
			json_string_value(value));
}

void proofs_tell(const struct proofs *p)
{
	json_t *j;
	size_t i;

	json_array_foreach(p->timestamps, i, j) tell_stamp(j);
	json_array_foreach(p->identity, i, j) tell_identity(j);
}
