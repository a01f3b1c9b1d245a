// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sys/uio.h>

#include "base/err.h"
#include "evidence/record.h"

enum {
	BULK_FIELD = 15, /* of every message that has bulk bytes */
	WIRE_LEN = 2,
};

size_t record_bulk_bytes(const struct record *r)
{
	size_t sum = 0;

	for (size_t i = 0; i < r->bulk_n; i++)
		sum += r->bulk[i].iov_len;
	return sum;
}

static size_t put_varint(uint8_t *ret, uint64_t v)
{
	size_t n = 0;

	for (; v >= 0x80; v >>= 7)
		ret[n++] = (uint8_t)(v | 0x80);
	ret[n++] = (uint8_t)v;
	return n;
}

static size_t varint_bytes(uint64_t v)
{
	uint8_t scratch[10];

	return put_varint(scratch, v);
}

/* The message in the oneof, by the descriptor that protoc-c made. */
static const ProtobufCMessage *body_of(const Icecore__V1__Record *m)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field(
			&icecore__v1__record__descriptor, (unsigned)m->body_case);

	if (!f)
		return NULL;
	return *(const ProtobufCMessage *const *)(const void *)((const char *)m +
								f->offset);
}

int record_head(uint8_t *ret, size_t *ret_len, size_t cap,
	const struct record *r, struct err *e)
{
	const ProtobufCMessage *body = body_of(r->message);
	size_t bulk = record_bulk_bytes(r), packed, in_body, total, n = 0;
	uint64_t tag;

	if (!body)
		return err_set(e, -EINVAL, "record without a body");
	if (bulk && !protobuf_c_message_descriptor_get_field(
			    body->descriptor, BULK_FIELD))
		return err_set(e, -EINVAL, "%s has no bulk bytes",
			body->descriptor->short_name);
	tag = (uint64_t)r->message->body_case << 3 | WIRE_LEN;
	packed = protobuf_c_message_get_packed_size(body);
	in_body = packed + bulk + (bulk ? 1 + varint_bytes(bulk) : 0);
	total = varint_bytes(tag) + varint_bytes(in_body) + in_body;
	if (total > RECORD_MAX_BYTES || packed > RECORD_HEAD_MAX_BYTES)
		return err_set(e, -EMSGSIZE, "%s record of %zu bytes",
			body->descriptor->short_name, total);
	if (total - bulk + varint_bytes(total) > cap)
		return err_set(
			e, -ENOBUFS, "record head of %zu bytes", total - bulk);
	n += put_varint(ret, total);
	n += put_varint(ret + n, tag);
	n += put_varint(ret + n, in_body);
	n += protobuf_c_message_pack(body, ret + n);
	if (bulk) {
		ret[n++] = BULK_FIELD << 3 | WIRE_LEN;
		n += put_varint(ret + n, bulk);
	}
	*ret_len = n;
	return 0;
}

int record_length(size_t *ret, const uint8_t *buf, size_t len)
{
	size_t v = 0;

	for (int i = 0; i < RECORD_LENGTH_MAX_BYTES; i++) {
		if ((size_t)i == len)
			return 0;
		v |= (size_t)(buf[i] & 0x7f) << 7 * i;
		if (buf[i] & 0x80)
			continue;
		if (v > RECORD_MAX_BYTES || (i > 0 && buf[i] == 0))
			return -EBADMSG;
		*ret = v;
		return i + 1;
	}
	return -EBADMSG;
}

static void *bounded_alloc(void *left, size_t size)
{
	size_t *room = left;

	if (size > *room)
		return NULL;
	*room -= size;
	return malloc(size);
}

static void bounded_free(void *left, void *p)
{
	(void)left;
	free(p);
}

int record_unpack(ProtobufCMessage **ret,
	const ProtobufCMessageDescriptor *descriptor, const uint8_t *buf,
	size_t len, struct err *e)
{
	size_t left = RECORD_DECODED_MAX_BYTES;
	ProtobufCAllocator bounded = { bounded_alloc, bounded_free, &left };
	ProtobufCMessage *m =
		protobuf_c_message_unpack(descriptor, &bounded, len, buf);

	if (!m)
		return err_set(e, -EBADMSG, "not a %s, or too large",
			descriptor->short_name);
	*ret = m;
	return 0;
}

int record_decode(Icecore__V1__Record **ret, const uint8_t *buf, size_t len,
	struct err *e)
{
	ProtobufCMessage *m = NULL;
	int r = record_unpack(&m, &icecore__v1__record__descriptor, buf, len, e);

	if (r == 0)
		*ret = (Icecore__V1__Record *)(void *)m;
	return r;
}

void record_free(Icecore__V1__Record *r)
{
	if (r)
		icecore__v1__record__free_unpacked(r, NULL);
}

const char *record_kind_name(unsigned kind)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field(
			&icecore__v1__record__descriptor, kind);

	return f ? f->name : NULL;
}

unsigned record_kind_find(const char *name)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field_by_name(
			&icecore__v1__record__descriptor, name);

	return f ? f->id : 0;
}
