// SPDX-License-Identifier: Apache-2.0
/* Tickets of S3 that are signed for others: a POST policy, presigned URLs. */
#include <errno.h>

#include <openssl/rand.h>

#include "base/err.h"
#include "cloud/store_internal.h"

enum { BOUNDARY_BYTES = 16, FORM_BYTES = 64 << 10 };

/* The bucket is the first label of the host or the first part of the path. */
static int check_bucket(const struct call *c, struct err *e)
{
	const char *host = strstr(c->ticket->url, "://");
	size_t n = strlen(c->url->bucket);
	const char *path;

	host = host ? host + 3 : "";
	path = host + strcspn(host, "/");
	if ((strncmp(host, c->url->bucket, n) == 0 && host[n] == '.') ||
		(*path && strncmp(path + 1, c->url->bucket, n) == 0 &&
			(!path[1 + n] || strcmp(path + 1 + n, "/") == 0)))
		return 0;
	return err_set(e, -EINVAL,
		"the ticket's POST policy is for another bucket than '%s'",
		c->url->bucket);
}

static int add_field(struct buf *form, const char *boundary,
	struct ticket_pair f, struct err *e)
{
	return buf_text(form, e,
		"--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n"
		"%s\r\n",
		boundary, f.name, f.value);
}

/* A field that the policy speaks of, so that it may be there. */
static bool wanted(const struct ticket *t, const char *name)
{
	return strcasestr(t->policy, name) && !ticket_find(t, name);
}

static int add_checksums(
	struct buf *form, const char *boundary, struct call *c, struct err *e)
{
	uint8_t sha256[32];
	char b64[48];
	int r = 0;

	if (wanted(c->ticket, "Content-MD5")) {
		r = call_md5(c, e);
		if (r == 0) /* in the form instead of the headers */
			r = add_field(form, boundary,
				(struct ticket_pair){ "Content-MD5",
					c->rq.headers[--c->rq.headers_n] +
						strlen("Content-MD5: ") },
				e);
	}
	if (r < 0 || !wanted(c->ticket, "x-amz-checksum-sha256"))
		return r;
	r = call_sha256(sha256, c, e);
	if (r < 0)
		return r;
	call_base64(b64, sha256, 32);
	return add_field(form, boundary,
		(struct ticket_pair){ "x-amz-checksum-sha256", b64 }, e);
}

static int make_form(
	struct buf *form, const char *boundary, struct call *c, struct err *e)
{
	const char *key;
	int r = call_key(&key, c, e);

	if (r == 0)
		r = add_field(
			form, boundary, (struct ticket_pair){ "key", key }, e);
	for (size_t i = 0; r == 0 && i < c->ticket->pairs_n; i++)
		if (strcmp(c->ticket->pairs[i].name, "key") != 0)
			r = add_field(form, boundary, c->ticket->pairs[i], e);
	if (r == 0)
		r = add_checksums(form, boundary, c, e);
	if (r == 0)
		r = buf_text(form, e,
			"--%s\r\nContent-Disposition: form-data; name=\"file\"; "
			"filename=\"object\"\r\nContent-Type: "
			"application/octet-stream\r\n\r\n",
			boundary);
	return r;
}

int store_by_policy(struct call *c, struct err *e)
{
	char boundary[2 * BOUNDARY_BYTES + 1];
	AUTO_BUF struct buf form = { 0 };
	uint8_t chance[BOUNDARY_BYTES] = { 0 };
	const char *head = "", *tail = "";
	int r = check_bucket(c, e);

	if (r == 0 && !call_puts(c))
		r = err_set(e, -EACCES, "a POST policy can only add");
	if (r == 0 && RAND_bytes(chance, sizeof(chance)) != 1)
		r = err_set(e, -EIO, "no random bytes");
	if (r < 0)
		return r;
	for (size_t i = 0; i < sizeof(chance); i++)
		(void)snprintf(boundary + 2 * i, 3, "%02x", chance[i]);
	buf_init(&form, FORM_BYTES);
	r = make_form(&form, boundary, c, e);
	if (r == 0)
		r = call_text(&head, c, e, "%.*s", (int)form.len, form.data);
	if (r == 0)
		r = call_text(&tail, c, e, "\r\n--%s--\r\n", boundary);
	if (r == 0)
		r = call_header(c, e,
			"Content-Type: multipart/form-data; boundary=%s",
			boundary);
	if (form.data)
		explicit_bzero(form.data, form.len);
	if (r < 0)
		return r;
	c->rq.method = "POST";
	c->rq.url = c->ticket->url;
	c->rq.body[0].iov_base = (void *)(uintptr_t)head;
	c->rq.body[0].iov_len = strlen(head);
	c->rq.body[1].iov_base = (void *)(uintptr_t)c->object->data;
	c->rq.body[1].iov_len = c->object->len;
	c->rq.body[2].iov_base = (void *)(uintptr_t)tail;
	c->rq.body[2].iov_len = strlen(tail);
	c->rq.body_n = 3;
	return 0;
}

/* The URL's path ends with the object's own key. */
static int check_key(const char *url, const char *key, struct err *e)
{
	size_t path = strcspn(url, "?"), n = strlen(key);

	if (path > n && url[path - n - 1] == '/' &&
		strncmp(url + path - n, key, n) == 0)
		return 0;
	return err_set(e, -EINVAL,
		"the ticket's presigned URL is not that of %s", key);
}

int store_by_presigned(struct call *c, struct err *e)
{
	const char *name = strrchr(c->object->key, '/');
	const char *url, *key;
	int r;

	name = name ? name + 1 : c->object->key;
	url = ticket_find(c->ticket, name);
	if (!call_puts(c))
		return err_set(e, -EACCES, "presigned PUTs can only add");
	if (!url)
		return err_set(e, -EKEYEXPIRED,
			"the ticket has no presigned URL for %s", name);
	r = call_key(&key, c, e);
	if (r == 0)
		r = check_key(url, key, e);
	/* Without the condition the signature does not hold, where it was
	 * signed with it. */
	if (r == 0 && c->op == STORE_PUT)
		r = call_header(c, e, "If-None-Match: *");
	if (r == 0)
		r = call_md5(c, e);
	c->rq.method = "PUT";
	c->rq.url = url;
	return r;
}
