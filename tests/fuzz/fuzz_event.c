// SPDX-License-Identifier: Apache-2.0
/* Any bytes as records of the recorder: the messages that are made of them can
 * be encoded and decoded again. */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "base/err.h"
#include "collect/event_record.h"
#include "evidence/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t packed[RECORD_MAX_BYTES];
	struct event_batch *b = NULL;
	struct err e = { "" };
	AUTO_FREE uint8_t *copy = malloc(size ? size : 1);
	size_t at = 0, n;

	assert(copy && event_batch_new(&b, NULL, &e) == 0);
	memcpy(copy, data, size);
	do {
		Icecore__V1__Record m = ICECORE__V1__RECORD__INIT, *back;
		struct record out = { &m, NULL, 0 };
		size_t len;
		int skip;

		n = event_batch_fill(b, copy + at, size - at);
		assert(n <= size - at);
		at += n;
		m.body_case = ICECORE__V1__RECORD__BODY_EVENTS;
		m.events = event_batch_message(b);
		assert(record_head(packed, &len, sizeof(packed), &out, &e) == 0);
		skip = record_length(&n, packed, len);
		assert(skip > 0);
		assert(record_decode(&back, packed + skip, len - (size_t)skip,
			       &e) == 0);
		assert(back->events->n_events == m.events->n_events);
		n = m.events->n_events;
		record_free(back);
	} while (n == EVENT_BATCH);
	event_batch_free(b);
	return 0;
}
