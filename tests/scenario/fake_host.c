// SPDX-License-Identifier: Apache-2.0
/* icecore_fake: the command over made-up memory, FAKE_MIB of it. */
#include "base/num.h"
#include "unit/evidence.h"

__attribute__((constructor)) static void make_host(void)
{
	const char *mib = getenv("FAKE_MIB");
	uint64_t v = 26;

	if (mib && num_u64(&v, mib, NULL) < 0)
		abort();
	evidence_fake_host((unsigned)v);
}
