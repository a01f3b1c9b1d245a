// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>

#include "base/err.h"
#include "base/http.h"
#include "base/io.h"
#include "cloud/metadata.h"

enum { DMI_CHARS = 128, DMI_PATH_CHARS = 4096 };

struct metadata {
	enum metadata_kind kind;
	const char *url;
	struct http *http;
	char token[METADATA_TOKEN_CHARS]; /* of IMDSv2; "" = none yet */
	char etag[METADATA_ETAG_CHARS];
};

static const struct cloud {
	const char *name;
	const char *url;
	const char *header; /* that each request needs */
} clouds[] = {
	[METADATA_NONE] = { "none", NULL, NULL },
	[METADATA_AWS] = { "aws", "http://169.254.169.254", NULL },
	[METADATA_AZURE] = { "azure", "http://169.254.169.254", "Metadata: true" },
	[METADATA_GCE] = { "gcp", "http://169.254.169.254",
		"Metadata-Flavor: Google" },
};

/*
 * What firmware says, by prefix.  EC2: "Identify EC2 Linux instances" of its
 * user guide; on Xen the version of the BIOS ends in ".amazon".  Azure: a
 * chassis of its own, since Hyper-V elsewhere has the same vendor.
 */
static const struct sign {
	enum metadata_kind kind;
	const char *file;
	const char *begin;
} signs[] = {
	{ METADATA_AWS, "sys_vendor", "Amazon EC2" },
	{ METADATA_AWS, "bios_vendor", "Amazon EC2" },
	{ METADATA_AWS, "board_vendor", "Amazon EC2" },
	{ METADATA_AZURE, "chassis_asset_tag",
		"7783-7084-3265-9085-8269-3286-77" },
	{ METADATA_GCE, "product_name", "Google Compute Engine" },
};

const char *metadata_kind_name(enum metadata_kind kind)
{
	return clouds[kind].name;
}

int metadata_kind_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(clouds); i++)
		if (strcmp(clouds[i].name, name) == 0)
			return (int)i;
	return -1;
}

static bool holds(const char *dmi, const char *file, char ret[DMI_CHARS])
{
	char path[DMI_PATH_CHARS];
	AUTO_BUF struct buf b = { 0 };
	const char *text;

	(void)snprintf(path, sizeof(path), "%s/%s", dmi, file);
	buf_init(&b, DMI_CHARS);
	if (io_slurp(AT_FDCWD, path, &b, NULL) < 0)
		return false;
	text = buf_string(&b, NULL);
	if (!text)
		return false;
	(void)snprintf(ret, DMI_CHARS, "%.*s", (int)strcspn(text, "\n"), text);
	return true;
}

enum metadata_kind metadata_detect(const char *dmi)
{
	static const char xen[] = ".amazon";
	char text[DMI_CHARS];

	dmi = dmi ? dmi : "/sys/class/dmi/id";
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (holds(dmi, signs[i].file, text) &&
			strncmp(text, signs[i].begin, strlen(signs[i].begin)) == 0)
			return signs[i].kind;
	if (holds(dmi, "bios_version", text) && strlen(text) >= strlen(xen) &&
		strcmp(text + strlen(text) - strlen(xen), xen) == 0)
		return METADATA_AWS;
	return METADATA_NONE;
}

int metadata_open(struct metadata **ret, enum metadata_kind kind,
	const char *url, struct err *e)
{
	const struct metadata_patience none = { 0 };

	return metadata_open_patient(ret, kind, url, &none, e);
}

int metadata_open_patient(struct metadata **ret, enum metadata_kind kind,
	const char *url, const struct metadata_patience *patience, struct err *e)
{
	unsigned seconds =
		patience->seconds ? patience->seconds : METADATA_WHOLE_SECONDS;
	const struct http_config config = {
		.link_local = true,
		.connect_seconds = METADATA_CONNECT_SECONDS,
		.stall_seconds = seconds,
		.whole_seconds = seconds,
		.stop = patience->stop,
		.stop_arg = patience->arg,
	};
	struct metadata *m;
	int r;

	if (kind == METADATA_NONE)
		return err_set(e, -EINVAL, "no cloud has no metadata service");
	m = calloc(1, sizeof(*m));
	if (!m)
		return err_set(e, -ENOMEM, "no memory for metadata");
	m->kind = kind;
	m->url = url ? url : clouds[kind].url;
	r = http_new(&m->http, &config, e);
	if (r < 0) {
		metadata_close(m);
		return r;
	}
	*ret = m;
	return 0;
}

void metadata_close(struct metadata *m)
{
	if (!m)
		return;
	http_free(m->http);
	explicit_bzero(m, sizeof(*m));
	free(m);
}

/* What a status means to a caller. */
static int judge(int status, struct err *e)
{
	if (status == 200)
		return 0;
	if (status == 404)
		return err_set(e, -ENOENT, "the service does not have it (404)");
	if (status == 401 || status == 403)
		return err_set(e, -EACCES, "the service refuses (%d)", status);
	if (status == 429 || status >= 500)
		return err_set(e, -EAGAIN, "the service is busy (%d)", status);
	return err_set(e, -EPROTO, "the service answers %d", status);
}

static int ask(struct http_answer *a, struct metadata *m, const char *method,
	const char *path, const char *header, struct err *e)
{
	struct http_request rq = { .method = method };
	char url[METADATA_URL_CHARS];
	int n = snprintf(url, sizeof(url), "%s%s", m->url, path);
	int r;

	if (n < 0 || (size_t)n >= sizeof(url))
		return err_set(e, -EINVAL, "URL of %d characters", n);
	rq.url = url;
	if (header)
		rq.headers[rq.headers_n++] = header;
	r = http_do(m->http, a, &rq, e);
	return r < 0 ? r : judge(a->status, e);
}

/* IMDSv2: PUT for a token that the GETs show. */
static int get_token(struct metadata *m, struct err *e)
{
	AUTO_ANSWER struct http_answer a = { 0 };
	char header[80];
	int r;

	http_answer_init(&a, METADATA_TOKEN_CHARS - 1);
	(void)snprintf(header, sizeof(header),
		"X-aws-ec2-metadata-token-ttl-seconds: %d",
		METADATA_TOKEN_TTL_SECONDS);
	r = ask(&a, m, "PUT", "/latest/api/token", header, e);
	for (size_t i = 0; r == 0 && i < a.body.len; i++)
		if (a.body.data[i] <= ' ' || a.body.data[i] > '~')
			r = err_set(e, -EPROTO, "not a session token");
	if (r == 0 && !a.body.len)
		r = err_set(e, -EPROTO, "an empty session token");
	if (r == 0)
		(void)snprintf(m->token, sizeof(m->token), "%.*s",
			(int)a.body.len, (const char *)a.body.data);
	if (a.body.data)
		explicit_bzero(a.body.data, a.body.cap);
	if (r < 0 && !a.status)
		return err_wrap(e, r,
			"IMDSv2 token (a hop limit of 1 reaches no container)");
	return r < 0 ? err_wrap(e, r, "IMDSv2 token") : 0;
}

static int get_aws(struct http_answer *a, struct metadata *m, const char *path,
	struct err *e)
{
	char header[METADATA_TOKEN_CHARS + 32];
	int r = m->token[0] ? 0 : get_token(m, e);

	for (int tries = 0; r == 0; tries++) {
		(void)snprintf(header, sizeof(header),
			"X-aws-ec2-metadata-token: %s", m->token);
		r = ask(a, m, "GET", path, header, e);
		if (a->status != 401 || tries)
			break;
		/* A token that has run out. */
		r = get_token(m, e);
	}
	explicit_bzero(header, sizeof(header));
	return r;
}

/* What could not stand in a URL is as good as no ETag. */
static void note_etag(struct metadata *m, const struct http_answer *a)
{
	char value[HTTP_VALUE_CHARS];
	size_t n = 0;

	if (http_header(a, value, "etag"))
		n = strspn(value, "0123456789abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.~");
	if (n && (value[n] || n >= sizeof(m->etag)))
		n = 0;
	memcpy(m->etag, value, n);
	m->etag[n] = 0;
}

const char *metadata_etag(const struct metadata *m)
{
	return m->etag;
}

int metadata_get(
	struct buf *ret, struct metadata *m, const char *path, struct err *e)
{
	AUTO_ANSWER struct http_answer a = { 0 };
	int r;

	http_answer_init(&a, ret->max);
	if (m->kind == METADATA_AWS)
		r = get_aws(&a, m, path, e);
	else
		r = ask(&a, m, "GET", path, clouds[m->kind].header, e);
	if (r < 0)
		return err_wrap(e, r, "metadata service");
	/* Credentials pass here: what is handed over leaves no copy. */
	note_etag(m, &a);
	buf_done(ret);
	*ret = a.body;
	a.body = (struct buf){ 0 };
	return 0;
}
