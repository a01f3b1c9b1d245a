// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>

#include "base/err.h"
#include "lab/extent.h"

static bool has_data(const Icecore__V1__PageRun *run)
{
	return run->status == ICECORE__V1__PAGE_STATUS__PAGE_STATUS_DATA ||
	       run->status == ICECORE__V1__PAGE_STATUS__PAGE_STATUS_PRIVATE_MAP;
}

int extent_each(const Icecore__V1__MemoryExtent *x, extent_see *see, void *arg,
	struct err *e)
{
	uint64_t at = x->start;
	size_t used = 0;

	for (size_t i = 0; i < x->n_runs; i++) {
		const Icecore__V1__PageRun *run = x->runs[i];
		const uint8_t *data = NULL;
		struct range r = { at, at };
		int rc;

		if (run->status < ICECORE__V1__PAGE_STATUS__PAGE_STATUS_DATA ||
			run->status >=
				ICECORE__V1__PAGE_STATUS__PAGE_STATUS_HWPOISON ||
			__builtin_add_overflow(at, run->bytes, &r.end))
			return err_set(e, -EBADMSG, "impossible page run");
		if (has_data(run)) {
			if (run->bytes > x->data.len - used)
				return err_set(e, -EBADMSG,
					"extent with too few bytes");
			/* Of no bytes there need be no pointer. */
			data = run->bytes ? x->data.data + used : NULL;
			used += run->bytes;
		}
		rc = see(arg, r, run->status, data, e);
		if (rc < 0)
			return rc;
		at = r.end;
	}
	return used == x->data.len
		       ? 0
		       : err_set(e, -EBADMSG, "extent with too many bytes");
}
