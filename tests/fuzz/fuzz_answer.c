// SPDX-License-Identifier: Apache-2.0
/* A store's answer, headers and XML: whatever it is, what is told is text. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>

#include "base/err.h"
#include "base/http.h"
#include "cloud/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_text(const char *s)
{
	for (; *s; s++)
		assert((unsigned char)*s >= ' ' && *s != 0x7f);
}

/* Two bytes of status, headers up to an empty line, body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char value[HTTP_VALUE_CHARS];
	struct answer_error x;
	struct http_answer a;
	struct err e = { "" };
	const uint8_t *body;
	size_t head;
	int r;

	if (size < 2)
		return 0;
	http_answer_init(&a, ANSWER_BYTES);
	a.status = (data[0] << 8 | data[1]) % 600;
	data += 2;
	size -= 2;
	body = size ? memmem(data, size, "\n\n", 2) : NULL;
	head = body ? (size_t)(body - data) : 0;
	assert(buf_append(&a.headers, data, head, NULL) == 0 || head > 65536);
	(void)!buf_append(&a.body, data + head, size - head, NULL);
	r = answer_result(&a, &e);
	assert((r == 0) == (a.status >= 200 && a.status < 300));
	assert(r == 0 || e.msg[0]);
	is_text(e.msg);
	assert(answer_retry_after(&a) <= 3600);
	assert(http_date(&a) >= 0);
	if (http_header(&a, value, "a"))
		assert(strlen(value) < HTTP_VALUE_CHARS);
	answer_parse_error(&x, (const char *)a.body.data, a.body.len);
	is_text(x.code);
	is_text(x.message);
	is_text(x.region);
	http_answer_done(&a);
	return 0;
}
