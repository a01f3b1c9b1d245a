// SPDX-License-Identifier: Apache-2.0
/* A list of versions, whatever it is: ids that can go into a query. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "cloud/versions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct versions v;

	versions_parse(&v, "a/b", (const char *)data, size);
	assert(v.n <= VERSIONS_MAX);
	for (size_t i = 0; i < v.n; i++) {
		assert(v.ids[i][0] && memchr(v.ids[i], 0, VERSIONS_ID_CHARS));
		for (const char *p = v.ids[i]; *p; p++)
			assert(*p > ' ' && *p < 0x7f);
	}
	return 0;
}
