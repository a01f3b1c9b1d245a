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

/* What a PUT has in either. */
static int add_put(struct call *c, struct err *e)
{
	int r = c->op == STORE_PUT ? call_header(c, e, "If-None-Match: *") : 0;

	return r < 0 ? r : call_md5(c, e);
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
	return r < 0 ? r : add_put(c, e);
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
	return r < 0 || !call_puts(c) ? r : add_put(c, e);
}
