// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>

#include <jansson.h>

#include "base/err.h"
#include "base/http.h"
#include "base/io.h"
#include "cloud/answer.h"
#include "cloud/metadata.h"
#include "cloud/role.h"
#include "cloud/ticket.h"
#include "cloud/url.h"

enum {
	TOKEN_BYTES = 16 << 10, /* of a file with a token */
	ROLE_NAME_CHARS = 256,
	FORM_BYTES = 64 << 10,
	CONNECT_SECONDS = 3,
};

static const char *const names[] = {
	[ROLE_EC2] = "ec2",
	[ROLE_CONTAINER] = "container",
	[ROLE_WEB_IDENTITY] = "web-identity",
	[ROLE_AZURE] = "azure",
};

int role_find(const char *name)
{
	for (int i = ROLE_EC2; i <= ROLE_AZURE; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

enum role role_guess(void)
{
	if (getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") ||
		getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI"))
		return ROLE_CONTAINER;
	return getenv("AWS_WEB_IDENTITY_TOKEN_FILE") ? ROLE_WEB_IDENTITY
						     : ROLE_EC2;
}

static void wipe(struct buf *b)
{
	if (b->data)
		explicit_bzero(b->data, b->cap);
	buf_done(b);
}

#define AUTO_WIPE CLEANUP(wipe)

static int parse(struct ticket **ret, const struct buf *b, struct err *e)
{
	return ticket_parse(ret, (const char *)b->data, b->len, e);
}

/* The name of the role, and then its keys. */
static int ec2(struct ticket **ret, struct metadata *m, struct err *e)
{
	static const char where[] = "/latest/meta-data/iam/security-credentials/";
	char path[sizeof(where) + ROLE_NAME_CHARS];
	AUTO_WIPE struct buf b = { 0 };
	size_t n;
	int r;

	buf_init(&b, TICKET_TOKEN_CHARS);
	r = metadata_get(&b, m, where, e);
	if (r < 0)
		return r;
	n = b.len ? strcspn(buf_string(&b, NULL) ?: "\n", "\r\n") : 0;
	if (n == 0 || n >= ROLE_NAME_CHARS)
		return err_set(e, -ENOENT, "the instance has no role");
	(void)snprintf(path, sizeof(path), "%s%.*s", where, (int)n,
		(const char *)b.data);
	r = metadata_get(&b, m, path, e);
	return r < 0 ? r : parse(ret, &b, e);
}

static int azure(struct ticket **ret, struct metadata *m, struct err *e)
{
	AUTO_WIPE struct buf b = { 0 };
	int r;

	buf_init(&b, TICKET_TOKEN_CHARS);
	r = metadata_get(&b, m,
		"/metadata/identity/oauth2/token?api-version=2018-02-01&"
		"resource=https%3A%2F%2Fstorage.azure.com%2F",
		e);
	return r < 0 ? r : parse(ret, &b, e);
}

static int by_metadata(struct ticket **ret, const struct credentials_config *c,
	enum metadata_kind kind, struct err *e)
{
	AUTO_METADATA struct metadata *m = NULL;
	int r = metadata_open(&m, kind, c->metadata, e);

	if (r < 0)
		return r;
	return kind == METADATA_AWS ? ec2(ret, m, e) : azure(ret, m, e);
}

/* A small file's first line, such as a token that is replaced now and then. */
static int slurp_token(struct buf *ret, const char *path, struct err *e)
{
	int r = io_slurp(AT_FDCWD, path, ret, e);

	if (r < 0)
		return r;
	while (ret->len && strchr("\r\n", ret->data[ret->len - 1]))
		ret->len--;
	return 0;
}

static int ask(struct http_answer *a, const struct http_config *config,
	const struct http_request *rq, struct err *e)
{
	struct http *h = NULL;
	int r = http_new(&h, config, e);

	if (r == 0)
		r = http_do(h, a, rq, e);
	if (r == 0)
		r = answer_result(a, e);
	http_free(h);
	return r;
}

/* ECS: a path on a fixed address; EKS: a URL and a token. */
static int container(
	struct ticket **ret, const struct credentials_config *c, struct err *e)
{
	const char *relative = getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	const char *file = getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const struct http_config config = { .link_local = true,
		.connect_seconds = CONNECT_SECONDS };
	struct http_answer a;
	AUTO_WIPE struct buf token = { 0 }, line = { 0 };
	struct http_request rq = { .method = "GET", .url = full };
	char url[URL_CHARS];
	int r = 0;

	if (!relative && !full)
		return err_set(e, -ENOENT,
			"no container credentials here: "
			"AWS_CONTAINER_CREDENTIALS_*_URI");
	if (relative) {
		(void)snprintf(url, sizeof(url), "%s%.3000s",
			c->metadata ? c->metadata : "http://169.254.170.2",
			relative);
		rq.url = url;
	}
	buf_init(&token, TOKEN_BYTES);
	buf_init(&line, TOKEN_BYTES + 64);
	if (file) {
		r = slurp_token(&token, file, e);
		if (r == 0)
			r = buf_text(&line, e, "Authorization: %.*s%c",
				(int)token.len, (const char *)token.data, 0);
		rq.headers[0] = (const char *)line.data;
		rq.headers_n = 1;
	}
	http_answer_init(&a, TICKET_TOKEN_CHARS);
	if (r == 0)
		r = ask(&a, &config, &rq, e);
	if (r == 0)
		r = parse(ret, &a.body, e);
	wipe(&a.body);
	http_answer_done(&a);
	return r;
}

/* The text of an element without children, in what STS answers. */
static const char *xml_text(char **p, const char *tag)
{
	char *at = *p ? strstr(*p, tag) : NULL;
	char *end;

	at = at ? at + strlen(tag) : NULL;
	end = at ? strchr(at, '<') : NULL;
	if (!end)
		return NULL;
	*end = 0;
	*p = end + 1;
	return at;
}

/* The order of AWS's answer, and of everybody's. */
static int parse_sts(struct ticket **ret, struct http_answer *a, struct err *e)
{
	char *p = buf_string(&a->body, e);
	const char *access = xml_text(&p, "<AccessKeyId>");
	const char *secret = xml_text(&p, "<SecretAccessKey>");
	const char *token = xml_text(&p, "<SessionToken>");
	const char *expires = xml_text(&p, "<Expiration>");
	json_t *j =
		access && secret && token && expires
			? json_pack("{s:s, s:s, s:s, s:s}", "AccessKeyId",
				  access, "SecretAccessKey", secret,
				  "SessionToken", token, "Expiration", expires)
			: NULL;
	char *text = j ? json_dumps(j, JSON_COMPACT) : NULL;
	int r = text ? ticket_parse(ret, text, strlen(text), e)
		     : err_set(e, -EPROTO, "STS: no keys in its answer");

	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
	json_decref(j);
	return r;
}

static int web_identity(
	struct ticket **ret, const struct credentials_config *c, struct err *e)
{
	const char *file = getenv("AWS_WEB_IDENTITY_TOKEN_FILE");
	const char *arn = getenv("AWS_ROLE_ARN");
	const char *endpoint = getenv("AWS_ENDPOINT_URL_STS");
	char url[URL_CHARS], role[3 * ROLE_NAME_CHARS];
	AUTO_WIPE struct buf form = { 0 }, token = { 0 };
	struct http_request rq = { .method = "POST",
		.url = url,
		.headers = { "Content-Type: application/x-www-form-urlencoded" },
		.headers_n = 1,
		.body_n = 1 };
	struct http_answer a;
	int r;

	if (!file || !arn || url_encode(role, sizeof(role), arn) < 0)
		return err_set(e, -ENOENT,
			"no web identity here: AWS_ROLE_ARN, "
			"AWS_WEB_IDENTITY_TOKEN_FILE");
	(void)snprintf(url, sizeof(url), "https://sts.%s.amazonaws.com%s/",
		c->region, strncmp(c->region, "cn-", 3) == 0 ? ".cn" : "");
	if (endpoint)
		(void)snprintf(url, sizeof(url), "%.4000s/", endpoint);
	buf_init(&token, TOKEN_BYTES);
	buf_init(&form, FORM_BYTES);
	r = slurp_token(&token, file, e);
	if (r == 0)
		r = buf_text(&form, e,
			"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&"
			"RoleSessionName=icecore&RoleArn=%s&WebIdentityToken="
			"%.*s",
			role, (int)token.len, (const char *)token.data);
	rq.body[0] = (struct iovec){ form.data, form.len };
	http_answer_init(&a, ANSWER_BYTES);
	if (r == 0)
		r = ask(&a, c->http, &rq, e);
	if (r == 0)
		r = parse_sts(ret, &a, e);
	wipe(&a.body);
	http_answer_done(&a);
	return r;
}

int role_ticket(
	struct ticket **ret, const struct credentials_config *c, struct err *e)
{
	int r = -EINVAL;

	switch (c->role) {
	case ROLE_EC2:
		r = by_metadata(ret, c, METADATA_AWS, e);
		break;
	case ROLE_AZURE:
		r = by_metadata(ret, c, METADATA_AZURE, e);
		break;
	case ROLE_CONTAINER:
		r = container(ret, c, e);
		break;
	case ROLE_WEB_IDENTITY:
		r = web_identity(ret, c, e);
		break;
	case ROLE_NONE:
		return err_set(e, r, "no role");
	}
	return r < 0 ? err_wrap(e, r, "role %s", names[c->role]) : 0;
}
