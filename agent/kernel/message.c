// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "kernel/bpf_object.h"
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

void bpf_object_message(
	Icecore__V1__BpfObject *out, const struct bpf_object *o, unsigned asked)
{
	icecore__v1__bpf_object__init(out);
	out->has_kind = out->has_id = out->has_seen_by = out->has_asked = 1;
	out->has_type = 1;
	out->kind = (Icecore__V1__BpfObjectKind)o->kind;
	out->id = o->id;
	out->seen_by = o->views;
	out->asked = asked;
	out->type = o->type;
	out->has_name = o->name[0] != 0;
	out->name.data = (uint8_t *)(uintptr_t)o->name;
	out->name.len = strnlen(o->name, sizeof(o->name));
	out->has_tag = out->has_helpers = o->kind == BPF_OBJECT_PROG;
	out->tag.data = (uint8_t *)(uintptr_t)o->tag;
	out->tag.len = sizeof(o->tag);
	out->helpers = o->helpers;
	out->has_loaded_boot_ns = o->loaded_boot_ns != 0;
	out->loaded_boot_ns = o->loaded_boot_ns;
	out->has_uid = o->has_info;
	out->uid = o->uid;
	out->owner_pids = (uint32_t *)(uintptr_t)o->owners;
	out->n_owner_pids = o->owners_n;
	out->has_prog_id = out->has_attach_type = out->has_attach_target =
		o->kind == BPF_OBJECT_LINK;
	out->prog_id = o->prog_id;
	out->attach_type = o->attach_type;
	out->attach_target = o->attach_target;
	out->has_address = o->at != 0;
	out->address = o->at;
	out->has_max_entries = o->kind == BPF_OBJECT_MAP;
	out->max_entries = o->max_entries;
	out->has_instructions = out->has_instructions_bytes = o->code != NULL;
	out->instructions_bytes = o->code_bytes;
	out->instructions.data = o->code;
	out->instructions.len = o->code_bytes < BPF_OBJECT_KEPT_BYTES
					? o->code_bytes
					: BPF_OBJECT_KEPT_BYTES;
}
