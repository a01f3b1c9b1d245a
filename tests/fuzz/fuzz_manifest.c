// SPDX-License-Identifier: Apache-2.0
/* A manifest from a stranger.  By the first byte: the rest is the object; or
 * it is the manifest in it, which is signed here. */
#include "base/buf.h"
#include "base/err.h"
#include "evidence/manifest.h"
#include "evidence/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void sign(struct buf *ret, const uint8_t *data, size_t size)
{
	static const uint8_t seed[MANIFEST_KEY_BYTES] = "fuzz";
	struct manifest_key *key = NULL;
	ProtobufCMessage *m = NULL;
	struct err e;

	if (record_unpack(
		    &m, &icecore__v1__manifest__descriptor, data, size, &e) < 0)
		return;
	if (manifest_key_from_seed(&key, seed, &e) < 0)
		abort();
	(void)!manifest_seal(ret, NULL,
		(const Icecore__V1__Manifest *)(const void *)m, key, &e);
	manifest_key_free(key);
	protobuf_c_message_free_unpacked(m, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_BUF struct buf object = { 0 };
	struct manifest m = { 0 };
	struct err e = { 0 };
	int r;

	if (!size)
		return 0;
	buf_init(&object, MANIFEST_MAX_BYTES);
	if (data[0] == 's')
		sign(&object, data + 1, size - 1);
	else if (buf_append(&object, data + 1, size - 1, &e) < 0)
		abort();
	r = manifest_open(&m, object.data, object.len, &e);
	if ((r == 0 && !m.body) || (r < 0 && !e.msg[0]))
		abort();
	if (m.body && m.body->n_segments > MANIFEST_SEGMENTS_MAX)
		abort();
	manifest_done(&m);
	return 0;
}
