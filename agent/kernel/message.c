// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "kernel/hook.h"
#include "kernel/message.h"

static void set_text(protobuf_c_boolean *has, ProtobufCBinaryData *ret,
	const void *text, size_t len)
{
	*has = len != 0;
	ret->data = (uint8_t *)(uintptr_t)text;
	ret->len = len;
}

static ProtobufCBinaryData text_of(const char *text)
{
	return (ProtobufCBinaryData){ strlen(text), (uint8_t *)(uintptr_t)text };
}

void kmodule_message(
	struct kmodule_message *ret, const struct kmodule *m, unsigned asked)
{
	Icecore__V1__KernelModule *out = &ret->module;

	icecore__v1__kernel_module__init(out);
	set_text(&out->has_name, &out->name, m->name, strlen(m->name));
	set_text(&out->has_state, &out->state, m->state, strlen(m->state));
	set_text(&out->has_taints, &out->taints, m->taints, strlen(m->taints));
	set_text(&out->has_srcversion, &out->srcversion, m->version,
		strlen(m->version));
	set_text(&out->has_build_id, &out->build_id, m->build_id,
		m->build_id_len);
	out->has_seen_by = out->has_asked = 1;
	out->seen_by = m->views;
	out->asked = asked;
	out->has_address = m->at != 0;
	out->address = m->at;
	out->has_bytes = m->bytes != 0;
	out->bytes = m->bytes;
	out->has_references = m->references >= 0;
	out->references = (uint32_t)m->references;
	out->parts = ret->parts_p;
	for (int i = 0; i < KMODULE_PARTS_MAX; i++) {
		Icecore__V1__KernelModulePart *part = &ret->parts[out->n_parts];

		if (!m->parts[i].start || !m->parts[i].bytes)
			continue;
		icecore__v1__kernel_module_part__init(part);
		part->has_start = part->has_bytes = 1;
		part->start = m->parts[i].start;
		part->bytes = m->parts[i].bytes;
		ret->parts_p[out->n_parts++] = part;
	}
}

void hook_message(Icecore__V1__KernelHook *out, const struct hook *h)
{
	const char *module = h->module ? h->module->name : "";

	icecore__v1__kernel_hook__init(out);
	out->place = (char *)(uintptr_t)hook_place_name(h->place);
	out->has_slot = out->has_at = out->has_target = out->has_region = 1;
	out->slot = text_of(h->slot);
	out->at = h->at;
	out->target = h->target;
	out->region = (Icecore__V1__KernelRegion)h->region;
	if (h->symbol) {
		out->has_symbol = out->has_offset = 1;
		out->symbol = text_of(h->symbol->name);
		out->offset = h->target - h->symbol->base;
		if (!*module)
			module = h->symbol->module;
	}
	out->has_module = *module != 0;
	out->module = text_of(module);
	out->has_bytes = h->bytes_len != 0;
	out->bytes = (ProtobufCBinaryData){ h->bytes_len,
		(uint8_t *)(uintptr_t)h->bytes };
	out->has_netns = h->netns != 0;
	out->netns = h->netns;
}
