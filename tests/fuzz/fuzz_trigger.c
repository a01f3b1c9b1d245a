// SPDX-License-Identifier: Apache-2.0
/* Any bytes as a request: two strings that end, or none. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "trigger/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trigger_request rq;
	struct err e = { "" };

	if (trigger_request_decode(&rq, data, size, &e) < 0) {
		assert(e.msg[0]);
		return 0;
	}
	assert(memchr(rq.case_name, 0, sizeof(rq.case_name)));
	assert(memchr(rq.reason, 0, sizeof(rq.reason)));
	return 0;
}
