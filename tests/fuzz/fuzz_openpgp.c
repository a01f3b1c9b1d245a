// SPDX-License-Identifier: Apache-2.0
/* Keys of any kind, and signatures that nobody of them made. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>

#include "base/err.h"
#include "disk/openpgp.h"
#include "disk/openpgp_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct openpgp_keys *keys = NULL;
	struct octets all = { data, size }, body;
	const struct iovec part = { (void *)(uintptr_t) "text", 4 };
	uint8_t signer[OPENPGP_ID_BYTES];
	struct err e = { 0 };
	unsigned tag;
	int r = openpgp_keys_parse(&keys, data, size, &e);

	assert(r == 0 || r == -EBADMSG || r == -ENOMEM);
	while (keys && octets_packet(&tag, &body, &all)) {
		assert(body.p + body.len <= data + size && tag < 64);
		r = openpgp_verify(keys, body.p, body.len, &part, 1, signer, &e);
		assert(r < 0);
	}
	openpgp_keys_free(keys);
	return 0;
}
