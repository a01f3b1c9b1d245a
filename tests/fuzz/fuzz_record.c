// SPDX-License-Identifier: Apache-2.0
/* A record from a hostile file; what decodes, encodes to the same again. */
#include <sys/uio.h>

#include "base/err.h"
#include "evidence/contents.h"
#include "evidence/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* protobuf-c keeps fields that it does not know, some in a form that it does
 * not read again (field 0): only what it knows must come back. */
static int all_known(const ProtobufCMessage *m)
{
	if (m->n_unknown_fields)
		return 0;
	for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
		const char *base = (const char *)m;
		ProtobufCMessage *const *v =
			(ProtobufCMessage *const *)(const void *)(base +
								  f->offset);
		size_t n = 1;

		if (f->type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		if (f->label == PROTOBUF_C_LABEL_REPEATED) {
			n = *(const size_t *)(const void *)(base +
							    f->quantifier_offset);
			v = *(ProtobufCMessage *const *const *)(const void *)v;
		} else if (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF &&
			   *(const uint32_t *)(const void *)(base +
							     f->quantifier_offset) !=
				   f->id) {
			n = 0;
		}
		for (size_t k = 0; k < n; k++)
			if (v[k] && !all_known(v[k]))
				return 0;
	}
	return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Icecore__V1__Record *m = NULL, *again = NULL;
	struct contents c = { 0 };
	uint8_t *packed;
	struct err e;
	size_t n = 0;

	(void)!record_length(&n, data, size);
	if (record_decode(&m, data, size, &e) < 0)
		return 0;
	(void)!contents_add(&c, m, &e);
	contents_done(&c);
	n = icecore__v1__record__get_packed_size(m);
	packed = malloc(n + 1);
	if (!packed || icecore__v1__record__pack(m, packed) != n)
		abort();
	if (all_known(&m->base) && n <= RECORD_MAX_BYTES &&
		(record_decode(&again, packed, n, &e) < 0 ||
			again->body_case != m->body_case ||
			icecore__v1__record__get_packed_size(again) != n))
		abort();
	record_free(again);
	record_free(m);
	free(packed);
	return 0;
}
