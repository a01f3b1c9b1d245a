// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/json.h"
#include "lab/escape.h"
#include "lab/message_json.h"

enum {
	BYTES_SHOWN = 64,
	DEPTH_MAX = 16,
	BULK_FIELD = 15, /* of every message that has bulk bytes */
	TEXT_BYTES = 8 << 20, /* of a field, escaped */
};

static json_t *message_at(const ProtobufCMessage *m, int depth);

static json_t *number(uint64_t v)
{
	char text[24];

	if (v < 1ULL << 53)
		return json_integer((json_int_t)v);
	(void)snprintf(text, sizeof(text), "%" PRIu64, v);
	return json_string(text);
}

static json_t *signed_number(int64_t v)
{
	char text[24];

	if (v >= 0)
		return number((uint64_t)v);
	if (v > -(1LL << 53))
		return json_integer(v);
	(void)snprintf(text, sizeof(text), "%" PRId64, v);
	return json_string(text);
}

static json_t *bytes(const ProtobufCBinaryData *b)
{
	char hex[2 * BYTES_SHOWN + 1] = "";

	if (b->len > BYTES_SHOWN)
		return json_pack("{s:I}", "bytes", (json_int_t)b->len);
	for (size_t i = 0; i < b->len; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", b->data[i]);
	return json_string(hex);
}

/* Names and paths of the host. */
static json_t *host_text(const ProtobufCBinaryData *b)
{
	AUTO_BUF struct buf text = { 0 };
	const char *s = NULL;

	buf_init(&text, TEXT_BYTES);
	if (escape(&text, b->data, b->len, NULL) == 0)
		s = buf_string(&text, NULL);
	return s ? json_string(s) : NULL;
}

/* Of the other bytes of the host, those that are no text. */
static bool is_text(const ProtobufCFieldDescriptor *f)
{
	static const char *const others[] = { "sha256", "md5", "md5_expected",
		"md5_found", "sha1_expected", "sha1_found", "sha256_expected",
		"sha256_found", "content_id", "build_id", "capability",
		"boot_id", "signer" };

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strcmp(f->name, others[i]) == 0)
			return false;
	return f->id != BULK_FIELD;
}

static json_t *enum_name(const ProtobufCFieldDescriptor *f, int v)
{
	const ProtobufCEnumValue *name =
		protobuf_c_enum_descriptor_get_value(f->descriptor, v);

	return name ? json_string(name->name) : json_integer(v);
}

/* One value of the field ${f}, which lies at ${p}. */
static json_t *value(const ProtobufCFieldDescriptor *f, const void *p, int depth)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_MESSAGE:
		return message_at(*(ProtobufCMessage *const *)p, depth + 1);
	case PROTOBUF_C_TYPE_STRING:
		return json_text(*(char *const *)p);
	case PROTOBUF_C_TYPE_BYTES:
		return is_text(f) ? host_text(p) : bytes(p);
	case PROTOBUF_C_TYPE_BOOL:
		return json_boolean(*(const protobuf_c_boolean *)p);
	case PROTOBUF_C_TYPE_ENUM:
		return enum_name(f, *(const int *)p);
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return number(*(const uint64_t *)p);
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return json_integer(*(const uint32_t *)p);
	case PROTOBUF_C_TYPE_SINT64:
		return signed_number(*(const int64_t *)p);
	case PROTOBUF_C_TYPE_SINT32:
		return json_integer(*(const int32_t *)p);
	default:
		return json_string("?");
	}
}

static size_t value_bytes(const ProtobufCFieldDescriptor *f)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_ENUM:
		return 4;
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	default:
		return 8;
	}
}

static json_t *repeated(
	const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, int depth)
{
	const char *base = (const char *)m;
	size_t n = *(const size_t *)(const void *)(base + f->quantifier_offset);
	const char *v = *(const char *const *)(const void *)(base + f->offset);
	json_t *list = json_array();

	for (size_t i = 0; list && i < n; i++)
		list = json_append(list, value(f, v + i * value_bytes(f), depth));
	return list;
}

/* In a oneof only the field that is there; an absent message is left out, and
 * so is what proto2 says is absent. */
static int present(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	const char *base = (const char *)m;

	if (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		return *(const uint32_t *)(const void *)(base +
							 f->quantifier_offset) ==
		       f->id;
	if (f->type == PROTOBUF_C_TYPE_MESSAGE ||
		f->type == PROTOBUF_C_TYPE_STRING)
		return *(const void *const *)(const void *)(base + f->offset) !=
		       NULL;
	if (f->label == PROTOBUF_C_LABEL_OPTIONAL)
		return *(const protobuf_c_boolean *)(const void
				*)(base + f->quantifier_offset);
	return 1;
}

static json_t *message_at(const ProtobufCMessage *m, int depth)
{
	json_t *j = depth < DEPTH_MAX ? json_object() : NULL;

	for (unsigned i = 0; j && i < m->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
		json_t *v;

		if (f->label == PROTOBUF_C_LABEL_REPEATED)
			v = repeated(m, f, depth);
		else if (present(m, f))
			v = value(f, (const char *)m + f->offset, depth);
		else
			continue;
		if (json_object_set_new(j, f->name, v) < 0)
			return json_decref(j), NULL;
	}
	return j;
}

json_t *message_json(const ProtobufCMessage *m)
{
	return message_at(m, 0);
}
