// SPDX-License-Identifier: Apache-2.0
#include "lab/show_table.h"
#include "base/err.h"
#include "evidence/record.h"
#include "lab/message_json.h"

static const struct show_table *const all[] = {
	show_live_tables,
	show_core_tables,
	show_network_tables,
	show_kernel_tables,
	show_binary_tables,
	show_disk_tables,
	show_event_tables,
	show_finding_tables,
};

const struct show_table *show_table_find(const char *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		for (const struct show_table *t = all[i]; t->kind; t++)
			if (strcmp(t->kind, kind) == 0)
				return t;
	return NULL;
}

void show_table_names(FILE *f)
{
	const char *comma = "";

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		for (const struct show_table *t = all[i]; t->kind; t++) {
			(void)fprintf(f, "%s%s", comma, t->kind);
			comma = ", ";
		}
}

const void *show_member(const ProtobufCMessage *m, size_t offset)
{
	return (const char *)m + offset;
}

const ProtobufCMessage *show_body(const Icecore__V1__Record *m)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field(
			&icecore__v1__record__descriptor, (unsigned)m->body_case);

	if (!f)
		return NULL;
	return *(const ProtobufCMessage *const *)show_member(&m->base, f->offset);
}

int show_u32(uint32_t *ret, const ProtobufCMessage *m, const char *field)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field_by_name(
			m->descriptor, field);

	if (!f || f->type != PROTOBUF_C_TYPE_UINT32 ||
		f->label == PROTOBUF_C_LABEL_REPEATED)
		return 0;
	if (f->label == PROTOBUF_C_LABEL_OPTIONAL &&
		!*(const protobuf_c_boolean *)show_member(m, f->quantifier_offset))
		return 0;
	*ret = *(const uint32_t *)show_member(m, f->offset);
	return 1;
}

size_t show_table_rows(const struct show_table *t, const Icecore__V1__Record *m)
{
	return t->rows ? t->rows(m) : 1;
}

const ProtobufCMessage *show_table_item(
	const struct show_table *t, const Icecore__V1__Record *m, size_t i)
{
	return t->item ? t->item(m, i) : show_body(m);
}

/* What ${body} says of all its items, where ${j} does not say it itself. */
static int inherit(json_t *j, const ProtobufCMessage *body)
{
	static const char *const fields[] = { "pid", "netns" };

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		uint32_t v;

		if (show_u32(&v, body, fields[i]) &&
			!json_object_get(j, fields[i]) &&
			json_object_set_new(j, fields[i], json_integer(v)) < 0)
			return -1;
	}
	return 0;
}

json_t *show_table_json(
	const struct show_table *t, const Icecore__V1__Record *m, size_t i)
{
	const ProtobufCMessage *body = show_body(m);
	json_t *inner = message_json(show_table_item(t, m, i));
	json_t *j = json_object();

	if (!j || !inner || !body || (t->item && inherit(inner, body) < 0)) {
		json_decref(inner);
		json_decref(j);
		return NULL;
	}
	if (json_object_set_new(j, t->kind, inner) < 0) {
		json_decref(j);
		return NULL;
	}
	return j;
}
