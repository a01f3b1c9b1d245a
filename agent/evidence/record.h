/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records: the protobuf messages of evidence, their length-delimited framing,
 * and the limits that every reader may rely on (proto/FORMAT.md section 2).
 */
#ifndef EVIDENCE_RECORD_H
#define EVIDENCE_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"

struct err;

enum {
	RECORD_MAX_BYTES = 2 << 20, /* without its length */
	RECORD_HEAD_MAX_BYTES = 1 << 20, /* of it, what is not bulk */
	RECORD_LENGTH_MAX_BYTES = 4, /* varint of RECORD_MAX_BYTES */
	RECORD_KINDS = 64, /* above the largest body field */
	RECORD_DECODED_MAX_BYTES = 64 << 20,
	RECORD_FORMAT_VERSION = 1,
};

/* A record on its way out: the message, and its bulk bytes where they lie. */
struct record {
	const Icecore__V1__Record *message; /* its data field is empty */
	const struct iovec *bulk;
	size_t bulk_n;
};

/*
 * record_bulk_bytes(r):
 * The sum of the bulk pieces.
 */
size_t record_bulk_bytes(const struct record *r);

/*
 * record_head(ret, ret_len, cap, r, e):
 * Encode the length and everything of ${r} up to its bulk bytes, which the
 * caller sends after them.  -EMSGSIZE when the record or the head is over its
 * limit, -ENOBUFS when ${cap} is too small, -EINVAL for bulk bytes in a kind
 * that has none.
 */
int record_head(uint8_t *ret, size_t *ret_len, size_t cap,
	const struct record *r, struct err *e) MUST_CHECK;

/*
 * record_length(ret, buf, len):
 * Decode the varint before a record.  Return how many bytes it has, 0 when
 * ${buf} ends inside it, -EBADMSG when it is over RECORD_MAX_BYTES or not in
 * its shortest form.
 */
int record_length(size_t *ret, const uint8_t *buf, size_t len) MUST_CHECK;

/*
 * record_decode(ret, buf, len, e):
 * Decode one record, without its length, using RECORD_DECODED_MAX_BYTES at
 * most.  A kind that this version does not know has body_case NOT_SET.  The
 * caller frees with record_free().
 */
int record_decode(Icecore__V1__Record **ret, const uint8_t *buf, size_t len,
	struct err *e) MUST_CHECK;
void record_free(Icecore__V1__Record *r);

/*
 * record_kind_name(kind), record_kind_find(name):
 * The name in record.proto of the body field ${kind}, such as
 * "memory_extent"; NULL or 0 when there is none.
 */
const char *record_kind_name(unsigned kind);
unsigned record_kind_find(const char *name);

/*
 * record_unpack(ret, descriptor, buf, len, e):
 * Decode any message of a hostile file within RECORD_DECODED_MAX_BYTES; free
 * it with protobuf_c_message_free_unpacked(m, NULL).
 */
int record_unpack(ProtobufCMessage **ret,
	const ProtobufCMessageDescriptor *descriptor, const uint8_t *buf,
	size_t len, struct err *e) MUST_CHECK;

#endif
