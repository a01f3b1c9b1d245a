// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <errno.h>

#include "base/err.h"
#include "cloud/url.h"

static const char alnum[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789";

static const struct {
	const char *scheme;
	enum url_kind kind;
} schemes[] = {
	{ "s3://", URL_S3 },
	{ "gs://", URL_GS },
	{ "azure://", URL_AZURE },
	{ "https://", URL_HTTP },
	{ "http://", URL_HTTP },
};

static int scheme_of(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (strncmp(text, schemes[i].scheme,
			    strlen(schemes[i].scheme)) == 0)
			return (int)i;
	return -1;
}

bool url_has_scheme(const char *text)
{
	return scheme_of(text) >= 0;
}

/* How many characters of ${text} are alphanumeric or in ${more}. */
static size_t span(const char *text, const char *more)
{
	size_t n = 0;

	while (text[n] && (strchr(alnum, text[n]) || strchr(more, text[n])))
		n++;
	return n;
}

/* The part of ${*p} up to '/', ${*p} then behind it; checked and copied. */
static int take(char ret[URL_NAME_CHARS], const char **p, const char *what,
	const char *more, struct err *e)
{
	size_t n = strcspn(*p, "/");

	if (n < 3 || n >= URL_NAME_CHARS || span(*p, more) < n ||
		strchr(".-_", **p))
		return err_set(e, -EINVAL,
			"no %s: 3 to 63 letters, digits and '%s'", what, more);
	memcpy(ret, *p, n);
	ret[n] = 0;
	*p += n + ((*p)[n] == '/');
	return 0;
}

static int set_prefix(struct url *u, const char *text, struct err *e)
{
	size_t len = strlen(text);

	while (len && text[len - 1] == '/')
		len--;
	if (len >= URL_PREFIX_CHARS)
		return err_set(e, -EINVAL, "prefix longer than %d characters",
			URL_PREFIX_CHARS - 1);
	if (span(text, "!_.-~()'*=+,@/") < len)
		return err_set(e, -EINVAL,
			"a prefix is of letters, digits and !_.-~()'*=+,@");
	memcpy(u->prefix, text, len);
	u->prefix[len] = 0;
	for (const char *p = u->prefix; len;) {
		size_t n = strcspn(p, "/");

		if (n == 0 ||
			(p[0] == '.' && (n == 1 || (n == 2 && p[1] == '.'))))
			return err_set(e, -EINVAL,
				"a part of the prefix is empty, '.' or '..'");
		if (!p[n])
			break;
		p += n + 1;
	}
	return 0;
}

static bool is_loopback_name(const char *host, size_t n)
{
	return (n == 9 && strncasecmp(host, "localhost", n) == 0) ||
	       (n > 4 && memcmp(host, "127.", 4) == 0 &&
		       strspn(host, "0123456789.") >= n) ||
	       (n == 5 && memcmp(host, "[::1]", n) == 0);
}

/* "name", "name:port", "[v6]:port"; 0 or -EINVAL. */
static int check_authority(const char *text, size_t n, bool clear)
{
	size_t name =
		text[0] == '[' ? 1 + span(text + 1, ":") + 1 : span(text, ".-");
	const char *port = text + name + 1;
	unsigned long v = 0;

	if (name == 0 || name > n || (text[0] == '[' && text[name - 1] != ']') ||
		!(text[0] == '[' || isalnum((unsigned char)text[0])))
		return -EINVAL;
	if (clear && !is_loopback_name(text, name))
		return -EPERM;
	if (name == n)
		return 0;
	if (text[name] != ':' || n - name < 2 || n - name > 6)
		return -EINVAL;
	for (; port < text + n; port++) {
		if (!isdigit((unsigned char)*port))
			return -EINVAL;
		v = v * 10 + (unsigned long)(*port - '0');
	}
	return v >= 1 && v <= 65535 ? 0 : -EINVAL;
}

/* The port that a client leaves out of the Host header. */
static void set_host(struct url *u, const char *authority, size_t n, bool clear)
{
	const char *usual = clear ? ":80" : ":443";
	size_t k = strlen(usual);

	if (n > k && memcmp(authority + n - k, usual, k) == 0)
		n -= k;
	(void)snprintf(u->host, sizeof(u->host), "%.*s", (int)n, authority);
}

/* "https://HOST[:PORT][PATH]" into host and root; the path is given back. */
static int set_origin(
	struct url *u, const char *text, const char **path, struct err *e)
{
	bool clear = strncmp(text, "http://", 7) == 0;
	const char *authority = text + (clear ? 7 : 8);
	size_t n;
	int r;

	if (!clear && strncmp(text, "https://", 8) != 0)
		return err_set(e, -EINVAL,
			"an endpoint begins with https:// (or http://, on "
			"loopback)");
	n = strcspn(authority, "/?#");
	r = check_authority(authority, n, clear);
	if (r == -EPERM)
		return err_set(
			e, r, "http:// is for loopback only; use https://");
	if (r < 0 || n >= URL_HOST_CHARS - URL_NAME_CHARS)
		return err_set(e, -EINVAL,
			"no host: a name or address and an optional port, "
			"without user and password");
	set_host(u, authority, n, clear);
	(void)snprintf(u->root, sizeof(u->root), "%s%s",
		clear ? "http://" : "https://", u->host);
	*path = authority + n;
	return 0;
}

/* Put the bucket in front of the host. */
static void make_virtual(struct url *u)
{
	bool clear = strncmp(u->root, "http://", 7) == 0;
	char host[URL_HOST_CHARS];

	(void)snprintf(host, sizeof(host), "%s", u->host);
	(void)snprintf(u->host, sizeof(u->host), "%s.%.*s", u->bucket,
		(int)(URL_HOST_CHARS - URL_NAME_CHARS - 1), host);
	(void)snprintf(u->root, sizeof(u->root), "%s%s",
		clear ? "http://" : "https://", u->host);
}

static void add_bucket(struct url *u)
{
	size_t n = strlen(u->root);

	(void)snprintf(u->root + n, sizeof(u->root) - n, "/%s", u->bucket);
}

static int parse_s3(struct url *u, const char *p, const struct url_options *o,
	struct err *e)
{
	const char *region = o->region ? o->region : "us-east-1";
	char aws[URL_NAME_CHARS + 64];
	const char *path = "";
	bool virtual_style;
	int r = take(u->bucket, &p, "bucket", ".-_", e);

	if (r == 0 && (strlen(region) >= URL_NAME_CHARS ||
			      span(region, "-") < strlen(region) || !*region))
		r = err_set(e, -EINVAL, "no region '%.60s'", region);
	if (r < 0)
		return r;
	(void)snprintf(u->region, sizeof(u->region), "%s", region);
	(void)snprintf(aws, sizeof(aws), "https://s3.%s.amazonaws.com%s",
		region, strncmp(region, "cn-", 3) == 0 ? ".cn" : "");
	r = set_origin(u, o->endpoint ? o->endpoint : aws, &path, e);
	if (r == 0 && *path && strcmp(path, "/") != 0)
		r = err_set(e, -EINVAL, "an endpoint of s3:// has no path");
	if (r < 0)
		return r;
	/* A certificate for *.s3... has no dots in the place of the star. */
	virtual_style = o->endpoint ? o->virtual_style : !strchr(u->bucket, '.');
	if (virtual_style)
		make_virtual(u);
	else
		add_bucket(u);
	return set_prefix(u, p, e);
}

static int parse_gs(struct url *u, const char *p, const struct url_options *o,
	struct err *e)
{
	const char *path = "";
	int r = take(u->bucket, &p, "bucket", ".-_", e);

	(void)snprintf(u->region, sizeof(u->region), "auto");
	if (r == 0)
		r = set_origin(u,
			o->endpoint ? o->endpoint
				    : "https://storage.googleapis.com",
			&path, e);
	if (r == 0 && *path && strcmp(path, "/") != 0)
		r = err_set(e, -EINVAL, "an endpoint of gs:// has no path");
	if (r < 0)
		return r;
	add_bucket(u);
	return set_prefix(u, p, e);
}

static int parse_azure(struct url *u, const char *p,
	const struct url_options *o, struct err *e)
{
	char account[URL_NAME_CHARS], public[URL_NAME_CHARS + 64];
	const char *path = "";
	size_t n, len;
	int r = take(account, &p, "account", "-", e);

	if (r == 0)
		r = take(u->bucket, &p, "container", "-$", e);
	if (r < 0)
		return r;
	(void)snprintf(public, sizeof(public),
		"https://%s.blob.core.windows.net", account);
	r = set_origin(u, o->endpoint ? o->endpoint : public, &path, e);
	if (r < 0)
		return r;
	n = strlen(u->root);
	len = strlen(path);
	while (len && path[len - 1] == '/')
		len--;
	if (len && (*path != '/' || len - 1 != strlen(account) ||
			   strncmp(path + 1, account, len - 1) != 0))
		return err_set(e, -EINVAL,
			"the path of an azure:// endpoint is its account");
	(void)snprintf(u->root + n, sizeof(u->root) - n, "%.*s", (int)len, path);
	add_bucket(u);
	return set_prefix(u, p, e);
}

static int parse_http(struct url *u, const char *text,
	const struct url_options *o, struct err *e)
{
	const char *path = "";
	int r = set_origin(u, text, &path, e);

	(void)o;
	if (r == 0 && (*path == '?' || *path == '#'))
		r = err_set(e, -EINVAL, "no query in a destination");
	return r < 0 ? r : set_prefix(u, path + (*path == '/'), e);
}

int url_parse(struct url *ret, const char *text,
	const struct url_options *options, struct err *e)
{
	int i = scheme_of(text), r = -EINVAL;
	struct url u = { 0 };
	const char *rest;

	if (i < 0)
		return err_set(e, -EINVAL, "not a URL of a store");
	if (strlen(text) >= URL_CHARS)
		return err_set(e, -EINVAL, "URL longer than %d characters",
			URL_CHARS - 1);
	rest = text + strlen(schemes[i].scheme);
	u.kind = schemes[i].kind;
	switch (u.kind) {
	case URL_S3:
		r = parse_s3(&u, rest, options, e);
		break;
	case URL_GS:
		r = parse_gs(&u, rest, options, e);
		break;
	case URL_AZURE:
		r = parse_azure(&u, rest, options, e);
		break;
	case URL_HTTP:
		r = parse_http(&u, text, options, e);
		break;
	}
	if (r < 0)
		return err_wrap(e, r, "%.*s", (int)(rest - text), text);
	*ret = u;
	return 0;
}

const char *url_path(const struct url *u)
{
	const char *host = strstr(u->root, "://");
	const char *path = host ? strchr(host + 3, '/') : NULL;

	return path ? path : "";
}

int url_encode(char *ret, size_t cap, const char *text)
{
	size_t n = 0;

	for (; *text; text++) {
		bool plain = strchr(alnum, *text) || strchr("-_.~/", *text);

		if (n + (plain ? 1 : 3) >= cap)
			return -ENAMETOOLONG;
		if (plain)
			ret[n++] = *text;
		else
			n += (size_t)snprintf(ret + n, cap - n, "%%%02X",
				(unsigned char)*text);
	}
	ret[n] = 0;
	return (int)n;
}
