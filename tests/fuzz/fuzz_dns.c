// SPDX-License-Identifier: Apache-2.0
/* Any bytes as a DNS message: a printable name of bounded length, or none. */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "recorder/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_question q;

	if (dns_question(&q, data, size) < 0)
		return 0;
	assert(q.name[0] && strlen(q.name) < DNS_NAME_CHARS);
	for (const char *p = q.name; *p; p++)
		assert(*p > 0x20 && *p < 0x7f);
	return 0;
}
