// SPDX-License-Identifier: Apache-2.0
/* What is taken from apk's and pip's lists lies in them, and ends. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>

#include "disk/apk.h"
#include "disk/python.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct slice all, struct slice s)
{
	assert(!s.len || (s.p >= all.p && s.p + s.len <= all.p + all.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice all = { (const char *)data, size };
	struct slice rest = all, line;
	uint8_t want[DIGEST_SHA256_BYTES];
	struct python_line record;
	struct apk_line apk;

	while (apk_next(&apk, &rest)) {
		check(all, apk.value);
		assert(apk_checksum(want, apk.value) <= PACKAGES_SHA256);
	}
	assert(!rest.len);
	for (rest = all; slice_line(&line, &rest);)
		if (python_record_line(&record, line) == 0) {
			check(all, record.path);
			assert(record.path.len &&
				!memchr(record.path.p, 0, record.path.len));
		}
	return 0;
}
