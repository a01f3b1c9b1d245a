// SPDX-License-Identifier: Apache-2.0
/* Stores that take a token as it is: azure:// and https://. */
#include "base/err.h"
#include "cloud/store_internal.h"

/* With it tokens, conditions and Content-MD5 are as they are today. */
#define AZURE_VERSION "2021-12-02"

static const char *const methods[] = {
	[STORE_PUT] = "PUT",
	[STORE_REPLACE] = "PUT",
	[STORE_GET] = "GET",
	[STORE_DELETE] = "DELETE",
	[STORE_LIST] = "GET",
};

static int add_condition(struct call *c, struct err *e)
{
	return c->op == STORE_PUT ? call_header(c, e, "If-None-Match: *") : 0;
}

/* RFC 9530: the hash is known, and costs nothing more. */
static int add_digest(struct call *c, struct err *e)
{
	uint8_t sha256[32];
	char b64[48];
	int r = call_sha256(sha256, c, e);

	if (r < 0)
		return r;
	call_base64(b64, sha256, sizeof(sha256));
	return call_header(c, e, "Content-Digest: sha-256=:%s:", b64);
}

static int add_bearer(struct call *c, struct err *e)
{
	return c->ticket && c->ticket->kind == TICKET_BEARER
		       ? call_header(c, e, "Authorization: Bearer %s",
				 c->ticket->token)
		       : 0;
}

int store_by_azure(struct call *c, struct err *e)
{
	bool list = c->op == STORE_LIST;
	const char *query = "";
	int r = 0;

	c->rq.method = methods[c->op];
	if (list)
		(void)snprintf(c->path, sizeof(c->path), "%s", url_path(c->url));
	if (c->ticket->kind == TICKET_SAS || list)
		r = call_text(&query, c, e, "%s%s%s",
			list ? "restype=container&comp=list&maxresults=1" : "",
			list && c->ticket->kind == TICKET_SAS ? "&" : "",
			c->ticket->kind == TICKET_SAS ? c->ticket->token : "");
	if (r == 0)
		r = call_url(c, query, e);
	if (r == 0)
		r = call_header(c, e, "x-ms-version: %s", AZURE_VERSION);
	if (r == 0)
		r = add_bearer(c, e);
	if (r < 0 || !call_puts(c))
		return r;
	r = call_header(c, e, "x-ms-blob-type: BlockBlob");
	if (r == 0)
		r = add_condition(c, e);
	return r < 0 ? r : call_md5(c, e);
}

int store_by_http(struct call *c, struct err *e)
{
	int r;

	c->rq.method = methods[c->op];
	if (c->op == STORE_LIST)
		c->path[strlen(c->path) - strlen(c->object->key)] = 0;
	r = call_url(c, "", e);
	if (r == 0)
		r = add_bearer(c, e);
	if (r < 0 || !call_puts(c))
		return r;
	r = add_condition(c, e);
	return r < 0 ? r : add_digest(c, e);
}
