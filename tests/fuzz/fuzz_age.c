// SPDX-License-Identifier: Apache-2.0
/* An age file from a stranger, for a key that every seed is sealed for. */
#include "base/err.h"
#include "fuzz/fuzz_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t plain[AGE_CHUNK_BYTES];
	struct age_identity id;
	struct age_opener *o = NULL;
	struct err e;
	size_t at = 0;
	int r;

	fuzz_key(&id);
	r = age_opener_new(&o, &at, &id, 1, data, size, &e);
	if (r == 0 && at > size)
		abort();
	while (r >= 0 && at < size) {
		size_t n = size - at;
		int last = n <= AGE_SEALED_CHUNK_BYTES;

		n = last ? n : AGE_SEALED_CHUNK_BYTES;
		r = age_opener_chunk(o, plain, data + at, n, last, &e);
		if (r > AGE_CHUNK_BYTES)
			abort();
		at += n;
	}
	age_opener_free(o);
	return 0;
}
