// SPDX-License-Identifier: Apache-2.0
/* A record from a hostile file; what decodes, encodes to the same again. */
#include <sys/uio.h>

#include "base/err.h"
#include "evidence/contents.h"
#include "evidence/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Icecore__V1__Record *m = NULL, *again = NULL;
	struct contents c = { 0 };
	uint8_t *packed;
	struct err e;
	size_t n = 0;

	(void)!record_length(&n, data, size);
	if (record_decode(&m, data, size, &e) < 0)
		return 0;
	(void)!contents_add(&c, m, &e);
	contents_done(&c);
	n = icecore__v1__record__get_packed_size(m);
	packed = malloc(n + 1);
	if (!packed || icecore__v1__record__pack(m, packed) != n)
		abort();
	if (n <= RECORD_MAX_BYTES &&
		(record_decode(&again, packed, n, &e) < 0 ||
			again->body_case != m->body_case ||
			icecore__v1__record__get_packed_size(again) != n))
		abort();
	record_free(again);
	record_free(m);
	free(packed);
	return 0;
}
