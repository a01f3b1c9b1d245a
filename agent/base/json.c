// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"

json_t *json_hex(uint64_t v)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%#" PRIx64, v);
	return json_string(text);
}

json_t *json_text(const char *s)
{
	json_t *j = json_string(s);
	AUTO_FREE char *clean = NULL;

	if (j)
		return j;
	clean = strdup(s);
	for (char *p = clean; p && *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	return clean ? json_string(clean) : NULL;
}

json_t *json_append(json_t *list, json_t *v)
{
	if (json_array_append_new(list, v) == 0)
		return list;
	json_decref(list);
	return NULL;
}

static int decode(json_t **ret, json_type type, const void *text, size_t len,
	struct err *e)
{
	json_error_t why = { 0 };
	json_t *j =
		json_loadb(text ? text : "", len, JSON_REJECT_DUPLICATES, &why);

	/* jansson names each error but the lack of memory. */
	if (!j && (json_error_code(&why) == json_error_out_of_memory ||
			  json_error_code(&why) == json_error_unknown))
		return err_set(e, -ENOMEM, "no memory for JSON");
	if (!j || json_typeof(j) != type) {
		json_decref(j);
		return err_set(e, -EBADMSG, "not a JSON %s",
			type == JSON_OBJECT ? "object" : "array");
	}
	*ret = j;
	return 0;
}

int json_decode(json_t **ret, const void *text, size_t len, struct err *e)
{
	return decode(ret, JSON_OBJECT, text, len, e);
}

int json_decode_list(json_t **ret, const void *text, size_t len, struct err *e)
{
	return decode(ret, JSON_ARRAY, text, len, e);
}

struct encoding {
	struct buf *out;
	int failed;
	struct err *e;
};

static int encode_piece(const char *text, size_t len, void *arg)
{
	struct encoding *en = arg;

	if (!en->failed)
		en->failed = buf_append(en->out, text, len, en->e);
	return en->failed;
}

int json_encode(struct buf *ret, const json_t *j, size_t flags, struct err *e)
{
	struct encoding en = { .out = ret, .e = e };

	if (!j)
		return err_set(e, -ENOMEM, "no memory for JSON");
	if (json_dump_callback(j, encode_piece, &en, flags) < 0 && !en.failed)
		return err_set(e, -ENOMEM, "no memory for the JSON text");
	return en.failed;
}

int json_print(int fd, const json_t *j, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	int r;

	buf_init(&text, JSON_TEXT_BYTES);
	r = json_encode(&text, j, JSON_INDENT(2), e);
	if (r == 0)
		r = buf_append(&text, "\n", 1, e);
	return r < 0 ? r : io_write(fd, text.data, text.len, e);
}
