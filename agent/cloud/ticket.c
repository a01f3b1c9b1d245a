// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <errno.h>
#include <sys/mman.h>

#include <openssl/evp.h>

#include "base/err.h"
#include "base/json.h"
#include "base/num.h"
#include "base/wipe.h"
#include "cloud/ticket.h"
#include "cloud/time.h"

/* Strings are copied to the end of the pages that the ticket is in. */
struct parse {
	struct ticket *t;
	char *at, *end;
	struct err *e;
};

static int refuse(struct parse *p, const char *why)
{
	return err_set(p->e, -EBADMSG, "ticket: %s", why);
}

/* Where a header or a URL goes, nothing but visible ASCII may be. */
static int check_text(struct parse *p, const char *s, size_t max, const char *what)
{
	size_t n = 0;

	while (s[n] > ' ' && s[n] < 0x7f)
		n++;
	if (s[n])
		return err_set(p->e, -EBADMSG,
			"ticket: %s has a character that no key has", what);
	if (n == 0 || n > max)
		return err_set(p->e, -EBADMSG,
			"ticket: %s is empty or longer than %zu", what, max);
	return 0;
}

static int keep_bytes(struct parse *p, const char **ret, const char *s, size_t n)
{
	if ((size_t)(p->end - p->at) <= n)
		return refuse(p, "too long");
	memcpy(p->at, s, n);
	p->at[n] = 0;
	*ret = p->at;
	p->at += n + 1;
	return 0;
}

static int keep(struct parse *p, const char **ret, const char *s, const char *what)
{
	int r = check_text(p, s, TICKET_TOKEN_CHARS, what);

	return r < 0 ? r : keep_bytes(p, ret, s, strlen(s));
}

/* The string of the first of two names that is there. */
static const char *text_of(const json_t *j, const char *a, const char *b)
{
	const char *s = json_string_value(json_object_get(j, a));

	return s || !b ? s : json_string_value(json_object_get(j, b));
}

static int parse_keys(struct parse *p, const char *access, const char *secret,
	const json_t *j)
{
	const char *token = text_of(j, "SessionToken", "Token");
	const char *expires = text_of(j, "Expiration", NULL);
	int r = keep(p, &p->t->access_key, access, "the access key");

	p->t->kind = TICKET_KEYS;
	p->t->token = "";
	if (r == 0)
		r = check_text(p, secret, 128, "the secret key");
	if (r == 0)
		r = keep(p, &p->t->secret_key, secret, "the secret key");
	if (r == 0 && token && *token)
		r = keep(p, &p->t->token, token, "the session token");
	if (r == 0 && expires && time_parse(&p->t->expires, expires) < 0)
		r = refuse(p, "Expiration is no ISO 8601 time");
	return r;
}

/* An array of pairs in the ticket's pages, before its strings. */
static int make_pairs(struct parse *p, size_t n, size_t max)
{
	size_t skip = -(uintptr_t)p->at % sizeof(void *);

	if (n == 0 || n > max)
		return refuse(p, "no fields, or too many");
	if ((size_t)(p->end - p->at) < skip + n * sizeof(struct ticket_pair))
		return refuse(p, "too long");
	p->t->pairs = (struct ticket_pair *)(void *)(p->at + skip);
	p->at += skip + n * sizeof(struct ticket_pair);
	return 0;
}

static int parse_pairs(struct parse *p, const json_t *object, size_t max)
{
	int r = make_pairs(p, json_object_size(object), max);
	const char *name;
	json_t *v;

	if (r < 0)
		return r;
	json_object_foreach((json_t *)(uintptr_t)object, name, v)
	{
		struct ticket_pair *pair = &p->t->pairs[p->t->pairs_n];
		const char *s = json_string_value(v);

		if (!s)
			return refuse(p, "a field that is no text");
		r = keep(p, &pair->name, name, "the name of a field");
		if (r == 0)
			r = *s ? keep(p, &pair->value, s, "a field")
			       : keep_bytes(p, &pair->value, "", 0);
		if (r < 0)
			return r;
		p->t->pairs_n++;
	}
	return 0;
}

/* The policy is what tells until when, and which fields it wants. */
static int decode_policy(struct parse *p)
{
	const char *b64 = ticket_find(p->t, "policy");
	size_t n = b64 ? strlen(b64) : 0;
	AUTO_JSON json_t *j = NULL;
	const char *expires;
	int got;

	if (!b64 || n % 4)
		return refuse(p, "a POST policy without a field 'policy'");
	if ((size_t)(p->end - p->at) <= n)
		return refuse(p, "too long");
	got = EVP_DecodeBlock((uint8_t *)p->at, (const uint8_t *)b64, (int)n);
	if (got < 0)
		return refuse(p, "its policy is no base64");
	while (n && b64[n - 1] == '=') {
		n--;
		got--;
	}
	p->at[got] = 0;
	p->t->policy = p->at;
	p->at += got + 1;
	j = json_loads(p->t->policy, JSON_REJECT_DUPLICATES, NULL);
	expires = text_of(j, "expiration", NULL);
	if (!expires || time_parse(&p->t->expires, expires) < 0)
		return refuse(p, "its policy is no JSON with an expiration");
	return 0;
}

static int parse_post(struct parse *p, const char *url, const json_t *fields)
{
	int r = keep(p, &p->t->url, url, "the URL");

	p->t->kind = TICKET_POST;
	if (r == 0)
		r = parse_pairs(p, fields, TICKET_FIELDS_MAX);
	return r < 0 ? r : decode_policy(p);
}

/* Of "a=1&b=2", the value of a name, decoded; NULL if there is none. */
static char *query_value(
	char *ret, size_t cap, const char *query, const char *name)
{
	size_t n = strlen(name), k = 0;

	while (*query && (strncmp(query, name, n) != 0 || query[n] != '=')) {
		query += strcspn(query, "&");
		query += *query == '&';
	}
	if (!*query)
		return NULL;
	for (query += n + 1; *query && *query != '&' && k + 1 < cap; query++) {
		uint64_t v = 0;
		char hex[3] = { 0 };

		if (*query == '%' && isxdigit((unsigned char)query[1]) &&
			isxdigit((unsigned char)query[2])) {
			memcpy(hex, query + 1, 2);
			(void)!num_hex(&v, hex);
			query += 2;
		}
		ret[k++] = hex[0] ? (char)v : *query;
	}
	ret[k] = 0;
	return ret;
}

static int parse_sas(struct parse *p, const char *text)
{
	char value[64];

	p->t->kind = TICKET_SAS;
	text += *text == '?';
	if (!query_value(value, sizeof(value), text, "sig") ||
		!query_value(value, sizeof(value), text, "sv"))
		return refuse(p, "neither JSON nor a shared access signature");
	if (query_value(value, sizeof(value), text, "se") &&
		time_parse(&p->t->expires, value) < 0)
		return refuse(p, "its expiry (se) is no ISO 8601 time");
	return keep(p, &p->t->token, text, "the shared access signature");
}

static int parse_presigned(struct parse *p, const json_t *objects)
{
	char when[64], lasts[64];
	uint64_t seconds;
	int64_t t;
	int r = parse_pairs(p, objects, TICKET_OBJECTS_MAX);

	p->t->kind = TICKET_PRESIGNED;
	if (r < 0)
		return r;
	for (size_t i = 0; i < p->t->pairs_n; i++) {
		const char *q = strchr(p->t->pairs[i].value, '?');

		if (!q)
			return refuse(p, "a presigned URL without a signature");
		if (!query_value(when, sizeof(when), q + 1, "X-Amz-Date") ||
			!query_value(
				lasts, sizeof(lasts), q + 1, "X-Amz-Expires") ||
			time_parse(&t, when) < 0 ||
			num_u64(&seconds, lasts, NULL) < 0)
			continue;
		t += (int64_t)seconds;
		if (!p->t->expires || t < p->t->expires)
			p->t->expires = t;
	}
	return 0;
}

static int parse_bearer(struct parse *p, const json_t *j, const char *token)
{
	const json_t *on = json_object_get(j, "expires_on");
	uint64_t seconds = 0;

	p->t->kind = TICKET_BEARER;
	if (json_is_integer(on))
		seconds = (uint64_t)json_integer_value(on);
	else if (json_is_string(on))
		(void)!num_u64(&seconds, json_string_value(on), NULL);
	p->t->expires = (int64_t)seconds;
	return keep(p, &p->t->token, token, "the token");
}

static int parse_object(struct parse *p, const json_t *j)
{
	const json_t *inner = json_object_get(j, "Credentials");
	const json_t *hmac = json_object_get(j, "metadata");
	const json_t *fields = json_object_get(j, "fields");
	const json_t *objects = json_object_get(j, "presigned");
	const json_t *keys = inner ? inner : j;
	const char *access = text_of(keys, "AccessKeyId", NULL);
	const char *secret = text_of(keys, "SecretAccessKey", NULL);
	const char *url = text_of(j, "url", NULL);
	const char *bearer = text_of(j, "bearer", NULL);
	const char *sas = text_of(j, "sas", NULL);

	if (!access)
		access = text_of(hmac ? hmac : j, "accessId", NULL);
	if (!secret)
		secret = text_of(j, "secret", NULL);
	if (!bearer)
		bearer = text_of(j, "access_token", "accessToken");
	if (access && secret)
		return parse_keys(p, access, secret, keys);
	if (url && json_is_object(fields))
		return parse_post(p, url, fields);
	if (json_is_object(objects))
		return parse_presigned(p, objects);
	if (bearer)
		return parse_bearer(p, j, bearer);
	if (sas)
		return parse_sas(p, sas);
	return refuse(p, "none of the kinds that are known (see --help)");
}

static int parse(struct parse *p, const char *text)
{
	AUTO_JSON json_t *j = NULL;
	json_error_t where;

	if (strncmp(text, "sv=", 3) == 0 || *text == '?' ||
		strncmp(text, "se=", 3) == 0 || strncmp(text, "sp=", 3) == 0)
		return parse_sas(p, text);
	j = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);
	if (!j)
		return err_set(p->e, -EBADMSG,
			"ticket: no JSON: line %d, column %d", where.line,
			where.column);
	if (json_is_string(j))
		return parse_sas(p, json_string_value(j));
	return parse_object(p, j);
}

int ticket_parse(struct ticket **ret, const char *text, size_t len, struct err *e)
{
	size_t bytes = 4 * len + sizeof(struct ticket) + 4096;
	struct parse p = { .e = e };
	char *copy;
	int r;

	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	while (len && isspace((unsigned char)*text)) {
		text++;
		len--;
	}
	if (len == 0 || len > TICKET_BYTES || memchr(text, 0, len))
		return err_set(e, -EBADMSG, "ticket: %s",
			len ? "more than 4 MiB, or no text" : "empty");
	p.t = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p.t == MAP_FAILED)
		return err_sys(e, "pages for a ticket");
	json_set_alloc_funcs(malloc, wipe_free);
	(void)mlock(p.t, bytes);
	(void)madvise(p.t, bytes, MADV_DONTDUMP);
	(void)madvise(p.t, bytes, MADV_WIPEONFORK);
	p.t->map_bytes = bytes;
	copy = (char *)(p.t + 1);
	memcpy(copy, text, len);
	p.at = copy + len + 1;
	p.end = (char *)p.t + bytes;
	r = parse(&p, copy);
	explicit_bzero(copy, len);
	if (r < 0)
		ticket_free(p.t);
	else
		*ret = p.t;
	return r;
}

void ticket_free(struct ticket *t)
{
	size_t bytes;

	if (!t)
		return;
	bytes = t->map_bytes;
	explicit_bzero(t, bytes);
	(void)munmap(t, bytes);
}

const char *ticket_find(const struct ticket *t, const char *name)
{
	for (size_t i = 0; i < t->pairs_n; i++)
		if (strcmp(t->pairs[i].name, name) == 0)
			return t->pairs[i].value;
	return NULL;
}

const char *ticket_kind_name(enum ticket_kind kind)
{
	static const char *const names[] = {
		[TICKET_KEYS] = "keys",
		[TICKET_POST] = "POST policy",
		[TICKET_PRESIGNED] = "presigned URLs",
		[TICKET_SAS] = "shared access signature",
		[TICKET_BEARER] = "bearer token",
	};

	return names[kind];
}
