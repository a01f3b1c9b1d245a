// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "evidence/hash.h"
#include "report/memory_map.h"
#include "report/model.h"
#include "report/page.h"
#include "report/write.h"

enum {
	GUARDED_BYTES = 6, /* of one byte: \uNNNN */
	HASH_BASE64_CHARS = 45, /* with its NUL */
	COLUMNS_BYTES = 4096,
};

static int put(int fd, const char *text, struct err *e)
{
	return io_write(fd, text, strlen(text), e);
}

static int put_page(int fd, const struct page_text *p, struct err *e)
{
	return io_write(fd, p->text, p->len, e);
}

/* As a Content-Security-Policy names what it allows. */
static int page_hash(
	char ret[HASH_BASE64_CHARS], const struct page_text *p, struct err *e)
{
	uint8_t hash[HASH_BYTES];
	int r = hash_bytes(hash, p->text, p->len, e);

	if (r == 0)
		(void)EVP_EncodeBlock((unsigned char *)ret, hash, HASH_BYTES);
	return r;
}

static int put_head(int fd, struct err *e)
{
	char style[HASH_BASE64_CHARS] = "", script[HASH_BASE64_CHARS] = "";
	AUTO_BUF struct buf head = { 0 };
	int r = page_hash(style, &page_style, e);

	buf_init(&head, COLUMNS_BYTES);
	if (r == 0)
		r = page_hash(script, &page_script, e);
	if (r == 0)
		r = buf_text(&head, e,
			"<!doctype html>\n<html lang=\"en\">\n<head>\n"
			"<meta charset=\"utf-8\">\n"
			"<meta http-equiv=\"Content-Security-Policy\" content=\""
			"default-src 'none'; script-src 'sha256-%s'; style-src "
			"'sha256-%s'; base-uri 'none'; form-action 'none'\">\n"
			"<meta name=\"viewport\" content=\"width=device-width\">\n"
			"<meta name=\"referrer\" content=\"no-referrer\">\n"
			"<meta name=\"generator\" content=\"icelab %s\">\n"
			"<title>icecore report</title>\n<style>",
			script, style, ICECORE_VERSION);
	if (r == 0)
		r = io_write(fd, head.data, head.len, e);
	if (r == 0)
		r = put_page(fd, &page_style, e);
	if (r == 0)
		r = put(fd, "</style>\n</head>\n<body>\n", e);
	return r < 0 ? r : put_page(fd, &page_body, e);
}

/* JSON, so that none of it is markup. */
static int put_json(int fd, const uint8_t *json, size_t len, struct err *e)
{
	AUTO_BUF struct buf piece = { 0 };
	int r = 0;

	buf_init(&piece, (size_t)WRITE_PIECE_BYTES * GUARDED_BYTES + 1);
	for (size_t at = 0; r == 0 && at < len;) {
		size_t n = len - at < WRITE_PIECE_BYTES ? len - at
							: WRITE_PIECE_BYTES;

		piece.len = 0;
		r = row_guard(&piece, json + at, n, e);
		if (r == 0)
			r = io_write(fd, piece.data, piece.len, e);
		at += n;
	}
	return r;
}

static int begin_data(int fd, const char *name, struct err *e)
{
	AUTO_BUF struct buf tag = { 0 };
	int r;

	buf_init(&tag, COLUMNS_BYTES);
	r = buf_text(&tag, e,
		"<script type=\"application/json\" id=\"data-%s\">", name);
	return r < 0 ? r : io_write(fd, tag.data, tag.len, e);
}

static int end_data(int fd, struct err *e)
{
	return put(fd, "</script>\n", e);
}

/* {"total":N,"columns":["pid",...],"rows":[ */
static int table_head(struct buf *ret, const struct model_table *t,
	const struct row *rows, struct err *e)
{
	int r = buf_text(
		ret, e, "{\"total\":%" PRIu64 ",\"columns\":[", rows->total);
	const char *at = t->columns;

	while (r == 0 && *at) {
		size_t n = strcspn(at, " ");

		r = buf_text(ret, e, "%s\"%.*s\"", at == t->columns ? "" : ",",
			(int)n, at);
		at += n + (at[n] == ' ');
	}
	return r < 0 ? r : buf_text(ret, e, "],\"rows\":[\n");
}

static int put_table(int fd, const struct model_table *t,
	const struct row *rows, struct err *e)
{
	AUTO_BUF struct buf head = { 0 };
	int r;

	buf_init(&head, COLUMNS_BYTES);
	r = table_head(&head, t, rows, e);
	if (r == 0)
		r = begin_data(fd, t->name, e);
	if (r == 0)
		r = put_json(fd, head.data, head.len, e);
	if (r == 0)
		r = put_json(fd, rows->out.data, rows->out.len, e);
	if (r == 0)
		r = put(fd, "]}", e);
	return r < 0 ? r : end_data(fd, e);
}

static int put_custody(int fd, const json_t *custody, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	int r;

	buf_init(&text, WRITE_CUSTODY_BYTES);
	r = json_encode(&text, custody, JSON_COMPACT | JSON_ENSURE_ASCII, e);
	if (r == 0)
		r = begin_data(fd, "custody", e);
	if (r == 0)
		r = put_json(fd, text.data, text.len, e);
	return r < 0 ? r : end_data(fd, e);
}

static int put_memory(int fd, const struct write_data *d, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	int r;

	buf_init(&text, WRITE_MAP_BYTES);
	r = buf_text(&text, e,
		"{\"read\":%s,\"map\":", d->memory_read ? "true" : "false");
	if (r == 0)
		r = memory_map_json(d->memory, &text, e);
	if (r == 0)
		r = buf_text(&text, e, "}");
	if (r == 0)
		r = begin_data(fd, "memory", e);
	if (r == 0)
		r = put_json(fd, text.data, text.len, e);
	return r < 0 ? r : end_data(fd, e);
}

int write_report(int fd, const struct write_data *data, struct err *e)
{
	int r = put_head(fd, e);

	if (r == 0)
		r = put_custody(fd, data->custody, e);
	if (r == 0)
		r = put_memory(fd, data, e);
	for (size_t i = 0; r == 0 && i < data->model->n; i++)
		r = put_table(
			fd, data->model->tables[i], &data->model->rows[i], e);
	if (r == 0)
		r = put(fd, "<script>", e);
	if (r == 0)
		r = put_page(fd, &page_script, e);
	return r < 0 ? r : put(fd, "</script>\n</body>\n</html>\n", e);
}
