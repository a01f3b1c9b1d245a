// SPDX-License-Identifier: Apache-2.0
/* What any bytes are as messages of rtnetlink: records that can be packed. */
#undef NDEBUG
#include <assert.h>

#include "collect/net_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE uint8_t *copy = malloc(size ? size : 1);
	struct net_config *c = NULL;
	struct err e = { "" };

	assert(copy && net_config_new(&c, &e) == 0);
	memcpy(copy, data, size);
	for (int kind = 0; kind < ROUTE_KINDS; kind++) {
		Icecore__V1__NetConfig *out;
		const uint8_t *at = copy;
		size_t len = size;

		while ((out = net_config_make(
				c, (enum route_kind)kind, &at, &len))) {
			size_t n = icecore__v1__net_config__get_packed_size(out);
			uint8_t *packed = malloc(n);

			assert(packed);
			assert(icecore__v1__net_config__pack(out, packed) == n);
			free(packed);
		}
		assert(at + len <= copy + size);
	}
	net_config_free(c);
	return 0;
}
