// SPDX-License-Identifier: Apache-2.0
/* Any bytes as a record: every table of the report that is made of it is JSON,
 * has as many cells as columns, and nothing in it that HTML knows. */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "evidence/record.h"
#include "report/memory_map.h"
#include "report/model.h"

enum { TEXT_BYTES = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t columns_of(const struct model_table *t)
{
	size_t n = 1;

	for (const char *s = t->columns; *s; s++)
		n += *s == ' ';
	return n;
}

static void check_text(const struct buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		assert(!strchr("<>&", b->data[i]) && b->data[i] != 0);
	for (size_t i = 0; i + 2 < b->len; i++)
		assert(memcmp(b->data + i, "\xe2\x80\xa8", 3) != 0 &&
			memcmp(b->data + i, "\xe2\x80\xae", 3) != 0);
}

static void check_table(const struct model_table *t, const struct row *rows)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_JSON json_t *list = NULL;
	const json_t *row;
	struct err e = { 0 };
	size_t i;

	buf_init(&text, TEXT_BYTES);
	assert(buf_append(&text, "[", 1, &e) == 0);
	assert(row_guard(&text, rows->out.data, rows->out.len, &e) == 0);
	assert(buf_append(&text, "]", 1, &e) == 0);
	check_text(&text);
	assert(json_decode_list(&list, text.data, text.len, &e) == 0);
	assert(json_array_size(list) == rows->rows && rows->rows <= rows->total);
	json_array_foreach(list, i, row)
		assert(json_array_size(row) == columns_of(t));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Icecore__V1__Record *m = NULL;
	AUTO_RANGES struct ranges ram = { 0 };
	struct memory_map map;
	struct model model;
	struct err e = { 0 };

	if (record_decode(&m, data, size, &e) < 0)
		return 0;
	model_init(&model);
	assert(ranges_add(&ram, (struct range){ 0x1000, 0x9f000 }, &e) == 0);
	assert(ranges_add(&ram, (struct range){ 1 << 20, 64 << 20 }, &e) == 0);
	assert(memory_map_init(&map, &ram, &e) == 0);
	assert(model_add(&model, m, &e) == 0);
	(void)!memory_map_add(&map, m, &e);
	for (size_t i = 0; i < model.n; i++)
		check_table(model.tables[i], &model.rows[i]);
	memory_map_done(&map);
	model_done(&model);
	record_free(m);
	return 0;
}
